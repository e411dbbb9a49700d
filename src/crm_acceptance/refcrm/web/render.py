"""Puts a page together: templates, words, navigation, the last success or refusal. Fetches no record."""

from __future__ import annotations

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from .. import rights
from ..errors import CrmError
from ..fields import ObjectType
from ..objects import OBJECTS
from .door import NOBODY, Visit, when_refused
from .words import DEPARTMENTS, ROLES, pick, words

WORK = (
    "campaign",
    "lead",
    "customer",
    "pool",
    "contact",
    "opportunity",
    "quote",
    "order",
    "payment",
    "invoice",
    "ticket",
)
TEMPLATES = Environment(
    loader=PackageLoader("crm_acceptance.refcrm.web"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True)
class Link:
    """One entry of the navigation."""

    url: str
    label: str
    icon: str
    here: bool


@dataclass(frozen=True)
class Group:
    """A titled part of the navigation."""

    title: str
    links: tuple[Link, ...]


def texts(visit: Visit) -> SimpleNamespace:
    """The words in the visitor's language, as attributes."""
    return SimpleNamespace(**words(visit.language))


def label_of(visit: Visit, thing: Any) -> str:
    """The label of an object type, a field or a choice, in the visitor's language."""
    return str(thing.zh if visit.language == "zh" else thing.en)


def show(visit: Visit, template: str, status: int = 200, problem: CrmError | None = None, **context: Any) -> Response:
    """The page; `problem` is shown as an alert that carries its code."""
    t = texts(visit)
    frame = {
        "t": t,
        "lang": visit.language,
        "me": visit.me,
        "csrf_field": Markup('<input type="hidden" name="csrf" value="{}">').format(visit.csrf),
        "other_language_url": f"/language/{'en' if visit.language == 'zh' else 'zh'}?next={quote(visit.path)}",
        "flash": getattr(t, f"done_{visit.done}", "") if visit.done else "",
        "problem": problem,
    }
    if visit.me is not NOBODY:
        frame |= _frame(visit)
    return HTMLResponse(TEMPLATES.get_template(template).render({**frame, **context}), status)


def _frame(visit: Visit) -> dict[str, Any]:
    return {
        "nav": navigation(visit),
        "my_role": pick(ROLES, visit.me.role, visit.language),
        "my_department": pick(DEPARTMENTS, visit.me.department, visit.language),
    }


def navigation(visit: Visit) -> tuple[Group, ...]:
    """What this person may open, in the order of the business."""
    t = texts(visit)
    groups = (
        Group("", (_link(visit, "/", t.home, "home"), _link(visit, "/notifications", t.notifications, "notices"))),
        Group(t.group_work, tuple(_work(visit))),
        Group(t.group_watch, tuple(_watch(visit))),
        Group(t.group_admin, tuple(_admin(visit))),
    )
    return tuple(group for group in groups if group.links)


def _work(visit: Visit) -> list[Link]:
    entries = [(name, OBJECTS.get(name)) for name in WORK]
    return [made for name, kind in entries if (made := _entry(visit, name, kind))]


def _entry(visit: Visit, name: str, kind: ObjectType | None) -> Link | None:
    if kind is None:
        allowed = rights.may(visit.me, "claim", "customer")
        return _link(visit, "/pool", texts(visit).pool, name) if allowed else None
    return _link(visit, f"/{kind.plural}", label_of(visit, kind), name) if rights.may(visit.me, "read", name) else None


def _watch(visit: Visit) -> list[Link]:
    return [_link(visit, "/reports", texts(visit).reports, "reports")] if rights.reports_of(visit.me) else []


def _admin(visit: Visit) -> list[Link]:
    t = texts(visit)
    wanted = (("user", "/users", t.users, "users"), ("audit", "/audit", t.audit, "audit"))
    return [_link(visit, url, label, icon) for name, url, label, icon in wanted if rights.may(visit.me, "read", name)]


def _link(visit: Visit, url: str, label: str, icon: str) -> Link:
    path = visit.request.url.path
    return Link(url, label, icon, path == url or (url != "/" and path.startswith(f"{url}/")))


def refused(visit: Visit, error: CrmError) -> Response:
    """A refusal on a page of its own; without a session, on the login page."""
    if visit.me is NOBODY:
        return show(visit, "login.html", error.status, problem=error, title=texts(visit).sign_in, username="", next="/")
    return show(visit, "error.html", error.status, problem=error, title=texts(visit).oops)


when_refused(refused)
