"""Taking back, lending and losing: withdrawal, delegation, revocation, each signed and added to the journal."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crm_acceptance import logbook
from crm_acceptance.errors import WrongUse
from crm_acceptance.profile import Profile
from crm_acceptance.sealing import envelope as envelopes
from crm_acceptance.sealing.envelope import SHORT
from crm_acceptance.sealing.keys import PublicKey
from crm_acceptance.signoff import journal
from crm_acceptance.signoff.journal import Book, Line
from crm_acceptance.signoff.named import Named, Signatory, named
from crm_acceptance.signoff.rules import revoked, withdrawals
from crm_acceptance.signoff.sayings import Delegation, Revocation, Signature, Withdrawal
from crm_acceptance.signoff.signing import LONGEST, check_printable, whom

SHORTEST = 6
"""Characters of a digest that name one signature."""


@dataclass(frozen=True)
class Hand:
    """Somebody with the own key open. `now` has an offset."""

    profile: Profile
    person: str
    key: Ed25519PrivateKey
    now: datetime

    @property
    def fingerprint(self) -> str:
        """Of the key."""
        return PublicKey(self.key.public_key()).fingerprint


def withdraw(hand: Hand, start: str, reason: str) -> Line:
    """Takes back the signature or delegation whose digest begins with `start`. The line that was taken back."""
    _needs_reason(reason)
    people = named(hand.profile)
    file = journal.path(hand.profile.workspace)
    with logbook.held(file) as book:
        known = journal.of(book, people.keys)
        line = _one(known, start)
        _check_own(hand, people, known, line)
        said = Withdrawal(line.digest, reason.strip(), hand.person, hand.fingerprint, hand.now)
        _add(hand, book, envelopes.WITHDRAWAL, said.as_json())
    return line


def delegate(hand: Hand, department: str, to: str, until: date, reason: str) -> Delegation:
    """Lets somebody else who is named sign in the own name until that day. Nobody can pass on what was lent."""
    _check_reason(reason)
    people = named(hand.profile)
    giver = whom(people, department, hand.person, "", tuple(hand.profile.departments))
    taker = people.anywhere(to)
    if taker is None or to == hand.person:
        names = ", ".join(sorted({one.person for one in people.everybody()} - {hand.person}))
        raise WrongUse(f"不能委托给 {to}：要委托给另一个签字人。已指定 named: {names}。Delegate to another signatory.")
    if until < hand.now.astimezone().date():
        raise WrongUse(f"委托的截止日期已过：{until.isoformat()}。The delegation would be over already.")
    file = journal.path(hand.profile.workspace)
    with logbook.held(file) as book:
        _check_key(hand, people, journal.of(book, people.keys), giver)
        said = Delegation(department, to, until, reason.strip(), hand.person, hand.fingerprint, hand.now)
        _add(hand, book, envelopes.DELEGATION, said.as_json())
    return said


def revoke(hand: Hand, fingerprint: str, reason: str) -> Revocation:
    """Nothing that this key ever signed counts any more. By its holder, or by any other signatory when it is lost."""
    _needs_reason(reason)
    people = named(hand.profile)
    who = people.whose(hand.fingerprint)
    if hand.fingerprint != fingerprint and (who is None or who.person != hand.person):
        raise WrongUse(f"{hand.person} 的密钥没有登记，不能吊销别人的。Only a named signatory revokes another's key.")
    if hand.fingerprint not in people.keys:
        raise WrongUse(f"工作区 signatories/ 里没有 {hand.person} 的公钥。The public key is missing.")
    file = journal.path(hand.profile.workspace)
    with logbook.held(file) as book:
        known = journal.of(book, people.keys)
        why = revoked(fingerprint, people, known)
        if why:
            raise WrongUse(f"密钥 {fingerprint[:SHORT]} 已经吊销：{why}。It is revoked already.")
        why = revoked(hand.fingerprint, people, known)
        if why:
            raise WrongUse(f"{hand.person} 的密钥已吊销（{why}），不能吊销别人的。A revoked key revokes no other.")
        said = Revocation(fingerprint, reason.strip(), hand.person, hand.fingerprint, hand.now)
        _add(hand, book, envelopes.REVOCATION, said.as_json())
    return said


def _one(book: Book, start: str) -> Line:
    if len(start) < SHORTEST:
        raise WrongUse(f"请写签字摘要的至少前 {SHORTEST} 位。Write at least {SHORTEST} characters of the digest.")
    found = {line.digest: line for line in book.find(start) if isinstance(line.said, Signature | Delegation)}
    if len(found) != 1:
        known = ", ".join(one.digest[:SHORT] for one in book.lines if isinstance(one.said, Signature | Delegation))
        raise WrongUse(f"没有（唯一的）这份签字或委托：{start}。已知 known: {known or '(none)'}。No such signature.")
    return next(iter(found.values()))


def _check_own(hand: Hand, people: Named, book: Book, line: Line) -> None:
    """A signature is taken back by its writer, or by the person in whose name it stands; with the key that is named."""
    said = line.said
    own = {getattr(said, "signatory", ""), getattr(said, "behalf", "")} - {""}
    if hand.person not in own:
        raise WrongUse(f"{line.digest[:SHORT]} 是 {'、'.join(sorted(own))} 签的，只能由本人撤回。Only the own one.")
    me = people.anywhere(hand.person)
    if hand.fingerprint != getattr(said, "key", "") and (me is None or me.key != hand.fingerprint):
        raise WrongUse(f"这把密钥不是 {hand.person} 登记的那把。The key is not the one that is named.")
    if hand.fingerprint not in people.keys:
        raise WrongUse(f"工作区 signatories/ 里没有 {hand.person} 的公钥。The public key is missing.")
    why = revoked(hand.fingerprint, people, book)
    if why:
        raise WrongUse(f"密钥 {hand.fingerprint[:SHORT]} 已吊销：{why}。请用新登记的密钥。The key was revoked.")
    if withdrawals(book, people, line):
        raise WrongUse(f"{line.digest[:SHORT]} 已经撤回了。It is withdrawn already.")


def _check_key(hand: Hand, people: Named, book: Book, own: Signatory) -> None:
    why = revoked(hand.fingerprint, people, book)
    if why:
        raise WrongUse(f"密钥 {hand.fingerprint[:SHORT]} 已吊销：{why}。The key was revoked.")
    if own.key != hand.fingerprint or hand.fingerprint not in people.keys:
        raise WrongUse(f"这把密钥不是 {own.name} 登记的那把。The key is not the one that is named.")


def _needs_reason(reason: str) -> None:
    if not reason.strip():
        raise WrongUse("请写明原因：--reason。A reason is needed.")
    _check_reason(reason)


def _check_reason(reason: str) -> None:
    if len(reason) > LONGEST:
        raise WrongUse(f"原因最多 {LONGEST} 字。A reason has {LONGEST} characters at most.")
    check_printable(reason)


def _add(hand: Hand, book: logbook.Logbook, kind: str, said: dict[str, Any]) -> None:
    sealed = envelopes.seal(kind, said, hand.key)
    logbook.add(journal.path(hand.profile.workspace), book, kind, {"envelope": sealed}, hand.now)
