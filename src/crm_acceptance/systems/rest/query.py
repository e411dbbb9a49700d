"""What a list is asked for: search, conditions, order, as parameters or one JSON document; or why it cannot be."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_acceptance.errors import Unsupported
from crm_acceptance.model import Action
from crm_acceptance.systems.rest.calls import names_for, plain, used_names
from crm_acceptance.systems.rest.codec_write import bare
from crm_acceptance.systems.rest.crm import Crm, Visit, listed
from crm_acceptance.systems.rest.filters import text
from crm_acceptance.systems.rest.shape import CallSpec, FieldSpec, ObjectSpec
from crm_acceptance.systems.rest.templates import MISSING, fill

PARENT = ("parent_object", "parent_id")


@dataclass(frozen=True)
class Asked:
    """Parameters that go along, and names for calls that place them by themselves ({filter}, {order}, {q})."""

    params: Mapping[str, Any] = field(default_factory=dict)
    names: Mapping[str, Any] = field(default_factory=dict)


def asked(visit: Visit, object: ObjectSpec, spec: CallSpec, action: Action) -> Asked:
    """What this action asks of the list. Unsupported names the key of the mapping that would say it."""
    crm, used = visit.crm, used_names(spec)
    where = _where(crm, object, action, used)
    params: dict[str, Any] = {}
    names: dict[str, Any] = {f"where.{name}": value for name, (_, value) in where.items()}
    placed = [pair for name, pair in where.items() if f"where.{name}" not in used]
    placed += _always(visit, object)
    q = action.options.get("q")
    if crm.mapping.query.json:
        document = _document(crm, object, placed, None if "q" in used else q)
        names["filter"] = [] if document is MISSING and _is_list(crm) else document
        if document is not MISSING and "filter" not in used:
            params[crm.mapping.query.json] = _encoded(crm, document)
    else:
        _add(params, _conditions(crm, object, placed))
        _add(params, [_search(crm, object, q)] if q and "q" not in used else [])
    sort = action.options.get("sort")
    if sort:
        filled = _sort(crm, object, str(sort))
        names["order"] = next(iter(filled.values()), MISSING)
        _add(params, [] if "order" in used else [filled])
    return Asked(params, names)


def _where(crm: Crm, object: ObjectSpec, action: Action, used: frozenset[str]) -> dict[str, tuple[str, Any]]:
    """Canonical name -> (the CRM's name, its value) of every condition."""
    given = dict(action.options.get("where") or {})
    if action.options.get("pool") and "pool" not in used:
        given |= _pool(crm, object)
    return {
        name: _condition(crm, object, name, value, f"where.{name}" in used)
        for name, value in given.items()
        if name not in PARENT or name in object.fields
    }


def _pool(crm: Crm, object: ObjectSpec) -> dict[str, str]:
    state = object.fields.get("state")
    if state is None or (state.choices and "pool" not in state.choices):
        raise Unsupported(
            f"{crm.mapping.title} 的映射没有公海：给 [{object.where}.fields] 的 state 写 choices 里的 pool，"
            f"或在 list 的 params 里用 {{pool}}。The mapping does not say how the public pool is listed."
        )
    return {"state": "pool"}


def _condition(crm: Crm, object: ObjectSpec, name: str, value: Any, placed: bool) -> tuple[str, Any]:
    spec = object.fields.get(name)
    if spec is None and placed:
        return name, value
    if spec is None or not (spec.query or placed):
        raise Unsupported(
            f"{crm.mapping.title} 的 {object.name} 不能按 {name} 筛选：[{object.where}.fields] 的 {name} 要有 query。"
            f"The mapping cannot filter by {name}; known: {listed(object.fields)}."
        )
    if not placed and not _can_filter(crm):
        raise Unsupported(
            f"{crm.mapping.title} 的映射没有筛选方式：[query] where 或 json + condition。"
            "The mapping has no [query] where, nor json and condition."
        )
    return spec.query, bare(crm, spec, value)


def _can_filter(crm: Crm) -> bool:
    query = crm.mapping.query
    return bool(query.condition is not None if query.json else query.where)


def _always(visit: Visit, object: ObjectSpec) -> list[tuple[str, Any]]:
    """The object's own conditions, [objects.x] only."""
    filled = fill(object.only, names_for(visit))
    if filled and not _can_filter(visit.crm):
        raise visit.crm.wrong(
            f"{object.where}.only", "没有 [query] where 或 condition，only 用不上。[query] is missing."
        )
    return list(filled.items())


def _conditions(crm: Crm, object: ObjectSpec, pairs: list[tuple[str, Any]]) -> Iterator[dict[str, Any]]:
    for name, value in pairs:
        if value is None:
            raise Unsupported(f"{crm.mapping.title}：不能按空的 {name} 筛选。It cannot be filtered by an empty {name}.")
        said = text(value)
        yield filled(crm.mapping.query.where, field=name, value=said, path=object.path)


def _search(crm: Crm, object: ObjectSpec, q: Any) -> dict[str, Any]:
    filled: dict[str, Any] = fill(crm.mapping.query.search, lambda name: q if name == "q" else MISSING)
    if not filled:
        raise Unsupported(f"{crm.mapping.title} 的映射没有搜索方式：[query] search。The mapping has no [query] search.")
    return filled


def _sort(crm: Crm, object: ObjectSpec, sort: str) -> dict[str, Any]:
    query, name = crm.mapping.query, sort.lstrip("-")
    spec = object.fields.get(name)
    if spec is None or not spec.query or not query.sort:
        raise Unsupported(
            f"{crm.mapping.title} 的 {object.name} 不能按 {name} 排序：要有 [query] sort 和字段 {name} 的 query。"
            f"The mapping cannot sort by {name}."
        )
    known = {"field": spec.query, "direction": query.descending if sort.startswith("-") else query.ascending}
    filled: dict[str, Any] = fill(query.sort, lambda key: known.get(key, MISSING))
    return filled


def _document(crm: Crm, object: ObjectSpec, pairs: list[tuple[str, Any]], q: Any) -> Any:
    query = crm.mapping.query
    parts = [filled(query.condition, field=name, value=value) for name, value in pairs]
    if q:
        parts.append(_matches(crm, object, q))
    parts = [part for part in parts if part is not MISSING]
    if query.all is None:
        return _merged(parts)
    if not parts and not _is_list(crm):
        return MISSING
    return filled(query.all, conditions=parts)


def _matches(crm: Crm, object: ObjectSpec, q: Any) -> Any:
    """The search in each searched field, joined by `any`."""
    query = crm.mapping.query
    fields = [object.fields[name].query if name in object.fields else name for name in object.search]
    if query.match is None or not fields:
        raise Unsupported(
            f"{crm.mapping.title} 的 {object.name} 不能搜索：[query] match 和 [{object.where}] search。"
            f"The mapping cannot search {object.name}."
        )
    found = [filled(query.match, field=name, q=q) for name in fields]
    return found[0] if len(found) == 1 or query.any is None else filled(query.any, conditions=found)


def _merged(parts: list[Any]) -> Any:
    """Several conditions in one table as long as they do not meet; else a list, which means: all of them."""
    if not parts:
        return MISSING
    tables = all(isinstance(part, Mapping) for part in parts)
    if tables and len({key for part in parts for key in part}) == sum(map(len, parts)):
        return {key: value for part in parts for key, value in part.items()}
    return parts


def _is_list(crm: Crm) -> bool:
    return bool(crm.mapping.query.all == "{conditions}")


def filled(template: Any, **names: Any) -> Any:
    """The template with exactly these names; MISSING without a template."""
    return MISSING if template is None else fill(template, lambda name: names.get(name, MISSING))


def _encoded(crm: Crm, document: Any) -> str:
    written = (
        document
        if isinstance(document, str)
        else json.dumps(plain(document), ensure_ascii=False, separators=(",", ":"))
    )
    if crm.mapping.query.encode == "base64url":
        return base64.urlsafe_b64encode(written.encode()).decode().rstrip("=")
    return written


def _add(params: dict[str, Any], more: Any) -> None:
    """One table of parameters after another; a name that comes again is sent again."""
    for table in more:
        for name, value in table.items():
            held = params.get(name, MISSING)
            params[name] = value if held is MISSING else [*(held if isinstance(held, list) else [held]), value]


def fields_by_name(object: ObjectSpec) -> Mapping[str, FieldSpec]:
    """The object's fields by everything that a file's heading may call them: name, label, path, write."""
    named = {name: spec for name, spec in object.fields.items()}
    for spec in object.fields.values():
        for word in (*spec.label, spec.path, spec.write):
            named.setdefault(word, spec) if word else None
    return named
