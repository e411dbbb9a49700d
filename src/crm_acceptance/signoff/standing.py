"""Where every department stands: signatures against quorum, the strictest word first; writes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from crm_acceptance.contents import Contents
from crm_acceptance.profile import Profile
from crm_acceptance.signoff import journal
from crm_acceptance.signoff.journal import Book, Line
from crm_acceptance.signoff.named import Named, named
from crm_acceptance.signoff.rules import Case, overdue, unanswered, why_not
from crm_acceptance.signoff.sayings import CONDITIONAL, NO, YES, Signature
from crm_acceptance.signoff.subject import Subject, subject

VALID, VOID, MISSING, EXPIRED, REFUSED = "valid", "void", "missing", "expired", "refused"
EXIT_ACCEPTED, EXIT_REFUSED, EXIT_MISSING, EXIT_CONDITIONAL = 0, 1, 3, 5

_LOST = (
    "说过不同意，密钥后来被吊销：请本人登记新密钥，再答复一次（或撤回） said no with a key that was revoked since: "
    "that person must answer anew"
)


@dataclass(frozen=True)
class Signed:
    """One signature of the journal, kept whatever became of it. `counts` is False when there are `reasons`.

    name: of the person as the profile names it; overdue: its conditions that are past their date; unanswered: a no
    for which only the key is gone; behalf: the name of whom it stands for when that was delegated, else "".
    """

    n: int
    digest: str
    name: str
    signature: Signature
    reasons: tuple[str, ...]
    overdue: tuple[str, ...]
    unanswered: bool = False
    behalf: str = ""

    @property
    def counts(self) -> bool:
        """Whether it adds to the quorum (or refuses)."""
        return not self.reasons and not self.overdue

    @property
    def short(self) -> str:
        """What people compare on paper."""
        return self.digest[:12]


@dataclass(frozen=True)
class Standing:
    """One department. `decision` is the gate's; `needed` the quorum; `state` valid void missing expired refused.

    answer: yes or conditional when valid, no when refused, else None; counted: whether acceptance waits for it.
    """

    department: str
    decision: str
    answer: str | None
    signatures: tuple[Signed, ...]
    needed: int
    state: str
    reasons: tuple[str, ...]
    counted: bool = True

    @property
    def hands(self) -> int:
        """How many different people's yes counts."""
        return _hands(one for one in self.signatures if one.counts and one.signature.answer != NO)


def status(
    profile: Profile, run_dir: Path, now: datetime | None = None, present: Contents | None = None
) -> tuple[Standing, ...]:
    """Every department of the run and every one that has signatories.

    `now` defaults to this moment; `present`: what the workspace says, when it was collected already.
    WrongUse: no such run, a wrong [signatories], a journal that cannot be read.
    """
    people, at = named(profile), now or datetime.now().astimezone()
    book = journal.read(profile.workspace, people.keys)
    return standings(subject(profile, run_dir, present, at), people, book, at)


def standings(what: Subject, people: Named, book: Book, now: datetime) -> tuple[Standing, ...]:
    """The same from what was read already."""
    signed = tuple(_signed(Case(line, said, what, people, book, now)) for line, said in book.of(Signature))
    every = dict.fromkeys((*what.departments(), *people.circles))
    return tuple(_standing(what, people, book, key, signed) for key in every)


def exit_code(found: Iterable[Standing]) -> int:
    """0 every needed department says yes, 5 some only conditionally, 1 one refuses, 3 anything else."""
    counted = [one for one in found if one.counted]
    if any(one.state == REFUSED for one in counted):
        return EXIT_REFUSED
    if not counted or any(one.state != VALID for one in counted):
        return EXIT_MISSING
    return EXIT_CONDITIONAL if any(one.answer == CONDITIONAL for one in counted) else EXIT_ACCEPTED


def _signed(case: Case) -> Signed:
    who = case.named.whose(case.signature.key) or case.named.anywhere(case.signature.signatory)
    name = who.name if who else case.signature.signatory
    late = overdue(case.signature, case.now)
    behalf = case.called(case.signature.behalf)
    return Signed(case.line.n, case.line.digest, name, case.signature, why_not(case), late, unanswered(case), behalf)


def _standing(what: Subject, people: Named, book: Book, department: str, signed: tuple[Signed, ...]) -> Standing:
    own = tuple(one for one in signed if one.signature.bound.department == department)
    circle, decision = people.circle(department), what.decision(department)
    state, answer, reasons = _state(own, circle.quorum, bool(circle.people))
    whole = (*what.problems[:3], *(f"签字簿被改动过 the journal was changed: {one}" for one in book.problems))
    if state != REFUSED and (whole or _broken_lines(book)):
        state, answer, reasons = VOID, None, (*whole, *_broken_lines(book), *reasons)
    return Standing(department, decision, answer, own, circle.quorum, state, reasons, what.needed(department))


def _state(own: tuple[Signed, ...], quorum: int, has_people: bool) -> tuple[str, str | None, tuple[str, ...]]:
    here = [one for one in own if one.counts]
    noes = [one for one in here if one.signature.answer == NO]
    if noes:
        return REFUSED, NO, tuple(f"{one.name} 不同意：{one.signature.reason} says no" for one in noes)
    lost = [one for one in own if one.unanswered and not _answered_since(one, here)]
    if lost:
        return VOID, None, tuple(f"{one.name} {_LOST}" for one in lost)
    late = [one for one in own if one.overdue and not one.reasons]
    if late:
        return EXPIRED, None, tuple(why for one in late for why in one.overdue)
    hands = _hands(here)
    if not has_people:
        return MISSING, None, ("acceptance.toml 没有给这个部门指定签字人 nobody is named to sign for this department",)
    if hands >= quorum:
        conditional = any(one.signature.answer == CONDITIONAL for one in here)
        return VALID, CONDITIONAL if conditional else YES, ()
    why = tuple(dict.fromkeys(f"{one.name}：{reason}" for one in own for reason in one.reasons[:2]))
    still = f"还差 {quorum - hands} 人签字 more signatures are needed"
    return (VOID if own and not here else MISSING), None, (still, *why[-6:])


def _hands(counting: Iterable[Signed]) -> int:
    """For how many different signatories how many different people sign: whoever signs for somebody else is one hand
    all the same, and a signatory who is signed for, and signs, is one signatory all the same."""
    wanted: dict[str, list[str]] = {}
    for one in counting:
        wanted.setdefault(one.signature.signatory, []).append(one.signature.behalf or one.signature.signatory)
    seated: dict[str, str] = {}
    return sum(_seat(hand, wanted, seated, set()) for hand in wanted)


def _seat(hand: str, wanted: Mapping[str, list[str]], seated: dict[str, str], tried: set[str]) -> bool:
    """Gives the hand a signatory of its own, if others can move for it (a bipartite matching)."""
    for whom in wanted[hand]:
        if whom not in tried:
            tried.add(whom)
            if whom not in seated or _seat(seated[whom], wanted, seated, tried):
                seated[whom] = hand
                return True
    return False


def _answered_since(no: Signed, counting: Iterable[Signed]) -> bool:
    """Whether the person whose no it was said something later, with a key that counts."""
    whose = no.signature.behalf or no.signature.signatory
    return any(one.n > no.n and (one.signature.behalf or one.signature.signatory) == whose for one in counting)


def _broken_lines(book: Book) -> tuple[str, ...]:
    """A line that nobody can read may have been a no."""
    unread: list[Line] = [line for line in book.lines if line.said is None]
    return tuple(f"签字簿第 {line.n + 1} 行：{line.problem}" for line in unread[:3])
