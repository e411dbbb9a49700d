"""Replays `search` and `sort`: what a word or an order tells about records out of reach and about hidden values."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from crm_acceptance.engines.permissions.drafts import AMOUNT, MAIN, PARENT, RANKS
from crm_acceptance.engines.permissions.figures import told
from crm_acceptance.engines.permissions.garden import Canary
from crm_acceptance.engines.permissions.looks import WIDE, Look, found, rows_of, total_of
from crm_acceptance.engines.permissions.voices import Heard
from crm_acceptance.engines.permissions.wording import the_field, the_record, thing, who
from crm_acceptance.errors import Unsupported

WORDS = ("phone", "email", "tax_number", "company", "address")
"""Values of a foreign record that are searched for beside its name, the first two that it has."""
SPARE_ORDERS = ("number", "customer", "state")
"""Fields to sort by where a CRM sorts by neither name nor amount."""


def look_search(look: Look) -> Iterator[str]:
    """By name, by telephone, by the parent; and hidden values, which a search that knows them would tell."""
    for canary in look.inside():
        yield from found(look, canary, look.hear(**canary.draft.lookup))
    for canary in look.outside():
        for options in ({}, *_more(look, canary)):
            asked = {**canary.draft.lookup, **options}
            heard = look.hear(**asked)
            yield from look.leaks(heard)
            yield from told(look, canary, heard.outcome, total_of, "总数 total")
    if look.inside():
        yield from _guessed(look, look.inside()[0])


def _more(look: Look, canary: Canary) -> Iterator[dict[str, Any]]:
    """Further questions about the first foreign record; a row that grants nothing is asked once."""
    if look.rule.scope == "none" or canary != look.outside()[0]:
        return
    if "q" in canary.draft.lookup:
        yield from ({"q": canary.values[name]} for name in WORDS if name in canary.values)
        parent = PARENT.get(canary.object)
        if parent:
            yield {"q": canary.draft.token, "where": {parent: canary.draft.fields[parent]}}


def _guessed(look: Look, canary: Canary) -> Iterator[str]:
    """A value that the row masks or hides: asking for it must find no more than asking for a wrong one does."""
    for name in look.rule.treated("masked", "hidden"):
        value = canary.values.get(name, "")
        if value and _finds(look, canary, name, value):
            what = f"{the_record(canary.object, canary.id)} 的{the_field(name)}"
            yield (
                f"泄露 leak: {who(look.actor)}可以靠搜索或筛选猜出 {what}：用正确的值找得到，用错误的值找不到。"
                "A hidden value can be guessed by searching for it."
            )


def _finds(look: Look, canary: Canary, name: str, value: str) -> bool:
    wrong, middle = unlike(value), slice(len(value) // 3, len(value) - len(value) // 4)
    questions: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"where": {name: value}}, {"where": {name: wrong}}),
        ({"q": value}, {"q": wrong}),
    ]
    if canary.draft.token[3:] not in value:  # a part of a drawn word stands in the name, too
        questions.append(({"q": value[middle]}, {"q": wrong[middle]}))
    asked = 0
    for right, other in questions:
        try:
            heard = look.hear(**right, size=WIDE)
            asked += 1
            if _holds(heard, canary) and not _holds(look.hear(**other, size=WIDE), canary):
                return True
        except Unsupported:
            continue
    if not asked:
        raise Unsupported(f"{look.garden.system.title} 不能按{the_field(name)}搜索或筛选。It cannot be searched for.")
    return False


def _holds(heard: Heard, canary: Canary) -> bool:
    return any(row.id == canary.id for row in rows_of(heard.outcome))


def unlike(value: str) -> str:
    """A value of the same shape that nobody has."""
    swap = {char: secrets.choice("0123456789") for char in "0123456789"}
    middle = len(value) // 2
    drawn = "".join(swap.get(char, char) for char in value[middle - 2 :])
    return value[: max(0, middle - 2)] + (drawn if drawn != value[middle - 2 :] else drawn[::-1] + "7")


def look_sort(look: Look) -> Iterator[str]:
    """In every order, forwards and backwards; and hidden values, which an order by them would tell."""
    for fields in _orders(look):
        try:
            yield from _by(look, fields)
            break
        except Unsupported as no:
            lacking = no
    else:
        raise lacking
    hidden = [
        name for name in look.rule.treated("masked", "hidden") if name not in (PARENT.get(look.rule.object), "owner")
    ]
    if look.inside() and hidden:
        yield from _ordered(look, hidden)


def _by(look: Look, fields: list[str]) -> Iterator[str]:
    for canary in look.inside()[:1]:
        yield from _sorted(look, canary, fields)
    for canary in look.outside():
        for field in fields[:1]:
            heard = look.hear(sort=f"-{field}", **canary.draft.lookup)
            yield from look.leaks(heard)
            yield from told(look, canary, heard.outcome, total_of, "总数 total", {"sort": f"-{field}"})
    if look.outside():
        for order in (f"{way}{field}" for field in fields for way in ("", "-")):
            yield from look.leaks(look.hear(sort=order, size=WIDE))


def _orders(look: Look) -> Iterator[list[str]]:
    """The field that stands for the record and its amount, as far as the row shows them; where a CRM knows no order by
    these, one of them, or whatever else every list has: a row about sorting is about the scope, not about a field.
    """
    kind = look.rule.object
    treated = look.rule.treated("masked", "hidden")
    best = [one for one in dict.fromkeys((MAIN[kind], AMOUNT.get(kind, MAIN[kind]))) if one not in treated]
    yield best
    yield from ([one] for one in (*best, *SPARE_ORDERS) if [one] != best and one not in treated)


def _sorted(look: Look, canary: Canary, fields: list[str]) -> Iterator[str]:
    """The record must be in a list that is sorted. A CRM may know no order by one field, but not by none."""
    said: Heard | None = None
    for field in fields:
        heard = look.hear(sort=field, **canary.draft.lookup)
        if heard.refusal is None or heard.refusal.kind != "invalid":
            yield from found(look, canary, heard)
            return
        said = heard
    if said is not None:
        yield f"误拒 wrongly refused: {who(look.actor)}应当可以排序翻看{thing(look.rule.object)}，但是：{said.refusal}"


def _ordered(look: Look, hidden: list[str]) -> Iterator[str]:
    """Three records whose hidden values rank in an order of their own: a list in that order knows the values."""
    chorus = look.garden.chorus(look.rule.object, look.inside()[0].owner)
    ids = [member.id for member in chorus.members]
    rising = [id for _rank, id in sorted(zip(RANKS, ids, strict=True))]
    for name in hidden:
        if len({member.draft.fields.get(name) for member in chorus.members}) < len(ids):
            continue  # this CRM has no such field, or none that could be told apart
        orders = [_ids(look.hear(sort=order, **chorus.lookup), ids) for order in (name, f"-{name}")]
        if orders == [rising, rising[::-1]]:
            yield (
                f"泄露 leak: {who(look.actor)}可以按看不到的{the_field(name)}给{thing(look.rule.object)}排序，"
                "由顺序推出它的值。Sorting by a hidden field tells its value."
            )


def _ids(heard: Heard, ours: list[str]) -> list[str]:
    return [row.id for row in rows_of(heard.outcome) if row.id in ours]


SEARCHING: Mapping[str, Callable[[Look], Iterator[str]]] = {"search": look_search, "sort": look_sort}
