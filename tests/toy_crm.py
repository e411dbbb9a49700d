"""A CRM of forty lines with one object, customers, and leaks that can be switched on: what the oracle is tried on."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

from crm_acceptance.errors import Refused
from crm_acceptance.model import Action, Outcome, Page, Person, Record, Site
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import Answer, Call, Flow, Send

PEOPLE = (
    Person("ann", "安", "sales", "rep", "ann"),
    Person("bob", "波", "sales", "rep", "bob"),
    Person("may", "梅", "sales", "boss", "may"),
)
HEADER = "role,action,object,scope,fields,requirement\n"
ACTIONS = ("read", "list", "count", "export", "create", "change", "delete")


class Toy:
    """Both the System and its server; `leaks` names what is wrong with it."""

    name = title = "toy"

    def __init__(self, *leaks: str) -> None:
        self.leaks = frozenset(leaks)
        self.rows: dict[str, dict[str, Any]] = {}
        self._ids = itertools.count(1)

    def supports(self, action: str, object: str) -> bool:
        return object == "customer" and action in ACTIONS

    def records(self, site: Site) -> Toy:
        return self

    def login(self, person: Person, password: str) -> Flow[Session]:
        answer = yield Call("POST", "/login", json={"who": person.key, "password": password})
        if answer.status != 200:
            raise Refused("denied", "密码不对", answer.status)
        return Session(person, {"who": person.key})

    def logout(self, session: Session) -> Flow[None]:
        yield Call("POST", "/logout", headers=session.headers)

    def flow(self, session: Session, action: Action) -> Flow[Outcome]:
        body = {"id": action.id, "fields": dict(action.fields), "options": dict(action.options)}
        answer = yield Call("POST", f"/{action.name}", json=body, headers=session.headers)
        if answer.status != 200:
            raise Refused("missing", "没有", answer.status)
        return _outcome(action, answer)

    def send(self, person: Person) -> Send:
        return self.answer

    def answer(self, call: Call) -> Answer:
        if call.path == "/login":
            return _answer(403 if call.json["password"] != "right" else 200, {})
        who, name = call.headers["who"], call.path[1:]
        act: Callable[[str, dict[str, Any]], Answer] = getattr(self, f"_{name}")
        return act(who, call.json)

    def _mine(self, who: str, leak: str) -> list[dict[str, Any]]:
        everything = who == "may" or leak in self.leaks
        return [row for row in self.rows.values() if everything or row["owner"] == who]

    def _found(self, who: str, body: dict[str, Any], leak: str) -> list[dict[str, Any]]:
        q = body["options"].get("q", "")
        found = [row for row in self._mine(who, leak) if q in row["name"]]
        return self._mine(who, leak) if "filter" in self.leaks else found

    def _create(self, who: str, body: dict[str, Any]) -> Answer:
        row = {**body["fields"], "id": str(next(self._ids)), "owner": who}
        self.rows[row["id"]] = row
        return _answer(200, row)

    def _read(self, who: str, body: dict[str, Any]) -> Answer:
        row = self.rows.get(body["id"], {})
        inside = row in self._mine(who, "read")
        headers = {"x-hint": row.get("phone", "")} if "header" in self.leaks else {}
        polite = 200 if "polite" in self.leaks else 404
        return _answer(200, row, headers) if inside and "refuse" not in self.leaks else _answer(polite, {}, headers)

    def _list(self, who: str, body: dict[str, Any]) -> Answer:
        rows = self._found(who, body, "list")
        total = len(self._found("may", body, "list")) if "total" in self.leaks else len(rows)
        return _answer(200, {"items": rows, "total": total, "asked": body["options"]})

    def _count(self, who: str, body: dict[str, Any]) -> Answer:
        return _answer(200, {"count": len(self._found(who, body, "count"))})

    def _export(self, who: str, body: dict[str, Any]) -> Answer:
        text = json.dumps(self._found(who, body, "export"), ensure_ascii=False)
        return Answer(200, {}, text.encode("utf-16"))

    def _change(self, who: str, body: dict[str, Any]) -> Answer:
        row = self.rows[body["id"]]
        inside = row["owner"] == who
        if inside or "change" in self.leaks:
            row.update(body["fields"])
        return _answer(200 if inside or "polite" in self.leaks else 404, row if inside else {})

    def _delete(self, who: str, body: dict[str, Any]) -> Answer:
        inside = self.rows[body["id"]]["owner"] == who
        if inside or "delete" in self.leaks:
            del self.rows[body["id"]]
        return _answer(200 if inside else 404, {})


def _answer(status: int, body: Any, headers: dict[str, str] | None = None) -> Answer:
    return Answer(status, headers or {}, json.dumps(body, default=str).encode())


def _outcome(action: Action, answer: Answer) -> Outcome:
    if action.name == "export":
        return answer.body
    body = answer.json()
    if action.name == "count":
        return int(body["count"])
    if action.name == "list":
        return Page(tuple(Record("customer", row["id"], row) for row in body["items"]), body["total"])
    return Record("customer", body.get("id", ""), body)
