"""Looks for things in what a CRM really answered: values, lists, numbers, keys, and at which place they stand."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import quote

from crm_acceptance.systems.flow import Answer
from crm_acceptance.systems.rest.places import Reply, look
from crm_acceptance.systems.rest.templates import MISSING

_DEEPEST = 7
_TOKEN_KEY = re.compile(r"token|access|jwt|key|session|ticket|schl", re.IGNORECASE)
_ID_KEY = re.compile(r"(?:^|_|\b)(?:id|_id|uuid|guid|no|nr|number|code|key|pk|rid|oid)$|Id$|ID$|编号", re.IGNORECASE)


def body_of(answer: Answer | None) -> Any:
    """The JSON of an answer; MISSING when there is none."""
    return Reply(answer, {}).body if answer is not None else MISSING


def whole_id(places: Sequence[str], row: Any) -> Any:
    """A record's id in its row; of a composite one all parts, as Crm.id_in joins them. MISSING without one."""
    parts = [look(row, place) for place in places]
    if any(part is MISSING or part is None for part in parts):
        return MISSING
    return parts[0] if len(parts) == 1 else ",".join(quote(str(part), safe="") for part in parts)


def is_page(answer: Answer) -> bool:
    """Whether an HTML page came instead of an answer."""
    return Reply(answer, {}).is_page


def at(answer: Answer, place: str) -> Any:
    """What stands at a place of the mapping in the answer; MISSING when nothing does."""
    return Reply(answer, {}).at(place)


def places(value: Any, above: str = "", depth: int = 0) -> Iterator[tuple[str, Any]]:
    """Every place in a JSON value with what stands there, containers too; of long lists the first few items."""
    if depth > _DEEPEST:
        return
    pairs: Iterator[tuple[Any, Any]] = iter(())
    if isinstance(value, Mapping):
        pairs = iter(value.items())
    elif isinstance(value, list):
        pairs = iter(enumerate(value[:20]))
    for key, inside in pairs:
        place = f"{above}.{key}" if above else str(key)
        yield place, inside
        yield from places(inside, place, depth + 1)


def same(raw: Any, wanted: Any) -> bool:
    """Whether both say the same, numbers by their value: "12.50" and 12.5."""
    if raw is MISSING or raw is None or isinstance(raw, Mapping | list):
        return False
    if str(raw) == str(wanted):
        return True
    one, other = number(raw), number(wanted)
    return one is not None and one == other


def number(value: Any) -> Decimal | None:
    """The value as a number, if it is one or is written like one."""
    if isinstance(value, bool) or value is None:
        return None
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def find_value(body: Any, wanted: Any) -> list[str]:
    """The places where exactly that value stands, the highest first."""
    return sorted((place for place, value in places(body) if same(value, wanted)), key=lambda one: one.count("."))


def find_lists(body: Any, holding: str = "") -> list[str]:
    """The places of lists of tables; with `holding` those in which that value stands. "" is the whole answer."""
    everything = [("", body), *places(body)]
    return [
        place
        for place, value in everything
        if isinstance(value, list)
        and any(isinstance(one, Mapping) for one in value)
        and (not holding or any(find_value(one, holding) for one in value))
    ]


def find_tables(body: Any, keys: list[str]) -> list[str]:
    """The places of tables that hold most of these dotted keys, the best first; "" is the whole answer."""
    scored = [
        (sum(look(value, key) is not MISSING for key in keys), -place.count("."), place)
        for place, value in [("", body), *places(body)]
        if isinstance(value, Mapping)
    ]
    return [place for score, _, place in sorted(scored, reverse=True) if score > 0]


def find_tokens(body: Any) -> list[str]:
    """The places that look like a login's token, the likeliest first."""
    texts = [(place, value) for place, value in places(body) if isinstance(value, str) and len(value) >= 6]
    named = [place for place, value in texts if _TOKEN_KEY.search(place.rpartition(".")[2])]
    jwts = [place for place, value in texts if value.count(".") == 2 and value.startswith("ey")]
    long = [place for place, value in texts if len(value) >= 20 and " " not in value]
    return list(dict.fromkeys([*jwts, *(p for p in named if p in long), *named, *long]))


def find_ids(record: Any) -> list[str]:
    """The places in a record that look like its id: short values under names like id, uuid, no."""
    return [
        place
        for place, value in places(record)
        if isinstance(value, str | int) and not isinstance(value, bool) and _ID_KEY.search(place)
    ]


def find_totals(body: Any, headers: Mapping[str, str], wanted: int) -> list[str]:
    """The places, headers among them, where exactly that number stands."""
    found = [place for place in find_value(body, wanted)]
    named = [f"header:{name}" for name, value in headers.items() if re.search(rf"(?:^|/){wanted}$", value)]
    return found + named


def keys_near(asked: str, value: Any) -> str:
    """The place in the value most like the asked one; "" when none is."""
    known = [place for place, inside in places(value) if not isinstance(inside, Mapping | list)]
    found = difflib.get_close_matches(asked, known, n=1, cutoff=0.6)
    if found:
        return found[0]
    last = {place.rpartition(".")[2]: place for place in known}
    near = difflib.get_close_matches(asked.rpartition(".")[2], list(last), n=1, cutoff=0.6)
    return last[near[0]] if near else ""


def words(text: str) -> list[str]:
    """The names in an error message: its words, and what stands in quotes."""
    return re.findall(r"[\w\-\u4e00-\u9fff]+", text)


def shown(value: Any) -> str:
    """The value for a sentence, shortened."""
    return "（没有 nothing）" if value is MISSING else repr(value)[:60]


def keys(value: Any) -> str:
    """The keys of a table for a sentence."""
    if isinstance(value, Mapping):
        return ", ".join(map(str, list(value)[:14])) + (" …" if len(value) > 14 else "")
    return f"列表 list[{len(value)}]" if isinstance(value, list) else shown(value)
