"""Whether each yes to a change bears the signature of whoever is said to have said it; a yes that does not is none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crm_acceptance import contents, logbook
from crm_acceptance.changes import book as books
from crm_acceptance.changes.book import OPEN, Book, Decision, Request
from crm_acceptance.changes.terms import Terms, terms
from crm_acceptance.logbook import Logbook
from crm_acceptance.profile import Profile
from crm_acceptance.sealing import envelope as envelopes
from crm_acceptance.sealing import keys
from crm_acceptance.sealing.keys import PublicKey

SIGNOFF_FILE = "signoff.jsonl"
"""Sign-off's own journal: a key that was revoked there signs nothing here either."""


@dataclass(frozen=True)
class Register:
    """Which keys count: of whom (key of a person -> fingerprints), which were revoked, every public key there is.

    broken: why nobody knows what was revoked, or "".
    """

    named: Mapping[str, frozenset[str]]
    revoked: frozenset[str]
    public: Mapping[str, PublicKey]
    broken: str = ""

    def against(self, person: str, key: str) -> str:
        """Why this fingerprint is not that person's to approve with, or ""."""
        if self.broken:
            return f"{SIGNOFF_FILE} 被改动过，不知道吊销了哪些密钥 nobody knows which keys were revoked：{self.broken}"
        if key in self.revoked:
            return f"密钥 {key[:12]} 已吊销 the key was revoked"
        if key not in self.named.get(person, frozenset()):
            return f"{person} 登记的不是密钥 {key[:12]} the key is not the one that is named"
        return "" if key in self.public else f"signatories/ 里没有公钥 {key[:12]} the public key is missing"


def read(profile: Profile) -> Book:
    """The profile's part of the journal, in which only those approvals stand that are signed."""
    return verified(profile, books.read(profile.workspace, profile.system))


def of(profile: Profile, journal: Logbook) -> Book:
    """The same from a logbook that was read."""
    return verified(profile, books.of(journal, profile.system))


def verified(profile: Profile, book: Book) -> Book:
    """Every yes looked at; where one does not count, its request stands as if it had not been said."""
    if not any(one.yes for request in book.requests for one in request.decisions):
        return book
    known = terms(profile)
    return _judged(book, known, register(profile, known))


def register(profile: Profile, known: Terms) -> Register:
    """From [signatories], for those who may decide, and [changes.keys]. WrongUse: a file in signatories/ is no key."""
    named = {person: set(own) for person, own in known.keys.items()}
    for person, key in _signatories(profile):
        if known.decides(who := known.key_of(person)):
            named.setdefault(who, set()).add(key)
    whole = {person: frozenset(own) for person, own in named.items()}
    told = profile.signatories.get("revoked", [])
    lines, broken = _revoked(profile)
    gone = frozenset((*map(str, told if isinstance(told, list) else ()), *lines))
    return Register(whole, gone, keys.registered(profile.workspace), broken)


def seal(request: Request, by: str, state: str, reason: str, key: Ed25519PrivateKey) -> dict[str, Any]:
    """The signed yes: to these words of this request, and to what it comes to by it."""
    return envelopes.seal(envelopes.APPROVAL, _said(request, by, state, reason, PublicKey(key.public_key())), key)


def _judged(book: Book, known: Terms, keys: Register) -> Book:
    return replace(book, requests=tuple(_weighed(one, known, keys) for one in book.requests))


def _weighed(request: Request, known: Terms, keys: Register) -> Request:
    said = tuple(replace(one, problem=_problem(request, one, known, keys)) for one in request.decisions)
    state = next((one.state for one in reversed(said) if not one.problem), OPEN)
    return replace(request, decisions=said, state=state)


def _problem(request: Request, one: Decision, known: Terms, keys: Register) -> str:
    """A no needs no signature: it can only take away."""
    if not one.yes or (not one.envelope and known.unsigned):
        return ""
    if not one.envelope:
        return "没有签名 it is not signed"
    try:
        said = envelopes.opened(envelopes.APPROVAL, one.envelope, keys.public)
    except ValueError as wrong:
        return str(wrong)
    key = str(said.get("key"))
    if said != _said(request, one.by, one.state, one.reason, keys.public[key]):
        return "签的不是这份申请 it signs something else"
    return keys.against(one.by, key)


def _said(request: Request, by: str, state: str, reason: str, key: PublicKey) -> dict[str, Any]:
    what = {id: contents.requirement(request.after, id) for id in request.what}
    asked = {"system": request.system, "request": request.id, "by": request.by, "why": request.why, "what": what}
    return {**asked, "approver": by, "answer": "yes", "state": state, "reason": reason, "key": key.fingerprint}


def _signatories(profile: Profile) -> Iterator[tuple[str, str]]:
    """Who is named to sign anything, with which key. Sign-off says what is wrong with the table; here it is skipped."""
    for circle in profile.signatories.values():
        people = circle.get("people", ()) if isinstance(circle, dict) else ()
        for one in people if isinstance(people, list) else ():
            if isinstance(one, dict) and one.get("key"):
                yield str(one.get("person", "")), str(one["key"])


def _revoked(profile: Profile) -> tuple[list[str], str]:
    """By lines of the sign-off, and why they cannot be believed; a line only takes away, so it is believed unread."""
    journal = logbook.read(profile.workspace / logbook.FOLDER / SIGNOFF_FILE)
    try:
        lines = [envelopes.read(entry.body["envelope"]) for entry in journal.of(envelopes.REVOCATION)]
    except (ValueError, KeyError, TypeError) as wrong:
        return [], f"{type(wrong).__name__}"
    return [str(said.get("revokes", "")) for said in lines], next(iter(journal.problems), "")
