"""One page of a list as the CRM gives it: asked for, and its raw rows, total and next page read off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from crm_acceptance.errors import SiteOutOfReach
from crm_acceptance.systems.flow import Flow
from crm_acceptance.systems.rest import paging
from crm_acceptance.systems.rest.asking import ask
from crm_acceptance.systems.rest.calls import names_for, used_names
from crm_acceptance.systems.rest.crm import Visit
from crm_acceptance.systems.rest.paging import Chunk, Part
from crm_acceptance.systems.rest.places import Reply, keys_of
from crm_acceptance.systems.rest.query import Asked
from crm_acceptance.systems.rest.shape import CallSpec, PagingSpec
from crm_acceptance.systems.rest.templates import MISSING

PLACED = frozenset({"page", "offset", "size", "limit", "cursor", "from"})
"""A list call that uses one of these names places its paging by itself."""
ENVELOPES = ("items", "data", "rows", "results", "records", "list", "value", "result")


def fetcher(
    visit: Visit, spec: CallSpec, wanted: Asked, about: Mapping[str, Any], rules: PagingSpec | None = None
) -> paging.Fetch:
    """How one page of this list is fetched, as the CRM counts pages."""
    rules, placed = rules or visit.crm.mapping.paging, bool(PLACED & used_names(spec))

    def fetch(chunk: Chunk) -> Flow[Part]:
        extra, headers = ({}, {}) if placed else paging.params(rules, chunk)
        names = names_for(visit, paging.names(rules, chunk), wanted.names, about)
        asking, more = _beyond_the_end(spec, rules.kind), {**wanted.params, **extra}
        if chunk.link:
            asking, more, headers = _linked(visit, asking, chunk.link), {}, {}
        reply = yield from ask(visit, asking, names, more, headers)
        return _part(visit, spec, reply)

    return fetch


def _linked(visit: Visit, spec: CallSpec, link: str) -> CallSpec:
    """The next page by the CRM's own link, which holds its parameters already."""
    if link.startswith("?"):
        return replace(spec, call=f"{spec.call.partition('?')[0]}{escaped(link)}", params={})
    return replace(spec, call=f"GET /{escaped(visit.crm.below(link))}", params={})


def escaped(text: str) -> str:
    """A text that is no template: its braces stay braces."""
    return text.replace("{", "{{").replace("}", "}}")


def _beyond_the_end(spec: CallSpec, kind: str) -> CallSpec:
    """HTTP 416 says that the list ends before: an empty page, no refusal."""
    return replace(spec, expect=(*(spec.expect or range(200, 300)), 416)) if kind == "range" else spec


def _part(visit: Visit, spec: CallSpec, reply: Reply) -> Part:
    if reply.answer.status == 416:
        return Part((), paging.total_in(reply.at(spec.total)) if spec.total else None)
    cursor, link = paging.pointed(visit.crm.mapping.paging, reply)
    total = paging.total_in(reply.at(spec.total)) if spec.total else None
    return Part(rows_in(visit, spec, reply), total, cursor, link)


def rows_in(visit: Visit, spec: CallSpec, reply: Reply) -> list[Any]:
    """The raw rows of an answer. WrongUse names the line when there are none at that place."""
    if reply.body is MISSING and (reply.answer.body.strip() or reply.is_page):
        reply.answer.json()
        raise SiteOutOfReach(f"{reply.answer.url} 应答的不是 JSON 列表。Not a JSON list.")
    found = [] if reply.body is MISSING else reply.at(spec.rows) if spec.rows is not None else _guessed(reply.body)
    if found is None:
        return []
    if isinstance(found, Mapping) and found and all(isinstance(one, Mapping) for one in found.values()):
        return list(found.values())
    if not isinstance(found, list):
        raise visit.crm.wrong(
            f"{spec.where}.rows",
            f"应答的 {spec.rows!r} 处没有列表；应答里有 {keys_of(reply.body)}。There is no list at that place.",
        )
    return found


def _guessed(body: Any) -> Any:
    if isinstance(body, list):
        return body
    return next((body[key] for key in ENVELOPES if isinstance(body.get(key), list)), body) if body else body
