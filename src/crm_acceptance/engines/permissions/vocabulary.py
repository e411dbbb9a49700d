"""The objects, actions, scopes and field treatments that a permission row may name; no behaviour."""

from __future__ import annotations

SCOPES = ("own", "team", "department", "all", "none")
TREATMENTS = ("masked", "hidden", "plain", "read-only")

OBJECT_FIELDS: dict[str, tuple[str, ...]] = {
    "campaign": ("name", "budget", "state", "starts", "owner", "lead_count"),
    "lead": ("name", "company", "phone", "email", "source", "campaign", "state", "note", "owner"),
    "customer": (
        *("name", "phone", "email", "industry", "level", "tax_number", "address", "campaign", "owner"),
        "state",
    ),
    "contact": ("name", "customer", "phone", "email", "title", "owner"),
    "opportunity": ("name", "customer", "amount", "stage", "probability", "close_date", "campaign", "owner"),
    "quote": (
        *("customer", "opportunity", "product", "quantity", "unit_price", "discount", "total", "state"),
        "owner",
    ),
    "order": (
        *("number", "customer", "quote", "amount", "paid", "invoiced", "due", "state", "customer_name"),
        *("tax_number", "campaign", "owner"),
    ),
    "payment": ("order", "amount", "method", "received_on", "owner"),
    "invoice": ("number", "order", "amount", "title", "tax_number", "owner"),
    "ticket": (
        *("title", "customer", "customer_name", "order", "priority", "state", "assignee", "resolution"),
        *("due_at", "owner"),
    ),
    "followup": ("parent_object", "parent_id", "text", "at", "author"),
    "audit": ("object", "id", "action", "field", "old", "new", "who", "at"),
    "user": ("login", "name", "role", "department", "active"),
    "notification": ("text", "object", "id", "at"),
    "report:sales_summary": (),
    "report:receivables": (),
    "report:pipeline": (),
    "report:campaign_roi": (),
    "session": (),
}

# Of an object of the company's own, the fields that replays can fill and compare; a table may name any that it has.
OWN_FIELDS = ("name", "title", "phone", "email", "company", "address", "note", "amount", "state", "owner")

# Not actions of a CRM but questions about one: can a request body take what is not offered (tamper), does somebody
# keep what was handed to somebody else (stale), does an answer tell that a record exists (exists), and do answers about
# records in reach carry others that are not (related)?
QUESTIONS = ("tamper", "stale", "exists", "related")
# What is left of somebody's rights afterwards: asked of logins, of accounts made for the purpose.
AFTERWARDS = ("after_logout", "after_disabling", "after_role_change", "after_handover", "after_password_change")

_EVERY = (
    *("read", "list", "search", "sort", "count", "export", "attachments", "download", "audit"),
    *("create", "change", "delete", "transfer", "attach", *QUESTIONS),
)
_SUMMED = ("campaign", "opportunity", "quote", "order", "payment", "invoice")
_IMPORTED = ("lead", "customer", "contact")
_OWN_WORDS: dict[str, tuple[str, ...]] = {
    "lead": ("convert", "assign"),
    "customer": ("claim", "release", "check_duplicate"),
    "opportunity": ("advance",),
    "quote": ("submit", "approve", "reject", "order"),
    "order": ("confirm", "cancel"),
    "ticket": ("assign", "resolve", "close"),
}
_APART: dict[str, tuple[str, ...]] = {
    "followup": ("list", "create"),
    "audit": ("list",),
    "user": ("list", "create", "change", "disable", "enable", "handover"),
    "session": ("login", "logout", "read", *AFTERWARDS),
    "notification": ("list",),
}


def is_own(kind: str) -> bool:
    """Whether the object is a company's own, known by its mapping file alone."""
    return kind.startswith("x_")


def actions_of(kind: str) -> tuple[str, ...]:
    """Every action that a row may name for this object."""
    if kind.startswith("report:"):
        return ("read",)
    if kind in _APART:
        return _APART[kind]
    more = (*(("sum",) if kind in _SUMMED else ()), *(("import",) if kind in _IMPORTED else ()))
    return (*_EVERY, *more, *_OWN_WORDS.get(kind, ()))
