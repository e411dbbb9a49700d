"""Drafts [paging] and [query] from the parameters of the lists, all of them together. Guesses only."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from typing import Any

from crm_acceptance.drafting.cursors import Cursor, cursor, size_of
from crm_acceptance.drafting.document import rows
from crm_acceptance.drafting.drafts import Entry, Section
from crm_acceptance.drafting.naming_paging import (
    DIRECTION,
    FILTER,
    OFFSET,
    PAGE,
    SEARCH,
    SORT,
    first,
    plain,
)
from crm_acceptance.drafting.operations import Operation, Parameter
from crm_acceptance.drafting.schemas import Schemas

_BRACKET = re.compile(r"^(filters?|where)(\[[^\]]+\])?(\[[^\]]+\])?$")
_MOST = re.compile(
    r"(?i)(?:max(?:imum|imal|imo)?|up to|at most|höchstens|最大|最多|不超过|上限)\D{0,12}(\d{1,5})(?!\d)"
)
_OPERATORS = ("_eq", "$eq", "eq")


def usual(lists: Iterable[Operation], schemas: Schemas) -> dict[str, Parameter]:
    """Parameters that at least a third of the lists have, in the query or in a body."""
    counted: Counter[str] = Counter()
    known: dict[str, Parameter] = {}
    listed = list(lists)
    for one in listed:
        own = {name: found for name, found in one.query.items() if found.schema.get("type") != "boolean"}
        if one.method == "POST":
            own |= {name: Parameter(name, "body", found) for name, found in schemas.properties(one.body).items()}
        counted.update(own.keys())
        for name, found in own.items():
            known.setdefault(name, found)
    return {name: known[name] for name, count in counted.items() if count * 3 >= len(listed)}


def paging(lists: list[Operation], schemas: Schemas, fields: Collection[str]) -> Section:
    """[paging]. `fields` are the CRM's names of fields: a parameter of such a name is a filter."""
    names = usual(lists, schemas)
    found = cursor(lists, schemas, names, fields)
    entries = list(_pages(names, found is not None)) or list(_cursor(found)) or list(_link(lists))
    if not entries:
        entries = [Entry("kind", "none", "没有找到分页参数 no paging parameters found: page offset cursor link range")]
    return Section("paging", (*entries, *_size(names, entries[0].value)))


def _pages(names: dict[str, Parameter], pointed: bool) -> Iterator[Entry]:
    """By page or by offset; where answers point to the next page, a text of such a name is the cursor."""
    numbers = [name for name, one in names.items() if not (pointed and _is_text(one))]
    page, offset = first(numbers, PAGE), first(numbers, OFFSET)
    if page:
        start = names[page].schema.get("default", names[page].schema.get("minimum", 1))
        yield Entry("kind", "page", f"参数 parameter {page}")
        yield Entry("page", page)
        yield Entry("first", 0 if start == 0 else 1, "首页页码 number of the first page")
    elif offset and size_of(names):
        yield Entry("kind", "offset", f"参数 parameter {offset}")
        yield Entry("offset", offset)


def _is_text(one: Parameter) -> bool:
    """A text that is allowed to be no number: a cursor may be called "start", too."""
    return one.schema.get("type") == "string" and not str(one.fixed or "").isdigit()


def _cursor(found: Cursor | None) -> Iterator[Entry]:
    if found is not None:
        yield Entry("kind", "cursor", found.why)
        yield Entry("cursor", found.parameter)
        yield Entry("next", found.next)


def _link(lists: list[Operation]) -> Iterator[Entry]:
    if any(header.lower() == "link" for one in lists for header in one.answer_headers):
        yield Entry("kind", "link", "应答头 header Link")


def _size(names: dict[str, Parameter], paged: str) -> Iterator[Entry]:
    size = size_of(names)
    if not size or paged == "none":
        return
    yield Entry("size", size, f"参数 parameter {size}")
    most = _most(names[size])
    yield Entry(
        "largest", most or 100, "文档的上限 the document's maximum" if most else "常见的上限，请核对 a usual limit"
    )


def _most(size: Parameter) -> int:
    """The most rows a page that the document allows: maximum, or what the description says; 0 for nothing."""
    most, below = size.schema.get("maximum"), size.schema.get("exclusiveMaximum")
    said = f"{size.description} {size.schema.get('description', '')}"
    spoken = _MOST.search(said)
    told = most if isinstance(most, int) else below - 1 if isinstance(below, int) and below is not True else 0
    if isinstance(most, int) and below is True:
        told = most - 1
    told = told or (int(spoken[1]) if spoken else 0)
    return told if 1 < told <= 10_000 else 0


def query(lists: list[Operation], schemas: Schemas, fields: Iterable[str]) -> Section:
    """[query]. `fields` are the CRM's names of fields, so that a filter by plain parameters is seen."""
    names = usual(lists, schemas)
    entries: list[Entry] = []
    search = first((name for name in names if names[name].place == "query"), SEARCH)
    if search:
        entries.append(Entry("search", {search: "{q}"}, f"参数 parameter {search}"))
    entries += _where(lists, names, set(fields))
    entries += _sort(names)
    return Section("query", tuple(entries))


def _where(lists: list[Operation], names: dict[str, Parameter], fields: set[str]) -> Iterator[Entry]:
    queried = {name for one in lists for name in one.query}
    bracket = next((found for name in sorted(queried) if (found := _BRACKET.match(name)) and found.group(2)), None)
    whole = first((name for name in names if names[name].place == "query"), FILTER)
    if whole == "$filter":
        yield Entry("where", {"$filter": "{field} eq '{value}'"}, "OData")
    elif bracket is not None:
        tail = bracket.group(3) or ""
        yield Entry("where", {f"{bracket.group(1)}[{{field}}]{tail}": "{value}"}, f"参数 parameter {bracket.group()}")
    elif whole:
        yield from _by_document(whole, names[whole])
    elif len(fields & queried) >= 2:
        yield Entry(
            "where",
            {"{field}": "{value}"},
            f"参数与字段同名 named like fields: {', '.join(sorted(fields & queried)[:4])}",
        )


def _by_document(name: str, parameter: Parameter) -> Iterator[Entry]:
    """One parameter for the whole filter: as nested parameters, or as a JSON document."""
    said = parameter.said
    operator = next((one for one in _OPERATORS if one in said), "")
    if parameter.deep:
        tail = "[$eq]" if name == "filters" else f"[{operator}]" if operator else ""
        yield Entry("where", {f"{name}[{{field}}]{tail}": "{value}"}, f"参数 parameter {name} (object)")
        return
    operator = operator or "$eq"
    like = {"_eq": "_contains", "eq": "contains"}.get(operator, "$includes")
    every = {"_eq": "_and"}.get(operator, "$and")
    any_of = {"_eq": "_or"}.get(operator, "$or")
    why = f"参数 {name} 像 JSON 条件 looks like a filter in JSON"
    yield Entry("json", name, why)
    yield Entry("condition", {"{field}": {operator: "{value}"}}, why)
    yield Entry("match", {"{field}": {like: "{q}"}}, why)
    yield Entry("any", {any_of: "{conditions}"}, why)
    yield Entry("all", {every: "{conditions}"}, why)


def _sort(names: dict[str, Parameter]) -> Iterator[Entry]:
    queried = [name for name in names if names[name].place == "query"]
    inside = [name for name in names if names[name].place == "body"]
    if not first(queried, SORT) and first(inside, SORT) and not first(inside, DIRECTION[1:]):
        yield Entry(
            "sort", {first(inside, SORT): "{direction}{field}"}, "列表请求体里的 {order} what {order} of lists is"
        )
    sort = first(queried, SORT)
    if not sort:
        return
    direction = first((name for name in queried if name != sort), DIRECTION)
    said = names[sort].said
    if direction:
        yield Entry("sort", {sort: "{field}", direction: "{direction}"}, f"参数 parameters {sort}, {direction}")
        yield from _directions(names[direction])
    elif '"additionalproperties"' in said and '"asc"' in said:
        yield Entry("sort", {f"{sort}[{{field}}]": "{direction}"}, f"参数 parameter {sort}")
        yield from _words("asc", "desc", said)
    elif re.search(r",\s*\(?(asc|desc)", said):
        yield Entry("sort", {sort: "{field},{direction}"}, f"参数 parameter {sort}")
        yield from _words("asc", "desc", said)
    elif ":asc" in said or ":desc" in said:
        yield Entry("sort", {sort: "{field}:{direction}"}, f"参数 parameter {sort}")
        yield from _words("asc", "desc", said)
    elif sort == "$orderby" or re.search(r"[\w}] (asc|desc)\b", said):
        yield Entry("sort", {sort: "{field} {direction}"}, f"参数 parameter {sort}")
        yield from _words("asc", "desc", said)
    else:
        yield Entry("sort", {sort: "{direction}{field}"}, f"参数 {sort}；降序写 -field，请核对 descending is -field")


def _directions(parameter: Parameter) -> Iterator[Entry]:
    offered: list[Any] = rows(parameter.schema.get("enum"))
    down = next((one for one in offered if str(one).lower().startswith("desc")), None)
    up = next((one for one in offered if str(one).lower().startswith("asc")), None)
    if parameter.schema.get("type") == "boolean":
        flag = plain(parameter.name).endswith("asc")
        yield from _words("true" if flag else "false", "false" if flag else "true", "boolean")
    else:
        yield from _words(str(up or "asc"), str(down or "desc"), "enum" if offered else "guess")


def _words(up: str, down: str, why: str) -> Iterator[Entry]:
    yield Entry("ascending", up)
    yield Entry("descending", down, why if len(why) < 20 else "")
