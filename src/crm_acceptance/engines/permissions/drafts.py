"""Records to be planted: unguessable values for every object, and how one of them is found again; sends nothing."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crm_acceptance.manners import journal


# The field that stands for the record, and the amount that can be summed.
class _Mains(dict[str, str]):
    """Objects of a company's own are called by their name: the one field that they need for a replay."""

    def __missing__(self, kind: str) -> str:
        return "name"


MAIN = _Mains({
    "campaign": "name", "lead": "name", "customer": "name", "contact": "name", "opportunity": "name",
    "quote": "product", "order": "amount", "payment": "amount", "invoice": "amount", "ticket": "title",
    "followup": "text", "user": "login",
})  # fmt: skip
AMOUNT = {
    "campaign": "budget", "opportunity": "amount", "quote": "total", "order": "amount", "payment": "amount",
    "invoice": "amount",
}  # fmt: skip
# The parent under which a record is planted; roots have none.
PARENT = {
    "contact": "customer", "opportunity": "customer", "quote": "customer", "order": "customer",
    "ticket": "customer", "payment": "order", "invoice": "order",
}  # fmt: skip
# A field that people with the right to change a record may change, and that nothing else depends on.
HARMLESS = {
    "campaign": "name", "lead": "note", "customer": "address", "contact": "title", "opportunity": "name",
    "quote": "product", "payment": "method", "ticket": "title",
}  # fmt: skip


# Fields whose values a canary does not own: they are references, states, or told by everybody.
COMMON = frozenset({"quantity", "discount", "state", "source", "starts", "priority", "method", "received_on"})


@dataclass(frozen=True)
class Draft:
    """What is about to be created: canonical fields, and the token by which a search finds it."""

    object: str
    fields: Mapping[str, Any]
    token: str

    @property
    def lookup(self) -> dict[str, Any]:
        """List options that narrow a list down to this record, or to those beside it under the same parent."""
        parent = PARENT.get(self.object, "")
        if self.object in ("order", "payment", "invoice"):
            return {"where": {parent: self.fields[parent]}}
        return {"q": self.token}


RANKS = (2, 0, 1)
"""In which order the values of three records made one after the other rank: neither rising nor falling."""


def voices_of(plan: Draft) -> tuple[dict[str, Any], ...]:
    """Three sets of fields, found by one search, alike but for one character in the middle of each value.

    In the middle, because a mask leaves the ends: whoever orders by what a mask shows finds no order among them.
    """
    fixed = {PARENT.get(plan.object, ""), *COMMON}

    def field(name: str, value: Any, number: int) -> Any:
        if name in fixed:
            return value
        return (
            f"{value}{number + 1}"
            if name == MAIN[plan.object] and plan.token in str(value)
            else _ranked(value, RANKS[number])
        )

    return tuple({name: field(name, value, number) for name, value in plan.fields.items()} for number in range(3))


def _ranked(value: Any, rank: int) -> Any:
    if isinstance(value, Decimal | int):
        return value + rank * 1111
    text = str(value)
    ours = [at for at, char in enumerate(text) if char.isascii() and char.isalnum()]
    if not ours:
        return value
    at = min(ours, key=lambda one: abs(one - len(text) // 2))
    letters = "148" if text[at].isdigit() else "BKT" if text[at].isupper() else "bkt"
    return text[:at] + letters[rank] + text[at + 1 :]


def draft(kind: str, parent: str = "", **changes: Any) -> Draft:
    """A new record of that object with values nobody can guess; `parent` is the id of the record it hangs on."""
    token = journal.word("jsq" + "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz") for _ in range(9)))
    fields = _BUILDERS.get(kind, _own)(token)
    if kind in PARENT:
        fields[PARENT[kind]] = parent
    return Draft(kind, {**fields, **changes}, token)


def phone() -> str:
    """A Chinese mobile number that nobody else is likely to have."""
    return "19" + "".join(secrets.choice("0123456789") for _ in range(9))


def money(low: int = 1_000_000, high: int = 8_999_999) -> Decimal:
    """An amount that nobody would guess to the cent."""
    return Decimal(low + secrets.randbelow(high - low)) + Decimal(secrets.choice(range(11, 99))) / 100


def tax_number() -> str:
    """Eighteen characters like a Chinese unified social credit code."""
    return "91" + "".join(secrets.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(16))


def _contactable(token: str) -> dict[str, Any]:
    return {"name": f"金丝雀{token}", "phone": phone(), "email": f"{token}@example.com"}


def _customer(token: str) -> dict[str, Any]:
    return {**_contactable(token), "tax_number": tax_number(), "address": f"试验路{token[3:]}号"}


def _lead(token: str) -> dict[str, Any]:
    return {**_contactable(token), "company": f"公司{token[3:]}", "source": "展会", "note": f"备注{token[3:]}"}


def _own(token: str) -> dict[str, Any]:
    """As much as objects of other people's making may have; what the system does not know is left out."""
    more = {"title": f"标题{token}", "amount": money(), "note": f"备注{token[3:]}", "company": f"公司{token[3:]}"}
    return {**_customer(token), **more}


def _quote(token: str) -> dict[str, Any]:
    return {"product": f"产品{token}", "quantity": 1, "unit_price": money(), "discount": Decimal(0)}


_BUILDERS: Mapping[str, Callable[[str], dict[str, Any]]] = {
    "campaign": lambda token: {"name": f"活动{token}", "budget": money(), "state": "planned", "starts": "2026-12-01"},
    "lead": _lead,
    "customer": _customer,
    "contact": lambda token: {**_contactable(token), "title": f"职位{token[3:]}"},
    "opportunity": lambda token: {"name": f"商机{token}", "amount": money()},
    "quote": _quote,
    "order": lambda token: {"amount": money()},
    "payment": lambda token: {"amount": money(10_000, 99_999), "method": "转账", "received_on": "2026-11-20"},
    "invoice": lambda token: {"amount": money(10_000, 99_999)},
    "ticket": lambda token: {"title": f"工单{token}", "priority": "normal"},
}
PLANTABLE = tuple(_BUILDERS)
"""The objects of which canaries can be planted."""
