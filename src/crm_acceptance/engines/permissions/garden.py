"""Plants canary records, as the people whose records they are, and spare ones to be spoilt; no judgement."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from crm_acceptance.engines.permissions.drafts import AMOUNT, COMMON, MAIN, PARENT, Draft, draft, voices_of
from crm_acceptance.engines.permissions.staff import Staff
from crm_acceptance.engines.permissions.vocabulary import is_own
from crm_acceptance.engines.permissions.voices import Heard, Hearing
from crm_acceptance.engines.permissions.wording import deed, the_record, who
from crm_acceptance.errors import Unproven, Unsupported
from crm_acceptance.model import Action, Person, Record
from crm_acceptance.systems import KnowsFields, System, taken

State = Mapping[str, Any] | None
TOTALLED = ("payment", "invoice")
ROUGH = 10_000
"""Amounts from here on are told apart without their cents, too."""


@dataclass(frozen=True)
class Canary:
    """One planted record of `owner`'s family. `values` is field -> the unguessable text that this record shows."""

    object: str
    id: str
    owner: Person
    values: Mapping[str, str]
    draft: Draft

    @property
    def main(self) -> str:
        """The value that stands for the record."""
        return self.values.get(MAIN[self.object], "")


@dataclass(frozen=True)
class Chorus:
    """Three records of one family that one search finds, planted in another order than that of their values."""

    lookup: Mapping[str, Any]
    members: tuple[Canary, ...]


@dataclass
class Garden:
    """What has been planted at one site in one run; every record is planted once, when it is first asked for."""

    system: System
    voices: Hearing
    staff: Staff
    _canaries: dict[tuple[str, str], Canary] = field(default_factory=dict)
    _parents: dict[tuple[str, str], str] = field(default_factory=dict)
    _victims: dict[tuple[str, str, str], Canary] = field(default_factory=dict)
    _untouched: dict[tuple[str, str], State] = field(default_factory=dict)
    _choruses: dict[tuple[str, str], Chorus] = field(default_factory=dict)
    secrets: dict[tuple[str, str], tuple[int, dict[str, Any]]] = field(default_factory=dict)
    pinned: dict[tuple[str, str], Canary] = field(default_factory=dict)

    def canaries(self, kind: str) -> tuple[Canary, ...]:
        """One canary of that object per family."""
        return tuple(self.canary(kind, person) for person in self.staff.families(kind))

    def canary(self, kind: str, owner: Person) -> Canary:
        """The family's canary. Unproven when the site refuses to take it, Unsupported when it has no such object."""
        if (kind, owner.key) not in self._canaries:
            parent = PARENT.get(kind)
            under = self.canary(parent, owner).id if parent else ""
            if kind in TOTALLED:  # so that the order's own total is nobody's secret amount
                self.plant(kind, owner, under)
            self._canaries[kind, owner.key] = self.plant(kind, owner, under)
        return self._canaries[kind, owner.key]

    def planted(self) -> Iterator[Canary]:
        """Every canary so far."""
        yield from tuple(self._canaries.values())

    def spare(self, kind: str, owner: Person, **changes: Any) -> Canary:
        """A fresh record of the family that a check may change or delete; its parent is not a canary either."""
        parent = PARENT.get(kind)
        return self.plant(kind, owner, self.spare_parent(parent, owner) if parent else "", **changes)

    def chorus(self, kind: str, owner: Person) -> Chorus:
        """Three spare records beside each other, for pages after the first and for the order of hidden values."""
        if (kind, owner.key) not in self._choruses:
            parent = PARENT.get(kind)
            base = self.draft(kind, self.spare(parent, owner).id if parent else "")
            plans = tuple(replace(base, fields=fields) for fields in voices_of(base))
            members = tuple(self._planted(plan, owner) for plan in plans)
            self._choruses[kind, owner.key] = Chorus(base.lookup, members)
        return self._choruses[kind, owner.key]

    def victim(self, kind: str, owner: Person, purpose: str, make: Callable[[], Canary]) -> Canary:
        """A spare that serves every forbidden attempt of this purpose, as long as it stays as it is."""
        if (kind, owner.key, purpose) not in self._victims:
            self._victims[kind, owner.key, purpose] = make()
        return self._victims[kind, owner.key, purpose]

    def untouched(self, victim: Canary, look: Callable[[], State]) -> State:
        """What the victim was like before anybody tried anything; looked at once."""
        if (victim.object, victim.id) not in self._untouched:
            self._untouched[victim.object, victim.id] = look()
        return self._untouched[victim.object, victim.id]

    def spoilt(self, victim: Canary) -> None:
        """Somebody did change it: the next attempt gets another one."""
        self._victims = {key: one for key, one in self._victims.items() if one != victim}

    def spare_parent(self, kind: str, owner: Person) -> str:
        """The id of the family's spare customer or order, under which spare records are planted."""
        if (kind, owner.key) not in self._parents:
            self._parents[kind, owner.key] = self.spare(kind, owner).id
        return self._parents[kind, owner.key]

    def draft(self, kind: str, parent: str = "", **changes: Any) -> Draft:
        """A record to be planted, without what this CRM does not have: a CRM may know no e-mail of a customer."""
        if is_own(kind):
            _refuse_nameless(self.system, kind)
        plan = draft(kind, parent, **changes)
        needed = {MAIN[kind], PARENT.get(kind, ""), *changes}
        return replace(plan, fields=taken(self.system, kind, plan.fields, needed))

    def plant(self, kind: str, owner: Person, parent: str = "", **changes: Any) -> Canary:
        """Creates the record as whoever in the family may; an order grows from a quote where the system wants that."""
        return self._planted(self.draft(kind, parent, **changes), owner)

    def _planted(self, plan: Draft, owner: Person) -> Canary:
        kind = plan.object
        maker = self.staff.doer("create", kind, owner)
        if kind == "order" and not self.system.supports("create", "order"):
            record = self._order_from_quote(plan, owner)
        else:
            record = self.done(maker, Action("create", kind, fields=plan.fields))
        return Canary(kind, record.id, owner, _values(plan, record), plan)

    def done(self, person: Person, action: Action) -> Record:
        """Does a preparing step; Unproven, with the site's words, when the site does not allow what the table says."""
        if not self.system.supports(action.name, action.object):
            raise Unsupported(f"{self.system.title} 不支持“{deed(action)}”。{self.system.title} has no {action.verb}.")
        heard = self.voices.hear(person, action)
        if not isinstance(heard.outcome, Record):
            raise Unproven(_unprepared(person, action, heard))
        return heard.outcome

    def _order_from_quote(self, plan: Draft, owner: Person) -> Record:
        fields = {**self.draft("quote", plan.fields["customer"]).fields, "unit_price": plan.fields["amount"]}
        quote = self.done(self.staff.doer("create", "quote", owner), Action("create", "quote", fields=fields))
        self.done(self.staff.doer("submit", "quote", owner), Action("submit", "quote", quote.id))
        return self.done(self.staff.doer("order", "quote", owner), Action("order", "quote", quote.id))


def _refuse_nameless(system: System, kind: str) -> None:
    known = system.fields(kind) if isinstance(system, KnowsFields) else None
    if not known or MAIN[kind] not in known:
        raise Unproven(
            f"{kind} 没有可写的 {MAIN[kind]} 字段，种不了金丝雀；请在映射文件里写明哪个字段是它的名称。"
            f"{kind} needs a field mapped as `name` that can be written, or no canary can be planted."
        )


def _values(plan: Draft, record: Record) -> dict[str, str]:
    """What the record shows to its maker is what others may or may not see; a CRM may leave fields out."""
    wanted = {name: value for name, value in plan.fields.items() if name not in (*COMMON, *PARENT.values())}
    total = AMOUNT.get(plan.object, "")
    if total and record.get(total) is not None:
        wanted.setdefault(total, record[total])
    known = {name: recognised(record.get(name), value) for name, value in wanted.items()}
    return {name: value for name, value in known.items() if value}


def recognised(shown: object, planted: object) -> str:
    """The text to look for: what was planted, the CRM's own amount where it rounds; "" when it is another value.

    Letters of another size and telephones with a prefix or dots are the same value: the oracle reads them as such.
    """
    if same(shown, planted):
        return str(planted)
    if isinstance(planted, Decimal):
        near = isinstance(shown, Decimal | int) and planted >= ROUGH and abs(Decimal(shown) - planted) < 1
        return f"{shown:.2f}" if near else ""
    theirs, ours = (re.sub(r"\W", "", str(one)).casefold() for one in (shown, planted))
    return str(planted) if shown is not None and ours and theirs.endswith(ours) else ""


def same(shown: object, planted: object) -> bool:
    """Whether a CRM shows the value that was planted, however it writes amounts."""
    if isinstance(planted, Decimal) and isinstance(shown, Decimal | int | str):
        return Decimal(str(shown)) == planted
    return shown is not None and str(shown) == str(planted)


def _unprepared(person: Person, action: Action, heard: Heard) -> str:
    said = heard.refusal or "没有返回记录 no record came back"
    return (
        f"准备数据时 {who(person)}做不了“{deed(action)}”：{said}。"
        "A canary could not be planted, so this row proves nothing: check the table or the site."
    )


def described(canaries: Sequence[Canary]) -> str:
    """How findings name records: object and owner, never a value."""
    return "、".join(f"{one.owner.name} 的 {the_record(one.object, one.id)}" for one in canaries)
