"""Seeds rules.toml: workflows that refuse a request or follow a stored record, node by node as drawn by hand."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crm_acceptance.systems.nocobase.seed_collections import COLLECTIONS
from crm_acceptance.systems.nocobase.wire import Wire

TABLE: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("rules.toml").read_text("utf-8"))
MODES = {"create": 1, "update": 2}
FAILED = -1
ON_FALSE = 0
STEP = re.compile(r"\{\{?([a-z]+)(\.[a-z]+)?\}\}?")


def seed_rules(wire: Wire) -> None:
    """Every rule as a workflow of its own, switched on."""
    for rule in (*_owners(), *TABLE["refuse"], *TABLE["after"]):
        _rule(wire, rule)


def _owners() -> Iterator[dict[str, Any]]:
    """Whoever enters a record is responsible for it, unless it says who is."""
    for collection, row in COLLECTIONS.items():
        kept = {"where": {"id": "{{$context.data.id}}"}, "values": {"owner_id": "{{$context.data.createdById}}"}}
        steps = [{"name": "kept", "set": collection, **kept}]
        nobody = {"owner_id": {"$empty": True}}
        title = f"{row['title']}的负责人"
        yield {"title": title, "on": collection, "when": "create", "condition": nobody, "steps": steps}


def _rule(wire: Wire, rule: Mapping[str, Any]) -> None:
    refusing = "message" in rule
    kind = "request-interception" if refusing else "collection"
    row = {"title": rule["title"], "type": kind, "sync": True, "config": _trigger(rule)}
    workflow = wire.create("workflows", row)["id"]
    keys: dict[str, str] = {}
    last: int | None = None
    for step in rule["steps"]:
        node = _node(wire, workflow, last, step["name"], *_step(step, keys))
        keys[step["name"]], last = node["key"], node["id"]
    if refusing:
        _refusal(wire, workflow, last, rule, keys)
    wire.call("workflows:update", {"enabled": True}, filterByTk=str(workflow))


def _trigger(rule: Mapping[str, Any]) -> dict[str, Any]:
    if "message" in rule:
        return {"collection": rule["on"], "global": True, "actions": rule["actions"]}
    made = {"collection": rule["on"], "mode": MODES[rule["when"]]}
    return made | {name: rule[name] for name in ("changed", "condition", "appends") if name in rule}


def _node(
    wire: Wire,
    workflow: int,
    after: int | None,
    title: str,
    kind: str,
    config: dict[str, Any],
    branch: int | None = None,
) -> Any:
    row = {"type": kind, "title": title, "config": config, "upstreamId": after, "branchIndex": branch}
    return wire.call(f"workflows/{workflow}/nodes:create", row)


def _step(step: Mapping[str, Any], keys: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
    where = _filled(step.get("where", {}), keys)
    if "count" in step:
        params = {"field": "id", "filter": where}
        return "aggregate", {"aggregator": "count", "collection": step["count"], "associated": False, "params": params}
    if "sum" in step:
        collection, field = step["sum"].split(".")
        params = {"field": field, "filter": where}
        return "aggregate", {"aggregator": "sum", "collection": collection, "associated": False, "params": params}
    if "script" in step:
        arguments = [{"name": name, "value": value} for name, value in step["arguments"].items()]
        return "script", {"content": TABLE["scripts"][step["script"]], "arguments": arguments, "timeout": 5000}
    params = {"individualHooks": True, "filter": where, "values": _filled(step["values"], keys)}
    return "update", {"collection": step["set"], "params": params}


def _refusal(wire: Wire, workflow: int, last: int | None, rule: Mapping[str, Any], keys: Mapping[str, str]) -> None:
    condition = _node(wire, workflow, last, "允许吗", "condition", _filled(_allowed(rule), keys))["id"]
    said = _node(wire, workflow, condition, "说明", "response-message", {"message": rule["message"]}, ON_FALSE)["id"]
    _node(wire, workflow, said, "拒绝", "end", {"endStatus": FAILED})


def _allowed(rule: Mapping[str, Any]) -> dict[str, Any]:
    if "unless" in rule:
        return {"rejectOnFalse": False, "engine": "math.js", "expression": rule["unless"]}
    either = [{"calculator": name, "operands": operands} for name, *operands in rule["either"]]
    calculation = {"group": {"type": "or", "calculations": either}}
    return {"rejectOnFalse": False, "engine": "basic", "calculation": calculation}


def _filled(part: Any, keys: Mapping[str, str]) -> Any:
    """`part` with {name} and {{name.field}} replaced by where NocoBase keeps that step's result."""

    def place(found: re.Match[str]) -> str:
        name, field = found[1], found[2] or ""
        return f"{{{{$jobsMapByNodeKey.{keys[name]}{field}}}}}" if name in keys else found[0]

    return json.loads(STEP.sub(place, json.dumps(part, ensure_ascii=False)))
