"""Replays looking at one record's history: it tells old and new values, which are as secret as the record's own."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace

from crm_acceptance.engines.permissions.garden import Canary
from crm_acceptance.engines.permissions.looks import Look, refused_sentence, rows_of
from crm_acceptance.engines.permissions.searching import unlike
from crm_acceptance.errors import Unproven, Unsupported
from crm_acceptance.model import Action, Person

CHANGED = ("phone", "tax_number")
"""Masked or hidden fields that are changed beforehand, so that the history holds an old and a new value."""


def look_audit(look: Look) -> Iterator[str]:
    """The history of one record; and of one whose masked fields have changed, where the role sees them masked."""
    for canary in (*look.inside(), *look.outside()):
        heard = look.hear(canary.id)
        yield from look.leaks(heard)
        if canary in look.inside() and not rows_of(heard.outcome):
            yield refused_sentence(look, canary, heard)
    names = _blurred(look)
    for canary in look.inside()[:1] if names else ():
        yield from _changed(look, canary.owner, names)


def _blurred(look: Look) -> tuple[str, ...]:
    """Of these fields, those that the role never sees in plain."""
    rules = (look.staff.matrix.find(look.rule.role, name, look.rule.object) for name in ("read", "audit"))
    hidden = {name for rule in rules if rule is not None for name in rule.treated("masked", "hidden")}
    return tuple(name for name in CHANGED if name in hidden)


def _changed(look: Look, owner: Person, names: tuple[str, ...]) -> Iterator[str]:
    with suppress(Unproven, Unsupported):  # nobody may change it: then no history holds two values
        target = look.garden.victim(
            look.rule.object, owner, "history", lambda: look.garden.spare(look.rule.object, owner)
        )
        new = {name: unlike(target.values[name]) for name in names if name in target.values}
        if not new:
            return
        doer = look.staff.doer("change", target.object, owner)
        look.garden.done(doer, Action("change", target.object, target.id, fields=new))
        yield from look.never(look.hear(target.id), target, renewed(target, new))


def renewed(target: Canary, new: Mapping[str, str]) -> Canary:
    """The same record with its new values."""
    return replace(target, values=new)


HISTORIES: Mapping[str, Callable[[Look], Iterator[str]]] = {"audit": look_audit}
