"""For those who run the CRM: accounts, hand-over, the whole audit log; and what everybody is told, notifications."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from markupsafe import Markup, escape
from starlette.responses import Response
from starlette.routing import BaseRoute

from .. import notices, people, rights, timeline
from ..errors import CrmError, missing
from ..objects import BY_PLURAL, OBJECTS
from .deeds import Deed
from .detail import Fact
from .door import Visit, go, page
from .history import ledger
from .inputs import Control, Option, colleagues, wrongs
from .lists import steps
from .render import label_of, show, texts
from .tables import Column, Row
from .values import Looks, moment
from .words import DEPARTMENTS, ROLES, pick

SIZE = 50


def routes() -> list[BaseRoute]:
    """The pages of this room."""
    return [
        page("/users", everybody),
        page("/users/new", blank),
        page("/users/new", add, "POST"),
        page("/users/{login}", one),
        page("/users/{login}/handover", handover, "POST"),
        page("/users/{login}/change", change, "POST"),
        *(page(f"/users/{{login}}/{name}", partial(switch, name), "POST") for name in SWITCHES),
        page("/audit", audit),
        page("/notifications", notifications),
    ]


def everybody(visit: Visit) -> Response:
    """All accounts."""
    t, found = texts(visit), people.users(visit.db, visit.me)
    heads = tuple(Column(label) for label in (t.name, t.login, t.department, t.team, t.role, t.state))
    rows = [_row(visit, user) for user in found]
    new = "/users/new" if rights.may(visit.me, "create", "user") else ""
    return show(visit, "users.html", title=t.users, columns=heads, rows=rows, new_url=new)


def _row(visit: Visit, user: Mapping[str, Any]) -> Row:
    link = Markup('<a href="/users/{}">{}</a>').format(user["login"], user["name"])
    return Row(
        user["login"],
        (
            link,
            escape(user["login"]),
            escape(pick(DEPARTMENTS, user["department"], visit.language)),
            escape(user["team"]),
            escape(pick(ROLES, user["role"], visit.language)),
            _state(visit, user),
        ),
    )


def _state(visit: Visit, user: Mapping[str, Any]) -> Markup:
    t = texts(visit)
    badge = Markup('<span class="badge {}">{}</span>')
    return badge.format("good", t.active) if user["active"] else badge.format("bad", t.disabled)


def blank(visit: Visit) -> Response:
    """The form for a new account."""
    people.users(visit.db, visit.me)  # the right is the service's to judge
    return _form(visit, {})


def add(visit: Visit) -> Response:
    """Creates the account, or shows the form again with what was wrong."""
    wanted = {name: visit.form.get(name, "") for name in ("login", "name", "role", "password")}
    try:
        people.add(visit.db, visit.me, wanted)
    except CrmError as error:
        return _form(visit, visit.form, error)
    return go(f"/users/{wanted['login']}", "created")


def _form(visit: Visit, held: Mapping[str, str], problem: CrmError | None = None) -> Response:
    t, wrong = texts(visit), wrongs(problem)
    plain = [("login", t.login, "text"), ("name", t.name, "text"), ("password", t.password, "password")]
    fields = [Control(n, label, kind, held.get(n, "") if n != "password" else "", True, wrong=wrong.get(n, ""))
              for n, label, kind in plain]  # fmt: skip
    options = tuple(Option(key, pick(ROLES, key, visit.language)) for key in ROLES)
    fields.append(
        Control("role", t.role, "select", held.get("role", ""), True, options, t.choose, wrong.get("role", ""))
    )
    return show(
        visit, "form.html", problem.status if problem else 200, problem, title=t.new + t.gap + t.users, crumb=t.users,
        back_url="/users", action="/users/new", kept=[], fields=fields, offer_force=False,
    )  # fmt: skip


def one(visit: Visit) -> Response:
    """One account and what can be done with it."""
    return _user(visit)


def _user(visit: Visit, problem: CrmError | None = None, handed: Mapping[str, int] | None = None) -> Response:
    user = _found(visit)
    looks, t = Looks(visit), texts(visit)
    facts = [
        Fact("name", t.name, escape(user["name"])),
        Fact("login", t.login, escape(user["login"])),
        Fact("department", t.department, escape(pick(DEPARTMENTS, user["department"], visit.language))),
        Fact("team", t.team, escape(user["team"])),
        Fact("role", t.role, escape(pick(ROLES, user["role"], visit.language))),
        Fact("active", t.state, _state(visit, user)),
    ]
    return show(
        visit, "user.html", problem.status if problem else 200, problem, title=user["name"], facts=facts,
        deeds=_deeds(looks, user),
        handed=[Fact(n, label_of(visit, BY_PLURAL[n]), escape(count)) for n, count in (handed or {}).items()],
    )  # fmt: skip


def _found(visit: Visit) -> Mapping[str, Any]:
    login = visit.step("login")
    user = next((u for u in people.users(visit.db, visit.me) if u["login"] == login), None)
    if user is None:
        raise missing()
    return user


def _deeds(looks: Looks, user: Mapping[str, Any]) -> list[Deed]:
    t, url = texts(looks.visit), f"/users/{user['login']}"
    switch = "disable" if user["active"] else "enable"
    question = t.sure.format(t.disable, user["name"]) if user["active"] else ""
    deeds = [Deed(switch, getattr(t, switch), f"{url}/{switch}", "risky" if user["active"] else "main", question)]
    successor = colleagues(looks, "to", t.successor, (str(user["department"]),), without=str(user["login"]))
    options = tuple(Option(key, pick(ROLES, key, looks.visit.language)) for key in ROLES)
    role = Control("role", t.role, "select", str(user["role"]), True, options)
    word = Control("password", t.password, "password", "", True)
    deeds += [Deed("role", t.change_role, f"{url}/change", fields=(role,))]
    deeds += [Deed("password", t.new_password, f"{url}/change", fields=(word,))]
    return [*deeds, Deed("handover", t.handover, f"{url}/handover", fields=(successor,))]


SWITCHES: Mapping[str, Callable[[Visit], Any]] = {
    "disable": lambda v: people.disable(v.db, v.me, v.step("login")),
    "enable": lambda v: people.enable(v.db, v.me, v.step("login")),
}


def switch(name: str, visit: Visit) -> Response:
    """Disables or enables; a refusal is shown on the person's page."""
    try:
        SWITCHES[name](visit)
    except CrmError as error:
        return _user(visit, error)
    return go(f"/users/{visit.step('login')}", "acted")


def change(visit: Visit) -> Response:
    """Gives somebody another role or password; a refusal is shown on the person's page."""
    try:
        fields = {name: visit.form[name] for name in ("role", "password") if name in visit.form}
        people.change(visit.db, visit.me, visit.step("login"), fields)
    except CrmError as error:
        return _user(visit, error)
    return go(f"/users/{visit.step('login')}", "acted")


def handover(visit: Visit) -> Response:
    """Hands everything over and says how much of what."""
    try:
        counts = people.handover(visit.db, visit.me, visit.step("login"), visit.form.get("to", ""))
    except CrmError as error:
        return _user(visit, error)
    return _user(visit, handed=counts)


def audit(visit: Visit) -> Response:
    """The whole log, the newest first."""
    number = max(1, visit.number("page") or 1)
    found = timeline.whole_audit(visit.db, visit.me, page=number, size=SIZE)
    table = ledger(Looks(visit), found["items"])
    return show(
        visit, "audit.html", title=texts(visit).audit, columns=table.columns, rows=table.rows, total=found["total"],
        pages=steps(visit, found["total"], number, SIZE),
    )  # fmt: skip


def notifications(visit: Visit) -> Response:
    """What happened to one's records, the newest first."""
    t, looks = texts(visit), Looks(visit)
    found = [_told(looks, told) for told in notices.notices(visit.db, visit.me)]
    heads = (Column(t.when), Column(t.content))
    return show(visit, "audit.html", title=t.notifications, columns=heads, rows=found, total=len(found), pages=())


def _told(looks: Looks, told: Mapping[str, Any]) -> Row:
    link = Markup('<a href="/{}/{}">{}</a>').format(OBJECTS[told["object"]].plural, told["id"], told["text"])
    return Row(int(told["row"]), (moment(str(told["at"])), link))
