"""Logging in and out, the language, and the dashboard: what waits for this person today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup, escape
from starlette.responses import Response
from starlette.routing import BaseRoute

from .. import auth, finding, lists, rights, timeline
from ..defects import active
from ..errors import CrmError
from ..lists import Asked
from ..objects import OBJECTS
from ..values import now
from .door import LANGUAGE, SESSION, Visit, go, local, page
from .history import ledger
from .render import label_of, show, texts
from .tables import Board, Column, Row, board
from .values import Looks

SHOWN = 6
OPEN_STAGES = ("qualify", "proposal", "negotiation")
# object, field, value: what is worth a number on the first page
WAITING = (
    ("lead", "state", "new"), ("lead", "state", "contacted"), ("campaign", "state", "running"),
    ("quote", "state", "pending"), ("order", "state", "open"), ("order", "state", "confirmed"),
    ("ticket", "state", "new"), ("ticket", "state", "assigned"),
)  # fmt: skip


@dataclass(frozen=True)
class Tile:
    """One number of the dashboard and where it leads."""

    label: str
    count: int
    url: str
    late: bool = False


def routes() -> list[BaseRoute]:
    """The pages of this room."""
    return [
        page("/login", ask, public=True),
        page("/login", enter, "POST", public=True),
        page("/logout", leave, "POST"),
        page("/language/{code}", speak, public=True),
        page("/", dashboard),
    ]


def ask(visit: Visit) -> Response:
    """The login page; says so when the session before has ended."""
    ended = CrmError("expired", texts(visit).expired) if visit.query.get("ended") else None
    return _entry(visit, visit.query.get("next", "/"), "", ended)


def _entry(visit: Visit, back: str, username: str, problem: CrmError | None) -> Response:
    status = 200 if problem is None or problem.code == "expired" else problem.status
    title = texts(visit).sign_in
    return show(visit, "login.html", status, problem, title=title, username=username, next=local(back))


def enter(visit: Visit) -> Response:
    """Takes name and password; the session is a cookie that no script can read."""
    username = visit.form.get("username", "").strip()
    try:
        session = auth.login(visit.db, username, visit.form.get("password", ""), "web", visit.token)
    except CrmError as error:
        return _entry(visit, visit.form.get("next", "/"), username, error)
    back = visit.form.get("next", "/")
    answer = go(f"{local(back)}?sid={session.token}" if active("token_in_address") else back)
    answer.set_cookie(
        SESSION,
        session.token,
        max_age=session.expires_in,
        secure=visit.request.url.scheme == "https",
        httponly=not active("cookie_readable_by_scripts"),
        samesite="none" if active("cookie_sent_cross_site") else "lax",
    )
    return answer


def leave(visit: Visit) -> Response:
    """Ends the session here and at the service."""
    if not active("web_logout_keeps_session"):
        auth.logout(visit.db, visit.token)
    answer = go("/login")
    answer.delete_cookie(SESSION)
    return answer


def speak(visit: Visit) -> Response:
    """Changes the language and goes back to where the visitor was."""
    answer = go(visit.query.get("next", "/"))
    code = visit.step("code")
    answer.set_cookie(LANGUAGE, code if code in ("zh", "en") else "zh", max_age=31_536_000, samesite="lax")
    return answer


def dashboard(visit: Visit) -> Response:
    """Numbers first, then what is open, late or to be approved."""
    looks = Looks(visit)
    boards, tiles = _boards(looks), [tile for entry in WAITING if (tile := _tile(visit, *entry)) and tile.count]
    tiles += [Tile(b.label, b.total, b.all_url, late and b.total > 0) for b, late in boards if b.all_url]
    shown = [b for b, _ in boards]
    return show(visit, "home.html", title=texts(visit).home, tiles=tiles, boards=shown)


def _tile(visit: Visit, object: str, field: str, value: str) -> Tile | None:
    kind = OBJECTS[object]
    if not rights.may(visit.me, "read", object):
        return None
    choice = next(c for c in kind.field(field).choices if c.value == value)
    number = lists.count(visit.db, visit.me, object, Asked(where={field: value}))
    return Tile(f"{label_of(visit, kind)} · {label_of(visit, choice)}", number, f"/{kind.plural}?{field}={value}")


def _boards(looks: Looks) -> list[tuple[Board, bool]]:
    """The boards this person has a use for, and whether each is a matter of being late."""
    t, me = texts(looks.visit), looks.visit.me
    made: list[tuple[Board, bool]] = []
    if rights.may(me, "approve", "quote"):
        made.append((_found(looks, "quote", {"state": ("pending",)}, t.pending), False))
    if rights.may(me, "read", "opportunity"):
        made.append((_found(looks, "opportunity", {"stage": OPEN_STAGES}, t.mine_open, "close_date"), False))
    if rights.may(me, "create", "payment") and rights.may(me, "read", "order"):
        made.append((_found(looks, "order", {"state": ("confirmed", "open")}, t.unpaid), False))
    if rights.may(me, "read", "audit"):
        made.append((_latest(looks), False))
    if rights.may(me, "read", "ticket"):
        made.append((_overdue(looks, t.overdue), True))
    return [*made, (_recent(looks), False)]


def _recent(looks: Looks) -> Board:
    """What this person worked on last."""
    t = texts(looks.visit)
    found = finding.recent(looks.visit.db, looks.visit.me, active("recent_panel_shared"))
    rows = tuple(Row(None, (escape(label_of(looks.visit, OBJECTS[hit["object"]])), _leading(hit))) for hit in found)
    return Board(t.recent, len(rows), (Column(t.object), Column(t.name)), rows, "")


def _leading(hit: Mapping[str, Any]) -> Markup:
    return Markup('<a href="/{}/{}">{}</a>').format(OBJECTS[hit["object"]].plural, hit["id"], hit["title"])


def _found(looks: Looks, object: str, where: Mapping[str, Sequence[str]], label: str, sort: str = "-id") -> Board:
    """The first records of several states together; a list filters one state at a time."""
    ((field, values),) = where.items()
    pages = [_page(looks, object, {field: value}, sort) for value in values]
    items = [item for found in pages for item in found["items"]]
    if sort.lstrip("-") != "id":
        items.sort(key=lambda item: str(item.get(sort) or "9999"))
    url = f"/{OBJECTS[object].plural}" + (f"?{field}={values[0]}" if len(values) == 1 else "")
    return board(looks, OBJECTS[object], items[:SHOWN], sum(p["total"] for p in pages), url, label=label)


def _page(looks: Looks, object: str, where: Mapping[str, str], sort: str, size: int = SHOWN) -> dict[str, Any]:
    asked = Asked(where=where, sort=sort, size=size)
    return dict(lists.listing(looks.visit.db, looks.visit.me, object, asked))


def _overdue(looks: Looks, label: str) -> Board:
    """Tickets that are neither resolved nor closed and whose time is up."""
    late_by = now()
    pages = [_page(looks, "ticket", {"state": state}, "due_at", 200) for state in ("new", "assigned")]
    late = [item for found in pages for item in found["items"] if str(item.get("due_at") or "9999") < late_by]
    return board(looks, OBJECTS["ticket"], late[:SHOWN], len(late), "/tickets?sort=due_at", label=label)


def _latest(looks: Looks) -> Board:
    """The end of the audit log, for those who watch over it."""
    t, found = texts(looks.visit), timeline.whole_audit(looks.visit.db, looks.visit.me, page=1, size=10)
    log = ledger(looks, found["items"])
    return Board(t.audit, found["total"], log.columns, log.rows, "/audit")
