"""[screens] tried in a browser: everybody in and out, then object by object. Looking: screens_looking.py; records:
screens_records.py. What an API would answer is no business of this round."""

from __future__ import annotations

from collections.abc import Iterable
from secrets import token_hex

from crm_acceptance.doctoring import screens_looking, screens_pressing, screens_records
from crm_acceptance.doctoring.findings import BROKEN, DENIED, PAGES, UNMAPPED, UNTRIED, WORKS
from crm_acceptance.doctoring.screens_window import Windows
from crm_acceptance.doctoring.visit import Visit
from crm_acceptance.engines.browser import Browser
from crm_acceptance.errors import AcceptanceError, Refused, SiteOutOfReach
from crm_acceptance.model import Person
from crm_acceptance.systems import Screens
from crm_acceptance.systems.rest import screens as by_names
from crm_acceptance.systems.rest.canonical import OWN
from crm_acceptance.systems.rest.screens_shape import ObjectScreen
from crm_acceptance.systems.rest.screens_table import offers
from crm_acceptance.tools.browser import find_browser
from crm_acceptance.tools.missing import ToolMissing

SITE = "site"
FULLY = 3
"""So many people try everything; the others only sign in and out. A page costs a hundred times what a call does."""


def examined(visit: Visit, screens: Screens | None = None) -> None:
    """Fills the visit's chart with what the pages can do. `screens`: the door of a system with Python of its own."""
    try:
        find_browser()
    except ToolMissing as no:
        left_out(visit, str(no))
        return
    door = by_names.screens(visit.mapping, visit.site, people=visit.people)
    browser = Browser(tracing=False, ca=visit.site.ca)
    try:
        with browser.scene() as scene:
            _round(Windows(visit, door.spec, screens or door, scene, _own(visit) if screens else None))
    finally:
        browser.close()


def left_out(visit: Visit, why: str = "--without-browser") -> None:
    """Says that the pages were not tried, because nobody wanted them to be or there is no browser."""
    for person in visit.people:
        visit.chart.mark(SITE, "login" + PAGES, person.key, UNTRIED, f"{why}：没有试页面（not tried）")
    visit.chart.note(f"{why}：[screens] 没有试，所以没有证明（[screens] was not tried, so it is not proven）。")


def _own(visit: Visit) -> screens_records.Supports:
    def supports(verb: str, object: str) -> bool:
        return visit.system.supports(verb, object)

    return supports


def _round(windows: Windows) -> None:
    visit = windows.visit
    visit.say("页面：登录 pages: signing in")
    inside = [person for person in visit.people if _signed_in(windows, person)]
    if not any(one.where.startswith("screens.login") for one in visit.chart.findings):
        _stranger(windows)
    windows.settle()
    people = _fully(inside)
    for person in inside:
        if person not in people:
            _signed_out(windows, person)
    for shape in in_order(windows) if people else ():
        visit.say(f"页面 pages: {shape.name}")
        _one_object(windows, shape, people)
    for shape in windows.spec.objects.values():
        if people and any(verb.at == "parent" for verb in shape.verbs.values()):
            screens_pressing.beside(windows, shape, people)
    screens_records.removed(windows, people)
    for person in people:
        _signed_out(windows, person)
    windows.settle()
    screens_pressing.untold(windows)
    _denied(windows)


def _signed_in(windows: Windows, person: Person) -> bool:
    """In through the login page. Whoever is refused while others get in has a wrong password, not a wrong mapping."""
    seen = windows.tried(SITE, "login", person, "screens.login", lambda: windows.door(person).page())
    if isinstance(seen.no, SiteOutOfReach) and windows.spec.url and "打不开" in str(seen.no):
        windows.suspect(SITE, "login", person, windows.found("screens.url", str(seen.no)))
    elif isinstance(seen.no, SiteOutOfReach) and "打不开" in str(seen.no):
        raise seen.no
    if seen.well:
        _counted(windows, person)
    return seen.well


def _counted(windows: Windows, person: Person) -> None:
    """Requests of pages count as those of the API do; pictures and styles do not."""
    chart = windows.visit.chart

    def heard(request: object) -> None:
        chart.requests += getattr(request, "resource_type", "") in ("document", "xhr", "fetch")

    windows.door(person).page().on("request", heard)


def _stranger(windows: Windows) -> None:
    """A wrong password, once and for one person only: accounts get locked."""
    visit, login = windows.visit, windows.spec.login
    person = visit.people[0]
    if login.state:
        windows.mark(SITE, "wrong password", person, UNTRIED, "登录用保存的浏览器状态（stored browser states）")
        return
    stranger = f"{person.key} "
    wrong = f"wrong-{token_hex(6)}"
    try:
        windows.scene.page(visit.site.url, stranger, lambda page: windows.screens.login(page, person, wrong))
    except Refused as no:
        kind = WORKS if no.kind in ("denied", "invalid") else UNTRIED
        windows.mark(SITE, "wrong password", person, kind, str(no))
    except AcceptanceError as no:
        windows.refused(SITE, "wrong password", person, "screens.login.refused", no)
    else:
        sentence = "错误的密码也算登录成功：请写 inside（a wrong password counts as signed in: give inside）"
        windows.mark(SITE, "wrong password", person, BROKEN, visit.finding("screens.login.inside", sentence))
    windows.scene.leave(stranger)


def _fully(people: Iterable[Person]) -> list[Person]:
    """At most three, of different roles if possible, in the order of the table of people."""
    everybody = list(people)
    first = [one for n, one in enumerate(everybody) if one.role not in {other.role for other in everybody[:n]}]
    return sorted([*first, *(one for one in everybody if one not in first)][:FULLY], key=everybody.index)


def _signed_out(windows: Windows, person: Person) -> None:
    logout = windows.spec.logout
    if not (logout.path or logout.button):
        windows.mark(SITE, "logout", person, UNMAPPED, "没有 [screens.logout]（not described）")
        return
    where = "screens.logout.path" if logout.path else "screens.logout.button"

    def leave() -> None:
        windows.looked(person, lambda desk: desk.glass.goto(desk.address("/")))  # the last page may have been an error
        windows.door(person).sign_out()

    windows.tried(SITE, "logout", person, where, leave)


def in_order(windows: Windows) -> list[ObjectScreen]:
    """The objects with a list or a form, each after those that it refers to."""
    shapes = windows.spec.objects
    done: dict[str, ObjectScreen] = {}

    def walk(name: str, way: tuple[str, ...]) -> None:
        if name in way or name in done or name not in shapes:
            return
        for field in shapes[name].fields.values():
            if field.kind == "ref":
                walk(field.object, (*way, name))
        done[name] = shapes[name]

    for name in shapes:
        walk(name, ())
    return list(done.values())


def _one_object(windows: Windows, shape: ObjectScreen, people: list[Person]) -> None:
    labels = screens_looking.Labels(windows, shape)
    if shape.path or shape.menu:
        screens_looking.lists(windows, shape, people, labels)
    if may(windows, "create", shape.name) and shape.name not in screens_records.NEVER and not _variant(windows, shape):
        screens_records.one(windows, shape, people, labels)
    windows.settle()
    labels.tell()


def _variant(windows: Windows, shape: ObjectScreen) -> bool:
    """An object of the mapping's own that is another list of one above: its records are tried there."""
    raw = (windows.visit.mapping.screens or {}).get("objects", {}).get(shape.name, {})
    return "like" in raw and shape.name.startswith(OWN)


def may(windows: Windows, verb: str, object: str) -> bool:
    """Whether the pages are described for that."""
    if windows.own is not None:
        return windows.own(verb, object)
    return offers(windows.visit.mapping, verb, object)


def _denied(windows: Windows) -> None:
    """What everybody was refused: their rights, or a page that says no for another reason."""
    chart = windows.visit.chart
    for gap in chart.gaps():
        object, _, verb = gap.partition(".")
        cells = [cell for key, cell in chart.cells.items() if key[:2] == (object, verb) and verb.endswith(PAGES)]
        if cells and all(cell.outcome == DENIED for cell in cells):
            at = windows.spec.lines.at(f"screens.objects.{object}")
            chart.note(
                f"{at}: 试过的人都被拒（refused for all who tried）{gap}：{cells[0].sentence}。换人试 try --as。"
            )
