"""Learns from a person who may: at which addresses a record stands and which forms change it; asks nobody else."""

from __future__ import annotations

from dataclasses import dataclass, replace

from crm_acceptance.engines.permissions.garden import Canary, Garden
from crm_acceptance.engines.permissions.pages import SLOT, Form, Offered, offered, slotted, slotted_forms
from crm_acceptance.engines.permissions.windows import Windows
from crm_acceptance.model import Action

MOST_ADDRESSES = 10
LOOKED_INTO = 3
"""Pages below the record's own (its form, its history) that are looked into for forms."""


@dataclass(frozen=True)
class Learnt:
    """Addresses and forms of one kind of record, its number taken out. Empty where pages have no such addresses."""

    canary: Canary | None = None
    addresses: tuple[str, ...] = ()
    forms: tuple[Form, ...] = ()


def learnt(windows: Windows, garden: Garden, kind: str) -> Learnt:
    """What the first family sees of its own record."""
    for canary in garden.canaries(kind)[:1]:
        witness = garden.staff.doer("read", kind, canary.owner)
        heard = windows.by_hand(witness, Action("read", kind, canary.id))
        if heard is None or heard.refusal:
            return Learnt(canary)
        where, page = windows.here(witness)
        found = Offered((where.partition("#")[0], *page.links), page.forms)
        addresses = [one for one in (slotted(link, canary.id) for link in found.links) if SLOT in one]
        forms = list(slotted_forms(page.forms, canary.id, where))
        for address in [one for one in dict.fromkeys(addresses) if SLOT in one.partition("?")[0]][1 : LOOKED_INTO + 1]:
            path = address.replace(SLOT, canary.id)
            _, answer = windows.fetch(witness, path)
            below = offered(answer.text, windows.url + path)
            forms += slotted_forms(below.forms, canary.id, path)
        return Learnt(canary, tuple(dict.fromkeys(addresses))[:MOST_ADDRESSES], _once(forms))
    return Learnt()


def _once(forms: list[Form]) -> tuple[Form, ...]:
    """One of each address and set of fields; what deletes comes last."""
    found = {(one.action, frozenset(one.fields)): one for one in forms}
    return tuple(sorted(found.values(), key=lambda one: one.deed in ("delete", "remove", "destroy")))


def renewed(form: Form, learnt: Learnt, garden: Garden, id: str) -> Form:
    """The form for another record, with values that nobody has: a phone that stands twice would be refused for that."""
    assert learnt.canary is not None
    plan = garden.draft(learnt.canary.object, "")
    fresh = {value: str(plan.fields[name]) for name, value in learnt.canary.values.items() if name in plan.fields}
    made = form.of(id)
    return replace(made, fields={name: fresh.get(value, value) for name, value in made.fields.items()})
