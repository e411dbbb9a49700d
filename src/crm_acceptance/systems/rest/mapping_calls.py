"""One call or several steps of a mapping file -> CallSpec. What the calls mean together is looked at in checks_*.py."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crm_acceptance.errors import REFUSALS
from crm_acceptance.systems.rest.checks import Reading
from crm_acceptance.systems.rest.shape import CallSpec

KEYS: Mapping[str, str] = {
    "call": "text", "params": "table", "headers": "text table", "body": "any", "form": "table",
    "files": "text table", "record": "text", "rows": "text", "total": "text", "value": "text", "file": "flag",
    "then": "text", "yields": "text", "expect": "any", "empty": "text", "save": "text table", "do": "text",
    "id": "text", "fields": "table", "options": "table", "steps": "list", "result": "table",
}  # fmt: skip
THEN = ("", "read")
LIST = "list"
"""`count = "list"`: the total that the list gives, asked for with one row."""


def calls(reading: Reading, where: str, raw: Any) -> dict[str, CallSpec]:
    """A table of calls by verb."""
    if not isinstance(raw, dict):
        reading.wrong(where, "这里应当是表，每个操作一行（must be a table of calls）。")
        return {}
    return {verb: call(reading, f"{where}.{verb}", value) for verb, value in raw.items()}


def call(reading: Reading, where: str, raw: Any) -> CallSpec:
    """One call: a table, or "METHOD /path" alone. A wrong one is written down and comes back as far as it goes."""
    if isinstance(raw, str):
        return CallSpec(where=where, call=raw)
    table = reading.table(where, raw, KEYS)
    steps = tuple(call(reading, f"{where}.steps.{number}", one) for number, one in enumerate(table.pop("steps", ())))
    expect = _statuses(reading, f"{where}.expect", table.pop("expect", []))
    _check_words(reading, where, table)
    return CallSpec(where=where, steps=steps, expect=expect, **table)


def _statuses(reading: Reading, where: str, raw: Any) -> tuple[int, ...]:
    wanted = raw if isinstance(raw, list) else [raw]
    if all(isinstance(one, int) and not isinstance(one, bool) and 100 <= one <= 599 for one in wanted):
        return tuple(wanted)
    reading.wrong(where, "应当是 HTTP 状态码，如 [200, 201]（must be HTTP statuses）。")
    return ()


def _check_words(reading: Reading, where: str, table: Mapping[str, Any]) -> None:
    reading.one_of(f"{where}.then", "then 的取值", table.get("then", ""), THEN)
    if table.get("empty"):
        reading.one_of(f"{where}.empty", "拒绝的种类 kind of refusal", table["empty"], REFUSALS)
