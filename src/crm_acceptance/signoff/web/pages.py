"""What the pages show, as values, and the pages as text; takes no form and signs nothing."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import rfc8785
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crm_acceptance import page
from crm_acceptance.page import words
from crm_acceptance.page.view import Section, view_of
from crm_acceptance.signoff import journal, telling
from crm_acceptance.signoff.journal import Book
from crm_acceptance.signoff.named import Named, Signatory
from crm_acceptance.signoff.rules import allowed, withdrawals
from crm_acceptance.signoff.sayings import ANSWERS, Delegation
from crm_acceptance.signoff.signing import Desk
from crm_acceptance.signoff.standing import Signed, Standing, exit_code, standings

HERE = Path(__file__).parent
STYLES = (page.HERE / "page.css", HERE / "sign.css")
OVERALL = {0: "go", 1: "no-go", 3: "unproven", 5: "conditional"}


@dataclass(frozen=True)
class Choice:
    """One entry of "who signs": the value of the form, and what people read."""

    value: str
    label: str


@dataclass(frozen=True)
class Room:
    """Everything of one department. earlier: signatures that were made for other runs; seen: what the form binds."""

    standing: Standing
    section: Section | None
    here: tuple[Signed, ...]
    earlier: tuple[Signed, ...]
    choices: tuple[Choice, ...]
    answers: tuple[str, ...]
    lent: tuple[Delegation, ...]
    people: tuple[Signatory, ...]
    seen: str


@dataclass(frozen=True)
class Board:
    """The whole run: every standing, how many of those that count are signed, the overall word."""

    desk: Desk
    book: Book
    standings: tuple[Standing, ...]

    @property
    def code(self) -> int:
        """As the command would exit."""
        return exit_code(self.standings)

    @property
    def tally(self) -> Counter[str]:
        """State -> how many of the departments that count."""
        return Counter(one.state for one in self.standings if one.counted)

    def standing(self, department: str) -> Standing | None:
        """The department's, or None."""
        return next((one for one in self.standings if one.department == department), None)


def board(desk: Desk) -> Board:
    """Everything as it stands now."""
    book = journal.read(desk.profile.workspace, desk.named.keys)
    return Board(desk, book, standings(desk.subject, desk.named, book, desk.now))


def room(whole: Board, standing: Standing) -> Room:
    """One department, ready to be shown."""
    desk, key = whole.desk, standing.department
    sections = view_of(desk.subject.verdict, _has_report(desk)).sections
    here = [one.signature.bound.run == desk.subject.verdict.run.id for one in standing.signatures]
    split = tuple(
        tuple(s for s, own in zip(standing.signatures, here, strict=True) if own is is_here)
        for is_here in (True, False)
    )
    return Room(
        standing,
        next((one for one in sections if one.department.key == key), None),
        split[0],
        split[1],
        choices(desk.named, whole.book, key, desk.now),
        tuple(one for one in ANSWERS if allowed(standing.decision, one)),
        tuple(in_force(desk.named, whole.book, key, desk.now)),
        tuple({one.person: one for one in desk.named.everybody()}.values()),
        seen(desk, key),
    )


def choices(people: Named, book: Book, department: str, now: datetime) -> tuple[Choice, ...]:
    """Who may sign: everybody who is named, then everybody to whom one of them has lent the own right."""
    own = people.circle(department).people
    lent = {
        (said.to, said.signatory): Choice(
            f"{said.to}|{said.signatory}", f"{_called(people, said.to)} 代 {_called(people, said.signatory)}"
        )
        for said in in_force(people, book, department, now)
    }
    return (*(Choice(one.person, one.name) for one in own), *lent.values())


def in_force(people: Named, book: Book, department: str, now: datetime) -> Iterator[Delegation]:
    """What was lent and neither taken back nor over."""
    for line, said in book.believed(Delegation):
        over = said.until < now.astimezone().date() or withdrawals(book, people, line)
        if said.department == department and not over:
            yield said


def seen(desk: Desk, department: str) -> str:
    """What stands for all that a signature of this department binds: a form must not sign what nobody looked at."""
    return hashlib.sha256(rfc8785.dumps(dict(vars(desk.subject.bound(department))))).hexdigest()


def style() -> str:
    """One style sheet for all pages."""
    return "\n".join(file.read_text("utf-8") for file in STYLES)


def html(name: str, whole: Board, **more: Any) -> str:
    """A page as text; everything that people or a CRM said is escaped."""
    rooms = Environment(
        loader=FileSystemLoader([HERE, page.HERE]), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    shown = {"states": telling.STATES, "answers": telling.ANSWERS, "overall": OVERALL[whole.code], "words": words}
    return rooms.get_template(name).render(board=whole, run=whole.desk.subject.verdict.run, **shown, **more)


def _has_report(desk: Desk) -> bool:
    return (desk.subject.run_dir / "allure-report" / "index.html").is_file()


def _called(people: Named, person: str) -> str:
    found = people.anywhere(person)
    return found.name if found else person
