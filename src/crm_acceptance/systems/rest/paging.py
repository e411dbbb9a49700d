"""Walking a list page by page, however the CRM counts its pages. What a page holds is read by whoever asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crm_acceptance.systems.flow import Flow
from crm_acceptance.systems.rest.places import Reply
from crm_acceptance.systems.rest.shape import PagingSpec
from crm_acceptance.systems.rest.templates import MISSING, fill

LONGEST = 500
"""Pages at most in one walk: a list that never ends must not hold a run for ever."""
BY_NUMBER = ("page", "offset", "range")
_NEXT = re.compile(r"<([^>]*)>\s*;[^,]*\brel\s*=\s*\"?[^\",;]*\bnext\b", re.IGNORECASE)
_TOTAL = re.compile(r"/\s*(\d+)\s*$")


@dataclass(frozen=True)
class Chunk:
    """One page as it is asked of the CRM: its number from 0, its first row, its size; where the last one pointed."""

    number: int = 0
    offset: int = 0
    size: int | None = None
    cursor: str = ""
    link: str = ""


@dataclass(frozen=True)
class Part:
    """One page as it came: raw rows, the total if it was told, where the next page is."""

    rows: Sequence[Any]
    total: int | None = None
    cursor: str = ""
    link: str = ""


Fetch = Callable[[Chunk], Flow[Part]]
Key = Callable[[Any], str]


def names(paging: PagingSpec, chunk: Chunk) -> dict[str, Any]:
    """What templates may ask of a chunk."""
    size = chunk.size
    return {
        "page": chunk.number + paging.first,
        "offset": chunk.offset,
        "size": MISSING if size is None else size,
        "limit": MISSING if size is None else size,
        "cursor": chunk.cursor or MISSING,
        "from": chunk.offset,
    }


def params(paging: PagingSpec, chunk: Chunk) -> tuple[dict[str, Any], dict[str, str]]:
    """Parameters and headers that ask for this chunk."""
    size = {} if chunk.size is None or not paging.size else {paging.size: chunk.size}
    if paging.kind in ("page", "link"):
        first = {} if paging.kind == "link" or not paging.page else {paging.page: chunk.number + paging.first}
        return {**first, **size}, {}
    if paging.kind == "offset":
        return {paging.offset: chunk.offset, **size}, {}
    if paging.kind == "cursor":
        return {**({paging.cursor: chunk.cursor} if chunk.cursor else {}), **size}, {}
    if paging.kind == "range" and chunk.size is not None:
        known = {"from": chunk.offset, "to": chunk.offset + chunk.size - 1, "size": chunk.size}
        return {}, {"Range": str(fill(paging.range, lambda name: known.get(name, MISSING)))}
    return {}, {}


def pointed(paging: PagingSpec, reply: Reply) -> tuple[str, str]:
    """(cursor, link) of the next page, as the answer tells it."""
    told = reply.at(paging.next) if paging.next else MISSING
    if paging.kind == "link" and told is MISSING:
        found = _NEXT.search(reply.answer.headers.get("link", ""))
        told = found.group(1) if found else MISSING
    if told in (MISSING, None, "", False):
        return "", ""
    text = str(told)
    if paging.kind == "link" or text.startswith(("http://", "https://", "/", "?")):
        return "", text
    return text, ""


def total_in(told: Any) -> int | None:
    """A total as it is told: 57, "57", "items 0-19/57", a list with one entry. None when it is none."""
    if isinstance(told, bool) or told is MISSING or told is None:
        return None
    found = _TOTAL.search(str(told))
    text = found.group(1) if found else str(told).strip()
    return int(text) if text.isdigit() else None


def rows(paging: PagingSpec, fetch: Fetch, key: Key, page: int, size: int | None) -> Flow[Part]:
    """The rows of the canonical page `page` (from 1) of `size`, never more, never one twice; total only if told."""
    if paging.kind == "none":
        part = yield from fetch(Chunk(size=size))
        start = (page - 1) * (size or 0)
        kept = part.rows[start : start + size] if size else part.rows
        return Part(kept, len(part.rows) if part.total is None else part.total)
    if size is None:
        return (yield from fetch(Chunk(size=paging.largest)))
    chunk = min(size, paging.largest)
    if paging.kind in BY_NUMBER:
        return (yield from _by_number(fetch, key, (page - 1) * size, size, chunk))
    return (yield from _by_pointer(fetch, key, (page - 1) * size, size, chunk))


def _by_number(fetch: Fetch, key: Key, start: int, size: int, chunk: int, asked: int = 0) -> Flow[Part]:
    """Pages that can be asked for directly; a CRM that gives smaller ones than asked for is asked in its own size."""
    got: list[Any] = []
    total: int | None = None
    first, skip = start // chunk, start % chunk
    for number in range(first, first + LONGEST):
        part = yield from fetch(Chunk(number, number * chunk, chunk))
        total = part.total if part.total is not None else total
        if len(part.rows) > chunk:
            return (yield from _unasked(fetch, key, part, start, size))
        if not asked and _is_cut(part, total, number * chunk, chunk):
            smaller = yield from _by_number(fetch, key, start, size, len(part.rows), chunk)
            if len(smaller.rows) == size or start + len(smaller.rows) == total:
                return smaller
        if got and same(key, part.rows, got[-len(part.rows) :]):
            break
        got += part.rows
        if len(got) >= skip + size or len(part.rows) < chunk:
            break
    return Part(got[skip : skip + size], total)


def _is_cut(part: Part, total: int | None, offset: int, chunk: int) -> bool:
    """Whether the CRM gave fewer rows than there must be on such a page: it has a largest page of its own."""
    if total is None or not part.rows or len(part.rows) == chunk:
        return False
    return len(part.rows) != total - offset


def same(key: Key, some: Sequence[Any], others: Sequence[Any]) -> bool:
    """Whether two pages are one and the same: the CRM has not turned the page."""
    return bool(some) and [key(row) for row in some] == [key(row) for row in others]


def _unasked(fetch: Fetch, key: Key, part: Part, start: int, size: int) -> Flow[Part]:
    """The CRM gives more rows than asked for: it ignores the size, perhaps the page. Walks until nothing is new."""
    if start == 0:
        return replace(part, rows=part.rows[:size])
    seen: dict[str, Any] = {}
    for number in range(LONGEST):
        some = yield from fetch(Chunk(number, len(seen), size))
        fresh = {key(row): row for row in some.rows if key(row) not in seen}
        seen |= fresh
        if not fresh or len(seen) >= start + size:
            break
    return Part(list(seen.values())[start : start + size], part.total)


def _by_pointer(fetch: Fetch, key: Key, start: int, size: int, chunk: int) -> Flow[Part]:
    """Pages that only the page before points to: walked from the first one."""
    got: list[Any] = []
    pointers: set[str] = set()
    at, total = Chunk(size=chunk), None
    for _ in range(LONGEST):
        part = yield from fetch(at)
        total = part.total if part.total is not None else total
        if got and same(key, part.rows, got[-len(part.rows) :]):
            break
        got += part.rows
        pointer = part.cursor or part.link
        if not pointer or pointer in pointers or not part.rows or len(got) >= start + size:
            break
        pointers.add(pointer)
        at = Chunk(at.number + 1, len(got), chunk, part.cursor, part.link)
    return Part(got[start : start + size], total)
