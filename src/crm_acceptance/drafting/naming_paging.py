"""Which parameters of a list page, search, sort and filter it; by their names in the document. It reads no answer."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache

from crm_acceptance.drafting.naming import words
from crm_acceptance.drafting.operations import Operation
from crm_acceptance.drafting.words import NAMES

PAGE = NAMES["page"]
SIZE = NAMES["size"]
OFFSET = NAMES["offset"]
CURSOR = NAMES["cursor"]
SEARCH = NAMES["search"]
SORT = NAMES["sort"]
DIRECTION = NAMES["direction"]
FILTER = NAMES["filter"]


@cache
def plain(name: str) -> str:
    """ "page[number]" -> "pagenumber", "$top" -> "top"."""
    return "".join(words(name))


def first(names: Iterable[str], listed: Sequence[str]) -> str:
    """The name that stands first in a list of such names, "" for none."""
    known = [name for name in names if plain(name) in listed]
    return min(known, key=lambda name: listed.index(plain(name)), default="")


def paging_names(operation: Operation) -> frozenset[str]:
    """Parameters that are not fixed by a call: paging, searching, sorting and filtering fill them."""
    listed = {*PAGE, *SIZE, *OFFSET, *CURSOR, *SEARCH, *SORT, *DIRECTION, *FILTER}
    return frozenset(name for name in operation.query if plain(name) in listed)
