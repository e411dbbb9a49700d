"""Which call each canonical action is, as tables; the session and the sending are the adapter's business."""

from __future__ import annotations

import mimetypes
from collections.abc import Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from crm_acceptance.errors import WrongUse
from crm_acceptance.model import Action, Outcome, Page
from crm_acceptance.systems.flow import Answer, Call
from crm_acceptance.systems.refcrm.wire import BASE, PLURAL, figures, outgoing, record

Read = Callable[[Answer], Outcome]
Plan = tuple[Call, Read]

# (object, action) -> what the body holds: the action's fields, or the options of these names.
STEPS: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("lead", "convert"): ("fields",),
    ("lead", "assign"): ("to",),
    ("customer", "claim"): (),
    ("customer", "release"): (),
    ("opportunity", "advance"): ("stage",),
    ("quote", "submit"): (),
    ("quote", "approve"): (),
    ("quote", "reject"): ("reason",),
    ("quote", "order"): (),
    ("order", "confirm"): (),
    ("order", "cancel"): (),
    ("ticket", "assign"): ("to",),
    ("ticket", "resolve"): ("fields",),
    ("ticket", "close"): (),
    ("user", "disable"): (),
    ("user", "enable"): (),
    ("user", "handover"): ("to",),
}
YIELDS = {("lead", "convert"): "customer", ("quote", "order"): "order"}


def path(action: Action, *tail: str) -> str:
    """/api/v1/customers/7/transfer and the like."""
    return "/".join((BASE, PLURAL[action.object], *tail))


def of_id(action: Action, *tail: str) -> str:
    """The path of the one record that the action is about; WrongUse when it names none."""
    if not action.id:
        raise WrongUse(f"操作 {action.verb} 没有说明是哪一条记录（id）。{action.verb} needs the id of a record.")
    return path(action, action.id, *tail)


def query(action: Action) -> dict[str, str]:
    """q, sort, page, size, pool, field and every where condition as one query string."""
    options = {key: value for key, value in action.options.items() if key != "where" and value is not None}
    asked = {**options, **action.options.get("where", {})}
    return {key: str(value).lower() if isinstance(value, bool) else str(value) for key, value in asked.items()}


def reads(object: str) -> Read:
    """An answer holding one record."""
    return lambda answer: record(object, answer.json()) if answer.body else None


def rows(object: str) -> Read:
    """An answer holding a page of records, or a bare list of them."""

    def read(answer: Answer) -> Page:
        body = answer.json()
        items, total = (body, len(body)) if isinstance(body, list) else (body["items"], body.get("total"))
        return Page(tuple(record(object, item) for item in items), total)

    return read


def create(action: Action) -> Plan:
    """POST; the option `key` makes a repeated sending harmless."""
    key = action.options.get("key")
    body = {**outgoing(action.fields), **({"force": True} if action.options.get("force") else {})}
    return Call("POST", path(action), json=body, headers={"Idempotency-Key": key} if key else {}), reads(action.object)


def change(action: Action) -> Plan:
    """PATCH; the option `version` says which state the person had before the eyes."""
    seen = {"version": action.options["version"]} if "version" in action.options else {}
    return Call("PATCH", of_id(action), json={**outgoing(action.fields), **seen}), reads(action.object)


def load(action: Action) -> Plan:
    """Import of a CSV file, option `csv`: bytes."""
    name = str(action.options.get("filename", f"{action.object}.csv"))
    files = {"file": (name, action.options["csv"], "text/csv")}
    return Call("POST", path(action, "import"), files=files), lambda answer: answer.json()


def attach(action: Action) -> Plan:
    """Upload of one file, options `filename` and `body`."""
    name = str(action.options["filename"])
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    files = {"file": (name, action.options["body"], kind)}
    return Call("POST", of_id(action, "attachments"), files=files), reads("attachment")


def download(action: Action) -> Plan:
    """The bytes of one attachment: option `attachment`, or the action's own id when the object is attachment."""
    wanted = action.options.get("attachment", action.id)
    return Call("GET", f"{BASE}/attachments/{wanted}"), lambda answer: answer.body


def step(action: Action) -> Plan:
    """A step in a record's life: POST .../{id}/{step}."""
    key = (action.object, action.name)
    wanted = STEPS[key]
    options = {name: action.options[name] for name in wanted if name in action.options}
    body = outgoing(action.fields) if "fields" in wanted else options
    call = Call("POST", of_id(action, action.name), json=body)
    return call, figured if action.name == "handover" else reads(YIELDS.get(key, action.object))


def figured(answer: Answer) -> Any:
    """Plain figures: counts and sums by name."""
    return figures(answer.json()) if answer.body else {}


def followup_create(action: Action) -> Plan:
    """A follow-up hangs on a parent record."""
    call = Call("POST", _of_parent(action.fields, "followups"), json={"text": action.fields["text"]})
    return call, reads("followup")


def _of_parent(fields: Mapping[str, Any], tail: str) -> str:
    return f"{BASE}/{PLURAL[fields['parent_object']]}/{fields['parent_id']}/{tail}"


def open_account(action: Action) -> Plan:
    """A new account; its department follows from its role, so the API does not take one."""
    return create(replace(action, fields={k: v for k, v in action.fields.items() if k != "department"}))


PLAIN: Mapping[str, Callable[[Action], Plan]] = {
    "create": create,
    "read": lambda a: (Call("GET", of_id(a)), reads(a.object)),
    "list": lambda a: (Call("GET", path(a), params=query(a)), rows(a.object)),
    "count": lambda a: (Call("GET", path(a, "count"), params=query(a)), lambda answer: int(answer.json()["count"])),
    "sum": lambda a: (Call("GET", path(a, "sum"), params=query(a)), lambda answer: Decimal(answer.json()["sum"])),
    "export": lambda a: (Call("GET", path(a, "export"), params=query(a)), lambda answer: answer.body),
    "change": change,
    "delete": lambda a: (Call("DELETE", of_id(a)), lambda answer: None),
    "transfer": lambda a: (Call("POST", of_id(a, "transfer"), json={"to": a.options["to"]}), reads(a.object)),
    "attach": attach,
    "attachments": lambda a: (Call("GET", of_id(a, "attachments")), rows("attachment")),
    "download": download,
    "audit": lambda a: (Call("GET", of_id(a, "audit")), rows("audit")),
}
SPECIAL: Mapping[tuple[str, str], Callable[[Action], Plan]] = {
    **dict.fromkeys(STEPS, step),
    **{(object, "import"): load for object in ("lead", "customer", "contact")},
    ("customer", "check_duplicate"): lambda a: (
        Call("GET", f"{BASE}/customers/duplicates", params=outgoing(a.fields)),
        rows("customer"),
    ),
    ("followup", "create"): followup_create,
    ("followup", "list"): lambda a: (
        Call("GET", _of_parent(a.options["where"], "followups")),
        rows("followup"),
    ),
    ("attachment", "download"): download,
    ("audit", "list"): lambda a: (Call("GET", f"{BASE}/audit", params=query(a)), rows("audit")),
    ("report", "read"): lambda a: (Call("GET", f"{BASE}/reports/{a.id}", params=query(a)), figured),
    ("user", "create"): open_account,
    ("user", "list"): PLAIN["list"],
    ("user", "change"): change,
    ("user", "delete"): PLAIN["delete"],
    ("notification", "list"): lambda a: (Call("GET", path(a)), rows("notification")),
}


def route(action: Action) -> Callable[[Action], Plan] | None:
    """How to carry out the action; None when the API has no such route."""
    special = SPECIAL.get((action.object, action.name))
    if special or action.object not in PLURAL or action.object in ("user", "notification"):
        return special
    return PLAIN.get(action.name)
