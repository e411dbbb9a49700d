"""What a few people see at a site, once, for every check of this room: planted records, lists, files, pages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from crm_acceptance.actors import RecordsDoor
from crm_acceptance.engines.permissions.drafts import draft
from crm_acceptance.engines.sensitive import crumbs, forms
from crm_acceptance.engines.sensitive.entrances import Entered, Exchange, Tape
from crm_acceptance.engines.sensitive.ground import Ground
from crm_acceptance.engines.sensitive.pages import walked
from crm_acceptance.errors import Refused, SiteOutOfReach, Unsupported
from crm_acceptance.model import Action, Outcome, Page, Person, Record
from crm_acceptance.systems import taken
from crm_acceptance.systems.flow import Call

PEOPLE, PAGES = 3, 12
"""How many people look, and how many pages one of them opens."""
_LEAVE = re.compile(
    r"log-?out|sign-?out|delete|remove|lang|退出|删除|disable|\.(?:css|js|png|svg|ico|woff2?)\b", re.IGNORECASE
)


@dataclass
class Sights:
    """`exchanges`: all that was said, with the logins. `personal`: planted value -> what it is. `proofs`: secrets."""

    exchanges: list[Exchange] = field(default_factory=list)
    personal: dict[str, str] = field(default_factory=dict)
    planted: dict[tuple[str, str], str] = field(default_factory=dict)
    proofs: set[str] = field(default_factory=set)
    opened: list[Exchange] = field(default_factory=list)
    """Of the exchanges those that somebody who is signed in had: personal data may stand in them."""


def seen(ground: Ground) -> Sights:
    """Signs in anew by every way, plants records where somebody may, and looks around."""
    sights = Sights()
    sights.proofs |= {ground.password(person) for person in ground.people}
    for entered in ground.entered.values():
        sights.exchanges += entered.exchanges
        sights.proofs |= set(entered.proofs)
    _arrive(ground, sights)
    if ground.records is not None:
        for person in _different(ground.people):
            _look(ground, person, sights)
    for entered in ground.entered.values():
        if entered.session is None:
            _open_pages(ground, entered, sights)
    return sights


def _arrive(ground: Ground, sights: Sights) -> None:
    """What a visitor finds first: of many systems one page that loads everything else."""
    tape = Tape("", ground.send)
    with suppress(SiteOutOfReach):
        walked(ground.site, tape, tape(Call("GET", "/", follow=False)), {}, "/")
    sights.exchanges += tape.kept


def _different(people: object) -> list[Person]:
    found: dict[str, Person] = {}
    for person in people:  # type: ignore[attr-defined]
        found.setdefault(person.role, person)
    return list(found.values())[:PEOPLE]


def _look(ground: Ground, person: Person, sights: Sights) -> None:
    assert ground.records is not None
    tape = Tape(person.name, ground.send)
    door = RecordsDoor(ground.records, person, ground.password(person), tape)
    with suppress(Refused, SiteOutOfReach):
        session = door.session()
        sights.proofs |= set(Entered(person, session.headers, session.cookies, ()).proofs)
        sights.exchanges += tape.kept
        before = len(tape.kept)
        for kind in ground.declared.fields:
            record = _plant(ground, door, kind, sights)
            for action in _looks(kind, record):
                _done(ground, door, action)
        sights.opened += tape.kept[before:]
        sights.exchanges += tape.kept[before:]


def _plant(ground: Ground, door: RecordsDoor, kind: str, sights: Sights) -> Record | None:
    """A record with unguessable values, where nobody planted one before and this person may."""
    if (kind, "id") in sights.planted or (kind == "contact" and ("customer", "id") not in sights.planted):
        return Record(kind, sights.planted[kind, "id"]) if (kind, "id") in sights.planted else None
    plan = draft(kind, sights.planted.get(("customer", "id"), ""))
    fields = taken(ground.system, kind, plan.fields, {"name", "customer"} & set(plan.fields))
    made = _done(ground, door, Action("create", kind, fields=fields))
    if not isinstance(made, Record):
        return None
    sights.planted[kind, "id"] = made.id
    for name in ground.declared.fields[kind]:
        if name in fields:
            sights.personal[str(fields[name])] = f"{kind}.{name}"
            sights.planted[kind, name] = str(fields[name])
    return made


def _looks(kind: str, record: Record | None) -> Iterator[Action]:
    yield Action("list", kind, options={"size": 5})
    yield Action("export", kind)
    if record is not None:
        yield Action("read", kind, record.id)
        yield Action("attach", kind, record.id, options={"filename": "note.txt", "body": b"canary"})
        yield Action("attachments", kind, record.id)


def _done(ground: Ground, door: RecordsDoor, action: Action) -> Outcome:
    if not ground.system.supports(action.name, action.object):
        return None
    try:
        outcome = door.do(action)
    except (Refused, Unsupported, SiteOutOfReach):
        return None
    if action.name == "attachments" and isinstance(outcome, Page) and outcome.rows:
        _done(ground, door, Action("download", action.object, action.id, options={"attachment": outcome.rows[0].id}))
    return outcome


def _open_pages(ground: Ground, entered: Entered, sights: Sights) -> None:
    """The first page after the login and those that it leads to, one of each kind, none that changes anything."""
    tape, jar = Tape(entered.person.name, ground.send), dict(entered.cookies)
    waiting, met = [entered.landing], set[str]()
    while waiting and len(met) < PAGES:
        path = waiting.pop(0)
        if (shape := re.sub(r"\d+", "#", path.partition("?")[0])) in met:
            continue
        met.add(shape)
        with suppress(SiteOutOfReach):
            answer = tape(Call("GET", path, headers=crumbs.header(jar), follow=False))
            answer, jar, at = walked(ground.site, tape, answer, jar, path)
            waiting += _further(ground, at, answer.text)
    sights.opened += tape.kept
    sights.exchanges += tape.kept


def _further(ground: Ground, at: str, html: str) -> Iterator[str]:
    for link in forms.links(html):
        path = forms.below(ground.site, at, link)
        if path is not None and not _LEAVE.search(path) and not link.startswith("#"):
            yield path
