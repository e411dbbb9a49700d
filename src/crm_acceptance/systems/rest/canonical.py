"""The canonical vocabulary as tables: objects, fields, states, verbs (docs/reference/actions.md). It knows no CRM."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

TYPES = ("text", "money", "number", "integer", "date", "moment", "bool", "choice", "ref", "person")
OWN = "x_"
"""Objects, fields and verbs that a company adds for itself begin with this."""


@dataclass(frozen=True)
class Field:
    """One canonical field. `readonly`: the CRM sets it. `object`: what a ref refers to. `choices` of a choice."""

    name: str
    type: str = "text"
    readonly: bool = False
    choices: tuple[str, ...] = ()
    object: str = ""


@dataclass(frozen=True)
class Verb:
    """One canonical verb. `gives`: record, page, count, sum, bytes, figures or nothing; `yields`: another object."""

    name: str
    gives: str = "record"
    id: bool = True
    fields: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    yields: str = ""


@dataclass(frozen=True)
class Object:
    """One canonical object: `zh` is its name for people, `main` the field that stands for a record."""

    name: str
    zh: str
    main: str
    fields: Mapping[str, Field]
    verbs: Mapping[str, Verb]


_FIELD = re.compile(r"(?P<name>\w+)(?::(?P<type>\w+))?(?:\((?P<of>[\w|]+)\))?(?P<readonly>!?)")

_COMMON = (
    Verb("create", id=False, options=("key", "force")),
    Verb("read"),
    Verb("list", "page", id=False, options=("q", "sort", "page", "size", "where", "pool")),
    Verb("count", "count", id=False, options=("q", "where")),
    Verb("sum", "sum", id=False, options=("field", "q", "where")),
    Verb("export", "bytes", id=False, options=("q", "where")),
    Verb("import", "figures", id=False, options=("csv", "filename")),
    Verb("change", options=("version",)),
    Verb("delete", "nothing"),
    Verb("transfer", options=("to",)),
    Verb("attach", options=("filename", "body")),
    Verb("attachments", "page"),
    Verb("download", "bytes", options=("attachment",)),
    Verb("audit", "page"),
)
_LIFE: Mapping[str, tuple[Verb, ...]] = {
    "lead": (
        Verb("convert", fields=("amount", "opportunity_name"), yields="customer"),
        Verb("assign", options=("to",)),
    ),
    "customer": (Verb("claim"), Verb("release"), Verb("check_duplicate", "page", id=False, fields=("name", "phone"))),
    "opportunity": (Verb("advance", options=("stage",)),),
    "quote": (Verb("submit"), Verb("approve"), Verb("reject", options=("reason",)), Verb("order", yields="order")),
    "order": (Verb("confirm"), Verb("cancel")),
    "ticket": (Verb("assign", options=("to",)), Verb("resolve", fields=("resolution",)), Verb("close")),
    "user": (Verb("disable"), Verb("enable"), Verb("handover", "figures", options=("to",))),
}
_TABLE = (
    ("campaign", "市场活动", "name", "name budget:money state:choice(planned|running|done) starts:date owner:person "
     "lead_count:integer!"),
    ("lead", "线索", "name", "name company phone email source campaign:ref(campaign) "
     "state:choice(new|contacted|converted|lost) note owner:person"),
    ("customer", "客户", "name", "name phone email industry level tax_number address campaign:ref(campaign) "
     "owner:person state:choice(active|pool)"),
    ("contact", "联系人", "name", "name customer:ref(customer) phone email title owner:person"),
    ("opportunity", "商机", "name", "name customer:ref(customer) amount:money "
     "stage:choice(qualify|proposal|negotiation|won|lost) probability:integer! close_date:date "
     "campaign:ref(campaign) owner:person"),
    ("quote", "报价", "product", "customer:ref(customer) opportunity:ref(opportunity) product quantity:integer "
     "unit_price:money discount:number total:money! state:choice(draft|pending|approved|rejected|ordered) "
     "owner:person"),
    ("order", "订单", "number", "number! customer:ref(customer) quote:ref(quote) amount:money paid:money! "
     "invoiced:money! due:money! state:choice(open|confirmed|paid|cancelled) customer_name! tax_number! "
     "campaign:ref(campaign)! owner:person"),
    ("payment", "回款", "amount", "order:ref(order) amount:money method received_on:date owner:person"),
    ("invoice", "发票", "number", "number! order:ref(order) amount:money title! tax_number! owner:person"),
    ("ticket", "工单", "title", "title customer:ref(customer) customer_name! order:ref(order) "
     "priority:choice(low|normal|high|urgent) state:choice(new|assigned|resolved|closed) assignee:person resolution "
     "due_at:moment! created_at:moment!"),
    ("followup", "跟进", "text", "parent_object parent_id text at:moment! author:person!"),
    ("attachment", "附件", "name", "parent_object parent_id name size:integer author:person"),
    ("audit", "操作日志", "action", "object id action field old new who:person at:moment"),
    ("user", "用户", "login", "login name role department team active:bool password"),
    ("notification", "提醒", "text", "text object id at:moment!"),
    ("report", "报表", "", "owner:person customer:ref(customer) campaign:ref(campaign)"),
)  # fmt: skip


_ALWAYS = ("version!", "created_at:moment!", "updated_at:moment!")
"""What any record may show of itself; `version` is what `change` gives back to say which state was seen."""


def _field(text: str) -> Field:
    found = _FIELD.fullmatch(text)
    assert found is not None, text
    kind, of = found["type"] or "text", found["of"] or ""
    choices = tuple(of.split("|")) if kind == "choice" else ()
    return Field(found["name"], kind, bool(found["readonly"]), choices, of if kind == "ref" else "")


def _object(name: str, zh: str, main: str, fields: str) -> Object:
    common = [verb for verb in _COMMON if verb.name in _ONLY.get(name, COMMON)]
    verbs = {verb.name: verb for verb in (*common, *_LIFE.get(name, ()))}
    return Object(name, zh, main, {one.name: one for one in map(_field, (*fields.split(), *_ALWAYS))}, verbs)


COMMON: tuple[str, ...] = tuple(verb.name for verb in _COMMON)
"""The verbs that every object may have."""
_ONLY: Mapping[str, tuple[str, ...]] = {"notification": ("list",)}
OBJECTS: Mapping[str, Object] = {row[0]: _object(*row) for row in _TABLE}
VERBS: Mapping[str, Verb] = {verb.name: verb for one in OBJECTS.values() for verb in one.verbs.values()}
OPTIONS = frozenset(option for verb in VERBS.values() for option in verb.options)


def object_named(name: str) -> Object:
    """The canonical object; one without fields and with the common verbs for a name of the company's own."""
    return OBJECTS.get(name) or Object(name, name, "", {}, {verb.name: verb for verb in _COMMON})


def field_named(object: str, name: str) -> Field:
    """The canonical field; a text for a name of the company's own."""
    return object_named(object).fields.get(name, Field(name))


def verb_named(object: str, name: str) -> Verb:
    """The canonical verb; one that gives a record for a name of the company's own."""
    return object_named(object).verbs.get(name, Verb(name))
