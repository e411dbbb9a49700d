"""Throw-away values for the fields of a mapping: unmistakable, valid by type, different each time. Sends nothing."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from crm_acceptance.systems.rest.shape import FieldSpec, ObjectSpec

STATES = ("state", "stage")
"""Fields that steps move; nobody writes them at a record's birth."""
_SMALL = ("payment", "invoice")
_FIRST_DAY = date(2027, 1, 13)
NOT_CREATED = ("user", "audit", "report", "attachment", "followup")
"""Objects of which a doctor makes none: accounts stay, logs write themselves."""


def marker() -> str:
    """Eight letters by which everything of one examination is found again."""
    return "zz" + "".join(secrets.choice("abcdefghjkmnpqrstuvwxyz") for _ in range(6))


def draft(object: ObjectSpec, mark: str, number: int, refs: Mapping[str, str], person: str) -> dict[str, Any]:
    """Canonical fields of one new record: everything that may be written, references from `refs` (object -> id)."""
    made = {name: value(object, field, mark, number, refs, person) for name, field in object.fields.items()}
    return {
        name: found
        for name, found in made.items()
        if found is not None and object.fields[name].write and name not in STATES
    }


def value(object: ObjectSpec, field: FieldSpec, mark: str, number: int, refs: Mapping[str, str], person: str) -> Any:
    """One value that fits the field; None when there is none to be had."""
    match field.type:
        case "money":
            amount = Decimal(100 if object.name in _SMALL else 20_000) + (1 if object.name in _SMALL else 111) * number
            return amount + Decimal("0.37")
        case "number" | "integer":
            return _number(field, number)
        case "date":
            return (_FIRST_DAY + timedelta(days=number)).isoformat()
        case "moment":
            return f"{(_FIRST_DAY + timedelta(days=number)).isoformat()}T09:30:00"
        case "bool":
            return True
        case "choice":
            return list(field.choices)[min(1, len(field.choices) - 1)] if field.choices else None
        case "ref":
            return refs.get(field.object)
        case "person":
            return person
    return _text(field.name, mark, number)


def _number(field: FieldSpec, number: int) -> Any:
    whole = 10 + number % 40  # below 100: it may be per cent
    return whole if field.type == "integer" else Decimal(whole)


def _text(name: str, mark: str, number: int) -> str | None:
    letter = chr(ord("a") + number // 26 % 26) + chr(ord("a") + number % 26)  # two letters, in order, for 676 records
    if "phone" in name or "mobile" in name:
        return "199" + "".join(secrets.choice("0123456789") for _ in range(8))
    if "email" in name:
        return f"{mark}{letter}{secrets.token_hex(2)}@example.com"
    if name == "tax_number":
        return "91" + "".join(secrets.choice("0123456789ABCDEFGHJKLMNPQRTUWXY") for _ in range(16))
    if name in ("password", "parent_object", "parent_id"):
        return None
    tail = "" if name in ("name", "title", "product", "number") else f" {name}"
    return f"验收{mark}{letter}{tail}"
