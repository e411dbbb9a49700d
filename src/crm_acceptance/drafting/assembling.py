"""Puts a draft together: objects, what all of them share, login, paging, errors. Each guess is made elsewhere."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from crm_acceptance.drafting import auth, lists, refusals, screens, walked
from crm_acceptance.drafting.calls import Prefix
from crm_acceptance.drafting.document import Document, rows, table, text
from crm_acceptance.drafting.drafts import CallDraft, Draft, Entry, FieldDraft, ObjectDraft, Section
from crm_acceptance.drafting.followups import followups, with_download
from crm_acceptance.drafting.objects import object_draft, plausible, title_of
from crm_acceptance.drafting.operations import Operation, operations
from crm_acceptance.drafting.people import people
from crm_acceptance.drafting.resources import Thing, chosen, leftover, things
from crm_acceptance.drafting.routes import SESSION, Route, route
from crm_acceptance.drafting.schemas import Schemas
from crm_acceptance.drafting.screens import Pages
from crm_acceptance.drafting.walk import Walk
from crm_acceptance.drafting.words import CORE
from crm_acceptance.drafting.writing import value
from crm_acceptance.systems.rest.canonical import COMMON, field_named, object_named

OFFERED = 12
"""How many things that are no canonical object are offered at most."""


def drafted(document: Document, title: str, walk: Walk | None = None) -> Draft:
    """The draft of a document, with what a walk showed of its forms and pages."""
    schemas = Schemas(document)
    listed = operations(document, schemas)
    if walk is None:
        return of_operations(document, schemas, listed, title)
    return with_screens(of_operations(document, schemas, walked.told(listed, walk), title, screens.pages(walk)), walk)


def recorded(walk: Walk, title: str) -> Draft:
    """The draft of a walk alone; a CRM whose pages call no API gets its screens only."""
    document = Document({"info": {"title": title}, "paths": {}}, "walk", "3.1.0")
    schemas = Schemas(document)
    draft = of_operations(document, schemas, walked.operations(walk), title, screens.pages(walk))
    if not draft.objects:
        named = Section("", (Entry("title", title or "CRM"),))
        lacks = ("录到的页面没有调用接口，只有 [screens] the pages call no API: [screens] only",)
        draft = replace(draft, sections=(named,), lacks=lacks)
    return with_screens(draft, walk)


def with_screens(draft: Draft, walk: Walk) -> Draft:
    """The draft with [screens] behind it."""
    seen = screens.sections(walk)
    lacks = () if seen else ("没有录到登录页，写不出 [screens] no login page was recorded: no [screens]",)
    return replace(draft, sections=(*draft.sections, *seen), lacks=(*draft.lacks, *lacks))


def of_operations(
    document: Document, schemas: Schemas, listed: list[Operation], title: str, shown: Mapping[str, Pages] | None = None
) -> Draft:
    """The draft of operations, wherever they come from."""
    routes = [route(one) for one in listed]
    found = things(one for one in routes if one.verb not in SESSION)
    picked = chosen(found)
    prefix = Prefix(_server(document)[0], _shared_prefix(picked, routes))
    drafts = {name: object_draft(schemas, picked[name], name, prefix) for name in (*CORE, "user") if name in picked}
    kept = (with_download(one, found, prefix) for one in drafts.values() if plausible(one))
    objects = tuple(_labelled(one, shown or {}) for one in kept)
    picked = {name: thing for name, thing in picked.items() if name not in drafts or plausible(drafts[name])}
    follow = followups(schemas, routes, objects, prefix)
    objects = (*objects, *([follow] if follow else []))
    rest = leftover(found, picked)
    sections = _sections(document, schemas, routes, objects, picked, rest, prefix, title)
    used = sum(len(one.calls) for one in objects)
    others = tuple(f"{one.base} ({one.crud})" for one in rest)
    lacks = tuple(_lacks(sections, objects))
    return Draft(
        tuple(sections), objects, len(listed), max(0, len(listed) - used), others, tuple(document.problems), lacks
    )


def _labelled(one: ObjectDraft, shown: Mapping[str, Pages]) -> ObjectDraft:
    """Fields with the labels that the pages have for them."""
    labels = shown[one.name].labels if one.name in shown else {}
    fields = dict(one.fields)
    for name, label in labels.items():
        if name in fields and label:
            told = fields[name].table if isinstance(fields[name].table, dict) else {"path": fields[name].table}
            fields[name] = replace(fields[name], table={**told, "label": [label]})
    return replace(one, fields=fields)


def _sections(
    document: Document, schemas: Schemas, routes: list[Route], objects: tuple[ObjectDraft, ...],
    picked: Mapping[str, Thing], rest: list[Thing], prefix: Prefix, title: str,
) -> list[Section]:  # fmt: skip
    """The file from top to bottom."""
    listings = [one.operation for name in picked if (one := picked[name].route("list"))]
    everything = [one.operation for thing in picked.values() for one in thing.all]
    fields = {field.path for one in objects for field in one.fields.values()}
    shared = _shared_calls(objects)
    query = lists.query(listings, schemas, fields)
    named = title or text(table(document.root.get("info")).get("title")) or "CRM"
    return [
        Section("", (Entry("title", named, "文档的 info.title" if not title else ""),)),
        _api(document, prefix, everything),
        auth.section(document, schemas, routes, prefix),
        people(schemas, picked.get("user"), objects, prefix),
        Section("calls", tuple(Entry(verb, _short(one.table), _why(one)) for verb, one in shared.items())),
        *(section for one in objects for section in _object(one, shared, {each.name for each in objects}, query)),
        *(_offer(schemas, thing, prefix) for thing in rest[:OFFERED]),
        lists.paging(listings, schemas, fields),
        query,
        *refusals.section(everything, schemas),
    ]


def _api(document: Document, prefix: Prefix, everything: list[Operation]) -> Section:
    why = f"{_server(document)[1]}；站点地址里已有的部分请去掉 without what the site's URL already holds"
    entries = [Entry("prefix", f"{prefix.server}{prefix.shared}", why)]
    media = "application/vnd.api+json"
    if sum(one.body_type == media for one in everything) * 2 > sum(bool(one.body_type) for one in everything):
        entries.append(Entry("headers", {"Content-Type": media, "Accept": media}, "JSON:API"))
    return Section("api", tuple(entries))


def _server(document: Document) -> tuple[str, str]:
    """The path of the API on its host, by servers or basePath."""
    servers = rows(document.root.get("servers"))
    first = table(servers[0]) if servers else {}
    address = text(first.get("url")) or text(document.root.get("basePath"))
    for name, told in table(first.get("variables")).items():
        address = address.replace("{" + str(name) + "}", str(table(told).get("default", "")))
    if "{" in address and "://" not in address:
        address = re.sub(r"^\{[^}]*\}", "", address)
    path = urlsplit(address).path.rstrip("/")
    why = (
        "servers"
        if servers
        else "basePath"
        if document.root.get("basePath")
        else "各接口的共同前缀 what all paths share"
    )
    return ("/" + path.strip("/") if path.strip("/") else "", why)


def _shared_prefix(picked: Mapping[str, Thing], routes: list[Route]) -> str:
    """The path that all calls of the draft begin with, without any object's own part."""
    used = [one.operation.path for thing in picked.values() for one in thing.all]
    split = [[part for part in path.split("/") if part][:-1] for path in used]
    bases = [[part for part in thing.base.split("/") if part][:-1] for thing in picked.values()]
    shared: list[str] = []
    for parts in zip(*split, *bases, strict=False):
        if len(set(parts)) > 1 or parts[0].startswith(("{", ":")):
            break
        shared.append(parts[0])
    return "/" + "/".join(shared) if shared else ""


def _shared_calls(objects: tuple[ObjectDraft, ...]) -> dict[str, CallDraft]:
    """For each common verb the call that most objects have; a single object has its own."""
    shared: dict[str, CallDraft] = {}
    for verb in COMMON:
        known = [one.calls[verb] for one in objects if verb in one.calls]
        counted = Counter(_spelt(one.table) for one in known)
        if counted and counted.most_common(1)[0][1] >= 2:
            spelt = counted.most_common(1)[0][0]
            shared[verb] = next(one for one in known if _spelt(one.table) == spelt)
    return shared


def _spelt(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, sort_keys=True)


def _object(one: ObjectDraft, shared: Mapping[str, CallDraft], mapped: set[str], query: Section) -> Iterator[Section]:
    """[objects.x] and its tables."""
    header = f"objects.{one.name}"
    own = {
        verb: call
        for verb, call in one.calls.items()
        if verb not in shared or _spelt(shared[verb].table) != _spelt(call.table)
    }
    known = object_named(one.name).verbs
    without = [verb for verb in shared if verb not in one.calls and verb in known and one.path]
    entries = [Entry("path", one.path, f"{one.why}（把握 {one.sure:.0%}）")] if one.path else []
    if one.id != ("id",):
        entries.append(Entry("id", one.id[0] if len(one.id) == 1 else list(one.id), "编号 the id of a record"))
    entries.append(Entry("title", one.title))
    required = [name for name, field in one.fields.items() if field.required]
    if required:
        entries.append(Entry("required", required, "文档的 required"))
    if any(entry.key == "json" for entry in query.entries):
        named = [name for name in ("name", "title", "phone", "email", "number") if name in one.fields]
        entries.append(Entry("search", named, "搜索这些字段 fields that a search looks at"))
    if without:
        entries.append(Entry("without", without, "文档里没有 not in the document"))
    yield Section(header, tuple(entries))
    fields = tuple(
        Entry(
            field.name,
            _referred(one.name, field, mapped),
            f"{field.why}（{field.sure:.0%}）",
            todo=_frame(one.name, field),
        )
        for field in one.fields.values()
    )
    yield Section(f"{header}.fields", fields or _unfilled(one.name))
    if own:
        yield Section(
            f"{header}.calls", tuple(Entry(verb, _short(call.table), _why(call)) for verb, call in own.items())
        )
    if one.moves:
        why = "没有单独的接口，改状态 no call of its own: a change of state"
        yield Section(f"{header}.moves", tuple(Entry(verb, dict(move), why) for verb, move in one.moves.items()))


def _unfilled(object: str) -> tuple[Entry, ...]:
    """What there is to fill in when the document shows no field at all."""
    why = "文档没有写字段，填上 CRM 的名字 the document shows no fields: write the CRM's own names"
    return tuple(Entry(name, name, why, off=True) for name in object_named(object).fields)


def _frame(object: str, field: FieldDraft) -> str:
    """A choice whose values the document does not tell: the line as it should be, to be filled in."""
    known = field_named(object, field.name)
    if known.type != "choice" or field.choices:
        return ""
    told = field.table if isinstance(field.table, dict) else {"path": field.table}
    return f"{field.name} = {value({**told, 'choices': dict.fromkeys(known.choices, '?')})}"


def _referred(object: str, field: FieldDraft, mapped: set[str]) -> Any:
    """A reference to an object that was not found is a plain text until somebody adds the object."""
    known = field_named(object, field.name)
    if known.type != "ref" or known.object in mapped:
        return field.table
    told = field.table if isinstance(field.table, dict) else {"path": field.table}
    return {**told, "type": "text"}


def _why(call: CallDraft) -> str:
    return call.why + ("" if call.sure else "；应答的样子文档没有写 the document does not show the answer")


def _short(told: Mapping[str, Any]) -> Any:
    """A call alone is written as a text."""
    return told["call"] if set(told) == {"call"} else dict(told)


def _offer(schemas: Schemas, thing: Thing, prefix: Prefix) -> Section:
    name = f"x_{title_of(thing)}"
    draft = object_draft(schemas, thing, name, prefix)
    said = (f"未识别，有 {thing.crud} 种日常操作；需要时去掉 # not recognised: take the # away if you need it",)
    entries = [Entry("path", draft.path), Entry("id", draft.id[0])]
    entries += [Entry(f"calls.{verb}", _short(call.table)) for verb, call in draft.calls.items() if verb in COMMON]
    return Section(f"objects.{name}", tuple(entries), said, off=True)


def _lacks(sections: list[Section], objects: tuple[ObjectDraft, ...]) -> Iterator[str]:
    """What nobody could guess and somebody has to write."""
    by_header = {one.header: {entry.key: entry.value for entry in one.entries} for one in sections}
    if by_header["auth"].get("kind") == "none":
        yield "[auth] 没有找到登录方式 no way of signing in was found"
    if by_header["paging"].get("kind") == "none":
        yield "[paging] 没有找到分页参数 no paging parameters were found"
    for one in objects:
        if one.missing:
            yield f"[objects.{one.name}] 缺 lacks: {', '.join(one.missing)}"
    absent = [name for name in CORE if name not in {one.name for one in objects}]
    if absent:
        yield f"没有找到 not found: {', '.join(absent)}"
