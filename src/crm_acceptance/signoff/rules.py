"""Why one signature does not count, rule by rule; each is a small function, and none knows how many are needed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from crm_acceptance.sealing.envelope import SHORT
from crm_acceptance.signoff.journal import Book, Line
from crm_acceptance.signoff.named import Named
from crm_acceptance.signoff.sayings import CONDITIONAL, NO, YES, Delegation, Revocation, Signature, Withdrawal
from crm_acceptance.signoff.subject import Subject

GO, MAYBE = "go", "conditional"
ALLOWED = {GO: (YES, CONDITIONAL, NO), MAYBE: (CONDITIONAL, NO)}
"""Which answers a decision of the gate leaves; any other decision leaves a "no" only."""
SLACK = timedelta(minutes=5)
"""So far two machines' clocks may differ."""


@dataclass(frozen=True)
class Case:
    """One signature before the rules. `now` has an offset."""

    line: Line
    signature: Signature
    subject: Subject
    named: Named
    book: Book
    now: datetime

    def called(self, person: str) -> str:
        """The name of somebody who may sign anywhere; the login itself where nobody knows it."""
        known = self.named.anywhere(person)
        return known.name if known else person


def why_not(case: Case) -> tuple[str, ...]:
    """Everything that keeps this signature from counting; nothing when it counts. A passed due date is apart."""
    return tuple(why for rule in RULES for why in rule(case))


def overdue(signature: Signature, now: datetime) -> tuple[str, ...]:
    """The conditions whose day is over, one sentence each."""
    today = now.astimezone().date()
    return tuple(
        f"条件已过期：{one.text}（{one.owner}，{one.due.isoformat()}）a condition is past its date"
        for one in signature.conditions
        if one.due < today
    )


def allowed(decision: str, answer: str) -> bool:
    """Nobody signs green over red."""
    return answer in ALLOWED.get(decision, (NO,))


def _envelope(case: Case) -> Iterator[str]:
    if case.line.problem:
        yield case.line.problem


def _journal(case: Case) -> Iterator[str]:
    for problem in case.book.problems:
        yield f"签字簿被改动过 the journal was changed: {problem}"


def _run(case: Case) -> Iterator[str]:
    there, here = case.signature.bound, case.subject.bound(case.signature.bound.department)
    if there.run != here.run or there.system != here.system:
        yield f"为另一次运行签的 signed for another run: {there.run}"
        return
    if there.head != here.head:
        yield "证据已不是签字时的证据 the evidence is not what was signed"
    if (there.decision, there.proofs) != (here.decision, here.proofs):
        yield f"结论已不是签字时的结论 the decision is not what was signed: {there.decision} → {here.decision}"
    if there.contents != here.contents:
        yield "需求和检查已不是签字时的内容 requirements or checks are not those that were signed"


def _evidence(case: Case) -> Iterator[str]:
    if case.signature.bound.run == case.subject.verdict.run.id:
        yield from case.subject.problems[:3]


def _workspace(case: Case) -> Iterator[str]:
    yield from case.subject.changed.get(case.signature.bound.department, ())


def _decision(case: Case) -> Iterator[str]:
    bound = case.signature.bound
    if not allowed(bound.decision, case.signature.answer):
        yield f"结论是 {bound.decision}，不能签 {case.signature.answer} nobody signs green over red"
    if case.signature.answer == CONDITIONAL and not case.signature.conditions:
        yield "没有写条件 a conditional yes without a condition"


def _person(case: Case) -> Iterator[str]:
    """Whose key it is, whether that person may sign here, for the own part or for somebody else's."""
    said, circle = case.signature, case.named.circle(case.signature.bound.department)
    hand = case.named.whose(said.key)
    if hand is None or hand.person != said.signatory:
        known = case.named.anywhere(said.signatory)
        yield (
            f"{said.signatory} 登记的不是这把密钥 {said.key[:SHORT]} the key is not the one that is named"
            if known
            else f"{said.signatory} 不在签字人名单里 is not named as a signatory"
        )
    principal = said.behalf or said.signatory
    if circle.find(principal) is None:
        yield f"{principal} 不是这个部门的签字人 is no signatory of this department"


def _revoked(case: Case) -> Iterator[str]:
    why = revoked(case.signature.key, case.named, case.book)
    if why:
        yield f"密钥 {case.signature.key[:SHORT]} 已吊销：{why} the key was revoked"


def _delegated(case: Case) -> Iterator[str]:
    said = case.signature
    if said.behalf and not any(_covers(case, line, one) for line, one in case.book.believed(Delegation)):
        yield f"{said.behalf} 没有（或不再）委托 {said.signatory} 在这个部门代签 no delegation covers it"


def _covers(case: Case, line: Line, given: Delegation) -> bool:
    said = case.signature
    wanted = (said.bound.department, said.behalf, said.signatory)
    giver = case.named.circle(given.department).find(given.signatory)
    return (
        (given.department, given.signatory, given.to) == wanted
        and giver is not None
        and giver.key == given.key
        and not revoked(given.key, case.named, case.book)
        and line.n < case.line.n
        and max(_day(said.at), *_days_until(case)) <= given.until
        and not any(gone.n < case.line.n for gone in withdrawals(case.book, case.named, line))
    )


def _days_until(case: Case) -> Iterator[date]:
    """Of this line and of all before it: setting the clock back makes no delegation last longer."""
    yield _day(case.line.at)
    yield from (_day(line.at) for line in case.book.lines if line.n < case.line.n)


def _withdrawn(case: Case) -> Iterator[str]:
    for gone in withdrawals(case.book, case.named, case.line):
        if isinstance(gone.said, Withdrawal):
            yield f"{case.called(gone.said.signatory)} 已撤回：{gone.said.reason} withdrawn"


def _time(case: Case) -> Iterator[str]:
    finished = case.subject.verdict.run.finished
    if case.signature.at > case.now + SLACK:
        yield "签字时间在未来，时钟不对 it was signed in the future"
    if finished is not None and case.signature.at.timestamp() * 1000 < finished - SLACK.total_seconds() * 1000:
        yield "签字早于运行结束 it was signed before the run ended"


def _repeated(case: Case) -> Iterator[str]:
    if any(line.digest == case.line.digest and line.n < case.line.n for line, _ in case.book.of(Signature)):
        yield "同一份签字又抄了一遍 the same signature once more"


RULES: tuple[Callable[[Case], Iterator[str]], ...] = (
    _journal, _envelope, _run, _evidence, _workspace, _decision, _person, _revoked, _delegated, _withdrawn, _time,
    _repeated,
)  # fmt: skip


def unanswered(case: Case) -> bool:
    """Whether this is a "no" for which only the key is gone: nobody takes another's no away by revoking the key.

    It stands in the way until the same person answered anew, took it back, or is no signatory any more.
    """
    said, circle = case.signature, case.named.circle(case.signature.bound.department)
    if said.answer != NO or circle.find(said.behalf or said.signatory) is None or not any(_revoked(case)):
        return False
    return not any(why for rule in RULES if rule not in (_revoked, _person, _delegated) for why in rule(case))


def revoked(key: str, named: Named, book: Book) -> str:
    """Why this key counts no more, or "". A revocation counts even when the key that signed it is gone since: it was
    looked at when it was written down, and it can only take away."""
    if key in named.revoked:
        return "acceptance.toml [signatories] revoked"
    return next((said.reason for _, said in book.of(Revocation) if said.revokes == key), "")


def withdrawals(book: Book, named: Named, line: Line) -> tuple[Line, ...]:
    """The lines that take `line` back, by whoever wrote it or by the person it was written for."""
    said = line.said
    if not isinstance(said, Signature | Delegation):
        return ()
    people = {said.signatory, getattr(said, "behalf", "")} - {""}
    return tuple(
        other
        for other, gone in book.believed(Withdrawal)
        if gone.withdraws == line.digest
        and (gone.key == said.key or _is_one_of(named, gone, people))
        and not _revoked_by_then(gone.key, named, book, other.n)
    )


def _revoked_by_then(key: str, named: Named, book: Book, n: int) -> bool:
    """Whether the key was revoked before that line: then whoever has it takes nothing back with it."""
    return key in named.revoked or any(said.revokes == key and line.n < n for line, said in book.of(Revocation))


def _is_one_of(named: Named, gone: Withdrawal, people: set[str]) -> bool:
    who = named.whose(gone.key)
    return who is not None and who.person == gone.signatory and who.person in people


def _day(at: datetime) -> date:
    return at.astimezone().date()
