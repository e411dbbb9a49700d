"""Answering for a department: what is asked is checked, signed with the person's key and added to the journal."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crm_acceptance import logbook
from crm_acceptance.contents import Contents
from crm_acceptance.errors import Unproven, WrongUse, unknown
from crm_acceptance.profile import Profile
from crm_acceptance.sealing import envelope as envelopes
from crm_acceptance.sealing.keys import PublicKey
from crm_acceptance.signoff import journal
from crm_acceptance.signoff.journal import Book, Line
from crm_acceptance.signoff.named import Named, Signatory, named
from crm_acceptance.signoff.rules import Case, allowed, overdue, revoked, why_not
from crm_acceptance.signoff.sayings import ANSWERS, CONDITIONAL, NO, Condition, Signature
from crm_acceptance.signoff.subject import Subject, subject

LONGEST = 2000
"""Characters of a reason or a condition."""
MOST = 40
"""Conditions of one signature."""
_ODD = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Answer:
    """What somebody wants to sign. `behalf`: for whom, when it was delegated, else ""."""

    department: str
    person: str
    answer: str
    conditions: tuple[Condition, ...] = ()
    reason: str = ""
    behalf: str = ""


@dataclass(frozen=True)
class Receipt:
    """What was written down: the digest of the signed text, its line in the journal and that line's own digest."""

    digest: str
    n: int
    entry: str
    signature: Signature

    @property
    def short(self) -> str:
        """What people compare."""
        return self.digest[: envelopes.SHORT]


@dataclass(frozen=True)
class Desk:
    """Where something is signed: the profile, the run as it stands, who is named. `now` has an offset."""

    profile: Profile
    subject: Subject
    named: Named
    now: datetime

    @property
    def file(self) -> Path:
        """The journal."""
        return journal.path(self.profile.workspace)


def desk(profile: Profile, run_dir: Path, now: datetime | None = None, present: Contents | None = None) -> Desk:
    """Reads everything that a signature depends on, anew."""
    at = now or datetime.now().astimezone()
    return Desk(profile, subject(profile, run_dir, present, at), named(profile), at)


def sign(at: Desk, asked: Answer, key: Ed25519PrivateKey) -> Receipt:
    """Signs and writes down. WrongUse or Unproven: one sentence why not; then nothing was written."""
    return accept(at, envelope(at, asked, key))


def envelope(at: Desk, asked: Answer, key: Ed25519PrivateKey) -> dict[str, Any]:
    """The signed envelope, written nowhere, for `accept` to take in. Refuses what could never count."""
    check(at, asked)
    shown = PublicKey(key.public_key()).fingerprint
    bound = at.subject.bound(asked.department)
    what = (asked.answer, asked.conditions, asked.reason.strip())
    said = Signature(bound, *what, asked.person, shown, at.now, asked.behalf)
    return envelopes.seal(envelopes.SIGNATURE, said.as_json(), key)


def accept(at: Desk, sealed: Mapping[str, Any]) -> Receipt:
    """Writes a signed envelope down, while nobody else can write. Raises as `sign` does."""
    with logbook.held(at.file) as book:
        known = journal.of(book, at.named.keys)
        line = _next(known, sealed, at)
        if line.said is None or not isinstance(line.said, Signature):
            raise WrongUse(f"这不是签字文件：{line.problem or line.kind}。It holds no signature.")
        _admit(at, known, line, line.said)
        entry = logbook.add(at.file, book, envelopes.SIGNATURE, {"envelope": dict(sealed)}, at.now)
    return Receipt(line.digest, entry.n, entry.digest, line.said)


def check(at: Desk, asked: Answer) -> None:
    """What can be said before a key is opened. WrongUse or Unproven with the sentence."""
    whom(at.named, asked.department, asked.person, asked.behalf, at.subject.departments())
    if asked.answer not in ANSWERS:
        raise unknown("答复 answer", asked.answer, ANSWERS)
    _check_words(asked)
    late = overdue_today(asked, at.now)
    if late:
        raise WrongUse(f"条件的期限要在今天之后：{late}。A condition's date must be in the future.")
    for why in (*at.subject.problems, *at.subject.changed.get(asked.department, ())):
        raise Unproven(
            f"这次运行不能签字：{why}。请重新运行后再签；没有批准的变更，先批准（crm-acceptance changes）。"
            "This run cannot be signed."
        )
    decision = at.subject.decision(asked.department)
    if not allowed(decision, asked.answer):
        raise Unproven(_over_red(decision))


def whom(known: Named, department: str, person: str, behalf: str, departments: tuple[str, ...]) -> Signatory:
    """Who signs with the own key; WrongUse when the department is unknown or the person is not named for it."""
    if department not in departments and department not in known.circles:
        raise unknown("部门 department", department, {*departments, *known.circles})
    circle = known.circle(department)
    if not circle.people:
        raise WrongUse(
            f"acceptance.toml 没有给 {department} 指定签字人，请写 [[signatories.{department}.people]]。"
            "Nobody is named to sign for this department."
        )
    hand = known.anywhere(person) if behalf else circle.find(person)
    if hand is None:
        names = ", ".join(f"{one.name}（{one.person}）" for one in circle.people)
        raise WrongUse(f"{person} 不是 {department} 的签字人。已指定 named: {names}。Not named to sign here.")
    if not hand.key:
        raise WrongUse(
            f"{hand.name} 还没有登记公钥：先 crm-acceptance keys create {person}，再 keys register {person}。"
            "No public key is registered yet."
        )
    return hand


def overdue_today(asked: Answer, now: datetime) -> str:
    """The first condition that is due today or before, "" when there is none."""
    today = now.astimezone().date()
    return next((f"{one.text}（{one.due.isoformat()}）" for one in asked.conditions if one.due <= today), "")


def _check_words(asked: Answer) -> None:
    if asked.answer == NO and not asked.reason.strip():
        raise WrongUse("不同意要写原因。A no needs a reason: --reason.")
    if asked.answer == CONDITIONAL and not asked.conditions:
        raise WrongUse("有条件同意至少要写一个条件：内容、负责人、期限。A conditional yes needs a condition.")
    if asked.answer != CONDITIONAL and asked.conditions:
        raise WrongUse("只有“有条件同意”才写条件。Conditions belong to a conditional yes only.")
    for one in asked.conditions:
        if not one.text.strip() or not one.owner.strip():
            raise WrongUse("每个条件都要有内容和负责人。Each condition needs a text and an owner.")
    words = (asked.reason, *(word for one in asked.conditions for word in (one.text, one.owner)))
    if max(map(len, words)) > LONGEST:
        raise WrongUse(f"原因、条件和负责人最多 {LONGEST} 字。A reason or condition has {LONGEST} characters at most.")
    if len(asked.conditions) > MOST:
        raise WrongUse(f"条件最多 {MOST} 个。{MOST} conditions at most.")
    check_printable(*words)


def check_printable(*words: str) -> None:
    """WrongUse: half a character (a console in another encoding), a control, one that turns the writing round."""
    for word in words:
        odd = _ODD.search(word)
        if odd:
            raise WrongUse(f"里面有打不出来的字符 {odd[0]!a}，请重新输入。It holds a character that cannot be printed.")


def _next(book: Book, sealed: Mapping[str, Any], at: Desk) -> Line:
    """The line that would be written."""
    moment = at.now.isoformat()
    entry = logbook.Entry(len(book.lines), book.head, moment, envelopes.SIGNATURE, {"envelope": dict(sealed)}, "")
    return journal.line(entry, at.named.keys)


def _admit(at: Desk, book: Book, line: Line, said: Signature) -> None:
    asked = Answer(said.bound.department, said.signatory, said.answer, said.conditions, said.reason, said.behalf)
    hand = whom(at.named, asked.department, asked.person, asked.behalf, at.subject.departments())
    _check_key(at, book, hand, said)
    earlier = _earlier(at, book, said)
    if earlier is not None:
        raise WrongUse(
            f"{hand.name} 已经签过（{earlier.digest[: envelopes.SHORT]}）。要改答复，请先撤回 withdraw 再签。"
            "Signed already: withdraw that first."
        )
    wrong = why_not(Case(line, said, at.subject, at.named, book, at.now))
    if wrong:
        raise Unproven(f"这份签字不能算数，没有记下：{wrong[0]}。It would not count and was not written down.")
    check(at, asked)


def _check_key(at: Desk, book: Book, hand: Signatory, said: Signature) -> None:
    why = revoked(said.key, at.named, book)
    if why:
        raise WrongUse(f"密钥 {said.key[: envelopes.SHORT]} 已吊销：{why}。请登记新的密钥。The key was revoked.")
    if said.key != hand.key:
        raise WrongUse(
            f"这把密钥（{said.key[: envelopes.SHORT]}）不是 {hand.name} 登记的那把（{hand.key[: envelopes.SHORT]}）。"
            "The key is not the one that is named."
        )
    if said.key not in at.named.keys:
        raise WrongUse(
            f"工作区 signatories/ 里没有 {hand.name} 的公钥，请执行 crm-acceptance keys register {hand.person}。"
            "The public key is missing in signatories/."
        )


def _earlier(at: Desk, book: Book, said: Signature) -> Line | None:
    """What the same hand said already, for the same person, of the same department and run, and what still counts."""
    for line, other in book.of(Signature):
        same = (other.bound.run, other.bound.department, other.key, other.behalf) == (
            said.bound.run, said.bound.department, said.key, said.behalf,
        )  # fmt: skip
        case = Case(line, other, at.subject, at.named, replace(book, problems=()), at.now)
        if same and not why_not(case) and not overdue(other, at.now):
            return line
    return None


def _over_red(decision: str) -> str:
    words = {"no-go": "不通过", "unproven": "证据不足", "conditional": "有条件通过"}
    if decision == "conditional":
        return "结论是有条件通过：只能签“有条件同意”（写明条件）或“不同意”。The gate asks for conditions."
    return f"结论是{words.get(decision, decision)}，不能签同意；可以签“不同意”。Nobody signs green over red."
