"""A CRM in memory that keeps a permission matrix to the letter: for plans and for trying a matrix, never for evidence.

It knows nothing of a wire; rehearsal.py speaks to it as if it were a site.
"""

from __future__ import annotations

import csv
import io
import itertools
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from crm_acceptance.engines.permissions.drafts import AMOUNT, PARENT
from crm_acceptance.engines.permissions.staff import covers
from crm_acceptance.engines.permissions.table import Matrix, Rule
from crm_acceptance.errors import Refused
from crm_acceptance.model import Action, Person

WAYS: Mapping[str, tuple[str, ...]] = {"list": ("list", "search", "sort")}
"""The words of a table by any of which something is done."""
STATES: Mapping[str, str] = {
    "approve": "approved", "reject": "rejected", "order": "ordered", "confirm": "confirmed", "cancel": "cancelled",
    "resolve": "resolved", "close": "closed", "release": "pool", "claim": "active", "convert": "converted",
}  # fmt: skip
KEPT: Mapping[str, Any] = {
    "created_by": "system", "created_at": "2026-01-01T00:00:00", "updated_at": "2026-01-01T00:00:00", "version": 1,
}  # fmt: skip
"""What a CRM writes on a record by itself: some replays try to forge it."""
Json = Any


@dataclass
class Row:
    """One record: whose family it is of, and what hangs on it."""

    object: str
    id: str
    owner: Person
    fields: dict[str, Any]
    files: dict[str, tuple[str, str]] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


class Imagined:
    """Its records and accounts. `matrix` is what it keeps, whatever anybody else believes that it keeps."""

    def __init__(self, matrix: Matrix, people: Iterable[Person]) -> None:
        self.matrix = matrix
        self.people = {person.key: person for person in people}
        self.accounts: dict[str, dict[str, Any]] = {
            person.login: {"login": person.login, "name": person.name, "role": person.role, "active": True}
            for person in self.people.values()
        }
        self.rows: dict[tuple[str, str], Row] = {}
        self._listed: dict[str, list[str]] = {}
        self._ids = itertools.count(1001)

    def done(self, actor: Person, action: Action) -> Json:
        """What the action brings, as JSON. Refused as the matrix says, alike for what is foreign and what is absent."""
        kind, name = action.object, action.name
        apart: Callable[[Person, Action], Json] | None = {
            "user": self._user, "followup": self._followup, "report": self._report, "notification": self._told,
            "audit": self._told,
        }.get(kind)  # fmt: skip
        if apart is not None:
            return apart(actor, action)
        deed: Callable[[Person, Action], Json] = getattr(self, f"_{name}", self._changed)
        return deed(actor, action)

    def role(self, actor: Person) -> str:
        """The role that the account has now."""
        return str(self.accounts.get(actor.login, {}).get("role", actor.role))

    def _rule(self, actor: Person, action: str, kind: str) -> Rule | None:
        found = (self.matrix.find(self.role(actor), one, kind) for one in WAYS.get(action, (action,)))
        return next((rule for rule in found if rule is not None), None)

    def _allowed(self, actor: Person, action: str, kind: str) -> Rule:
        rule = self._rule(actor, action, kind)
        if rule is None or rule.scope == "none":
            raise Refused("denied", "没有权限", 403)
        return rule

    def _one(self, actor: Person, action: Action) -> Row:
        rule = self._allowed(actor, action.name, action.object)
        row = self.rows.get((action.object, action.id or ""))
        if row is None or not covers(rule.scope, actor, row.owner):
            raise Refused("missing", "没有这条记录", 404)
        return row

    def _matching(self, actor: Person, action: Action) -> Iterator[Row]:
        rule = self._allowed(actor, action.name, action.object)
        blurred = rule.treated("masked", "hidden")
        where, q = dict(action.options.get("where", {})), str(action.options.get("q", ""))
        if {*where, str(action.options.get("sort", "")).lstrip("-")} & {*blurred}:
            raise Refused("invalid", "看不到的字段不能用来筛选和排序", 422)
        for row in self._of(action.object):
            if not covers(rule.scope, actor, row.owner):
                continue
            seen = {name: str(value) for name, value in row.fields.items() if name not in blurred}
            if (not q or any(q in value for value in seen.values())) and all(
                seen.get(k) == str(v) for k, v in where.items()
            ):
                yield row

    def _of(self, kind: str) -> list[Row]:
        return [self.rows[kind, id] for id in self._listed.get(kind, ()) if (kind, id) in self.rows]

    def _shown(self, actor: Person, action: str, row: Row) -> Json:
        rule = self._rule(actor, action, row.object)
        fields = dict(row.fields)
        for name, how in (rule.fields if rule else {}).items():
            if how == "hidden":
                fields.pop(name, None)
            elif how == "masked" and name in fields:
                fields[name] = f"{str(fields[name])[:2]}****"
        return {**KEPT, **fields, "id": row.id, "owner": row.owner.key}

    def _fixed(self, kind: str) -> set[str]:
        rules = (rule for rule in self.matrix.rules if rule.object == kind)
        return {name for rule in rules for name in rule.treated("read-only")}

    def _create(self, actor: Person, action: Action) -> Json:
        kind, fields = action.object, dict(action.fields)
        rule = self._allowed(actor, "create", kind)
        parent = self.rows.get((PARENT.get(kind, ""), str(fields.get(PARENT.get(kind, ""), ""))))
        if kind in PARENT and parent is None:
            raise Refused("invalid", "没有这条上级记录", 422)
        owner = parent.owner if parent else actor
        if not covers(rule.scope, actor, owner):
            raise Refused("missing", "没有这条上级记录", 404)
        for name in self._fixed(kind):
            fields.pop(name, None)
        total = AMOUNT.get(kind, "")
        if total and total not in fields and "unit_price" in fields:
            fields[total] = fields["unit_price"]
        return self._shown(actor, "create", self._kept(kind, owner, fields))

    def _kept(self, kind: str, owner: Person, fields: dict[str, Any]) -> Row:
        fields.pop("owner", None)
        row = Row(kind, str(next(self._ids)), owner, fields)
        self.rows[kind, row.id] = row
        self._listed.setdefault(kind, []).append(row.id)
        return row

    def _read(self, actor: Person, action: Action) -> Json:
        return self._shown(actor, "read", self._one(actor, action))

    def _list(self, actor: Person, action: Action) -> Json:
        rows = list(self._matching(actor, action))
        order = str(action.options.get("sort", ""))
        if order:
            rows.sort(key=lambda row: str(row.fields.get(order.lstrip("-"), "")), reverse=order.startswith("-"))
        size, page = int(action.options.get("size", 20)), int(action.options.get("page", 1))
        if size < 1:
            raise Refused("invalid", "每页至少一条", 422)
        part = rows[(page - 1) * size : page * size]
        return {"items": [self._shown(actor, "list", row) for row in part], "total": len(rows)}

    def _count(self, actor: Person, action: Action) -> Json:
        return {"figure": len(list(self._matching(actor, action)))}

    def _sum(self, actor: Person, action: Action) -> Json:
        name = str(action.options["field"])
        return {"figure": sum((_amount(row.fields.get(name)) for row in self._matching(actor, action)), Decimal(0))}

    def _export(self, actor: Person, action: Action) -> Json:
        rows = [self._shown(actor, "export", row) for row in self._matching(actor, action)]
        text = io.StringIO()
        sheet = csv.DictWriter(text, sorted({name for row in rows for name in row} or {"id"}))
        sheet.writeheader()
        sheet.writerows(rows)
        return text.getvalue()

    def _import(self, actor: Person, action: Action) -> Json:
        self._allowed(actor, "import", action.object)
        rows = list(csv.DictReader(io.StringIO(action.options["csv"].decode("utf-8-sig"))))
        for fields in rows:
            parent = self.rows.get((PARENT.get(action.object, ""), fields.get(PARENT.get(action.object, ""), "")))
            self._kept(action.object, parent.owner if parent else actor, dict(fields))
        return {"created": len(rows), "rejected": []}

    def _check_duplicate(self, actor: Person, action: Action) -> Json:
        self._allowed(actor, "check_duplicate", action.object)
        alike = [row for row in self._of(action.object) if row.fields.get("name") == action.fields.get("name")]
        return {"items": [self._shown(actor, "check_duplicate", row) for row in alike], "total": len(alike)}

    def _audit(self, actor: Person, action: Action) -> Json:
        self._one(actor, action)
        return {"items": [{"id": "1", "action": "create"}], "total": 1}

    def _attach(self, actor: Person, action: Action) -> Json:
        row, id = self._one(actor, action), uuid.uuid4().hex
        row.files[id] = (str(action.options["filename"]), action.options["body"].decode())
        return {"id": id, "name": action.options["filename"]}

    def _attachments(self, actor: Person, action: Action) -> Json:
        files = self._one(actor, action).files
        return {"items": [{"id": id, "name": name} for id, (name, _body) in files.items()], "total": len(files)}

    def _download(self, actor: Person, action: Action) -> Json:
        file = self._one(actor, action).files.get(str(action.options["attachment"]))
        if file is None:
            raise Refused("missing", "没有这个附件", 404)
        return file[1]

    def _delete(self, actor: Person, action: Action) -> Json:
        del self.rows[action.object, self._one(actor, action).id]

    def _order(self, actor: Person, action: Action) -> Json:
        quote = self._one(actor, action)
        quote.fields["state"] = "ordered"
        fields = {"customer": quote.fields["customer"], "amount": quote.fields.get("unit_price"), "quote": quote.id}
        return self._shown(actor, "read", self._kept("order", quote.owner, fields))

    def _changed(self, actor: Person, action: Action) -> Json:
        """Changing, handing on, and every step in a record's life: what it names is set, and its state moves on."""
        row = self._one(actor, action)
        fixed = {*self._fixed(row.object), "owner"}
        row.fields |= {name: value for name, value in action.fields.items() if name not in fixed}
        to = self.people.get(str(action.options.get("to", "")))
        if to is not None and action.name == "assign":
            row.fields["assignee"] = to.key
        if to is not None and (row.object != "ticket" or action.name == "transfer"):
            row.owner = to
        if action.name == "submit":
            row.fields["state"] = "pending" if _amount(row.fields.get("discount")) > 10 else "approved"
        row.fields |= {"state": STATES[action.name]} if action.name in STATES else {}
        row.fields |= {"stage": action.options["stage"]} if "stage" in action.options else {}
        return self._shown(actor, "read", row)

    def _followup(self, actor: Person, action: Action) -> Json:
        about = action.fields if action.name == "create" else action.options["where"]
        rule = self._allowed(actor, action.name, "followup")
        row = self.rows.get((str(about["parent_object"]), str(about["parent_id"])))
        if row is None or not covers(rule.scope, actor, row.owner):
            raise Refused("missing", "没有这条记录", 404)
        if action.name == "create":
            row.notes.append(str(action.fields["text"]))
            return {"id": str(next(self._ids)), "text": action.fields["text"]}
        return {"items": [{"id": str(n), "text": text} for n, text in enumerate(row.notes)], "total": len(row.notes)}

    def _report(self, actor: Person, action: Action) -> Json:
        rule = self._allowed(actor, "read", f"report:{action.id}")
        whose = self.people.get(str(action.options.get("where", {}).get("owner", actor.key)), actor)
        return {"total": {"amount": "1.00" if covers(rule.scope, actor, whose) and not action.options else "0"}}

    def _told(self, actor: Person, action: Action) -> Json:
        self._allowed(actor, action.name, action.object)
        return {"items": [{"id": "1", "action": "create"}], "total": 1}

    def _user(self, actor: Person, action: Action) -> Json:
        rule, login = self._rule(actor, action.name, "user"), str(action.id or action.fields.get("login"))
        if rule is None or rule.scope == "none":
            own = action.name == "change" and login == actor.login and not {"role"} & action.fields.keys()
            if not own:
                raise Refused("denied", "没有权限", 403)
        if action.name == "list":
            return {"items": [{**one, "id": name} for name, one in self.accounts.items()], "total": len(self.accounts)}
        account = self.accounts.setdefault(login, {"active": True, "login": login})
        account |= dict(action.fields)
        account["active"] = action.name not in ("disable", "handover")
        return {**account, "id": login}


def _amount(value: Any) -> Decimal:
    try:
        return Decimal(str(value or 0))
    except InvalidOperation:
        return Decimal(0)
