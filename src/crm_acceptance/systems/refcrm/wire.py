"""How the reference CRM spells canonical things: paths, money, ids, errors. Values only, no calls."""

from __future__ import annotations

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from crm_acceptance.errors import REFUSALS, Refused, SiteOutOfReach
from crm_acceptance.model import Record
from crm_acceptance.systems.flow import Answer

BASE = "/api/v1"
PLURAL: Mapping[str, str] = {
    "campaign": "campaigns",
    "lead": "leads",
    "customer": "customers",
    "contact": "contacts",
    "opportunity": "opportunities",
    "quote": "quotes",
    "order": "orders",
    "payment": "payments",
    "invoice": "invoices",
    "ticket": "tickets",
    "user": "users",
    "notification": "notifications",
}
MONEY = frozenset({"budget", "amount", "unit_price", "total", "paid", "invoiced", "due", "sum"})
REFS = frozenset({*PLURAL, "parent_id", "object_id"}) - {"user"}
KINDS = {"unauthenticated": "expired", "not_found": "missing", "forbidden": "denied"}
BY_STATUS = {401: "expired", 403: "denied", 404: "missing", 409: "conflict", 422: "invalid", 429: "throttled"}
_MONEY_TEXT = re.compile(r"-?\d+\.\d{2}")


def outgoing(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Canonical fields as the API takes them: references as integers, money as text."""
    return {name: _out(name, value) for name, value in fields.items()}


def _out(name: str, value: Any) -> Any:
    if isinstance(value, Decimal):
        return str(value)
    if name in REFS and isinstance(value, str) and value.isdigit():
        return int(value)
    return value


def record(object: str, body: Mapping[str, Any]) -> Record:
    """The API's JSON object as a Record: ids and references as text, money as Decimal."""
    fields = {name: _in(name, value) for name, value in body.items() if name != "id"}
    return Record(object, str(body.get("id", "")), fields)


def _in(name: str, value: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if name in MONEY and isinstance(value, str | int | float):
        return Decimal(str(value)) if str(value) else None
    return str(value) if name in REFS else value


def figures(body: Any) -> Any:
    """A report's JSON with every amount as Decimal, whatever the report calls it."""
    if isinstance(body, Mapping):
        return {name: figures(value) for name, value in body.items()}
    if isinstance(body, list):
        return [figures(value) for value in body]
    return Decimal(body) if isinstance(body, str) and _MONEY_TEXT.fullmatch(body) else body


def checked(answer: Answer) -> Answer:
    """The answer itself when the CRM agreed; Refused when it said no; SiteOutOfReach when it broke down (5xx)."""
    if answer.status < 300:
        return answer
    if answer.status >= 500 or answer.status < 400:
        raise SiteOutOfReach(
            f"{answer.url} 应答 HTTP {answer.status}：系统内部出错，不是业务上的拒绝。"
            f"The CRM broke down instead of answering: {answer.text[:120]!r}"
        )
    error = answer.json().get("error", {})
    code = str(error.get("code", ""))
    kind = code if code in REFUSALS else KINDS.get(code, BY_STATUS.get(answer.status, "invalid"))
    raise Refused(kind, str(error.get("message", answer.text[:200])), answer.status)
