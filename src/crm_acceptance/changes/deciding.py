"""Writes who said yes or no to a change request; nobody says it alone, twice, or for words that have changed since."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from crm_acceptance import logbook
from crm_acceptance.changes import book as books
from crm_acceptance.changes import signed
from crm_acceptance.changes.asking import file, same, written
from crm_acceptance.changes.book import APPROVAL, APPROVED, OPEN, REFUSAL, REFUSED, Book, Request
from crm_acceptance.changes.collecting import workspace
from crm_acceptance.changes.terms import Terms, terms
from crm_acceptance.contents import Contents
from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.profile import Profile
from crm_acceptance.sealing.keys import PublicKey


def decide(
    profile: Profile,
    id: str,
    by: str,
    yes: bool,
    reason: str = "",
    now: Contents | None = None,
    key: Ed25519PrivateKey | None = None,
) -> Request:
    """One named person's answer. A request is approved when one of each circle said yes, refused by the first no.

    `key` signs a yes; only `[changes] unsigned` lets one count without.
    """
    known, here = terms(profile), (now or workspace(profile)) if yes else Contents()
    if not yes and not reason.strip():
        raise WrongUse("驳回请写明原因：--why \"……\"。Say why you refuse: --why \"...\".")  # fmt: skip
    with logbook.held(file(profile)) as journal:
        request = _open(signed.of(profile, journal), id)
        who = _entitled(known, request, by, yes)
        if yes:
            _refuse_other_words(request, here)
        state, why = _state(known, request, who) if yes else REFUSED, reason.strip()
        told = {"id": request.id, "by": who, "reason": why, "state": state}
        body: dict[str, Any] = {"system": profile.system, **told}
        if yes and (key is not None or not known.unsigned):
            body["envelope"] = signed.seal(request, who, state, why, _fitting(profile, known, who, key))
        logbook.add(file(profile), journal, APPROVAL if yes else REFUSAL, body)
    return written(profile, request.id)


def entitled(profile: Profile, id: str, by: str) -> str:
    """The key of the person who may approve that request. WrongUse: they may not. Before anybody types a passphrase."""
    return _entitled(terms(profile), _open(signed.read(profile), id), by, True)


def missing(known: Terms, request: Request) -> tuple[tuple[str, ...], ...]:
    """The circles of which nobody has said yes yet."""
    yes = {one.by for one in request.decisions if one.yes and not one.problem}
    return tuple(circle for circle in known.circles(request.departments) if not yes & set(circle))


def _open(book: Book, id: str) -> Request:
    if book.problems:
        raise WrongUse(f"变更记录已被改动：{book.problems[0]}。请从备份恢复。The journal was changed by hand.")
    request = book.find(id)
    if request is None:
        raise unknown("变更申请 change request", id, [one.id for one in book.requests])
    if request.state != OPEN:
        by = next(one for one in reversed(request.decisions) if not one.problem)
        raise WrongUse(
            f"{request.id} {books.STATES[request.state]}（{by.by}，{by.at[:16]}），不能再审。Already decided."
        )
    return request


def _entitled(known: Terms, request: Request, by: str, yes: bool) -> str:
    if not yes and known.person(by) == request.by:
        return request.by  # whoever asked may take it back
    who = known.approver(by)
    if who == request.by:
        raise WrongUse(f"{by} 是 {request.id} 的申请人，不能自己批准。Nobody approves the own request.")
    if any(one.by == who and not one.problem for one in request.decisions):
        raise WrongUse(f"{by} 已经审过 {request.id}。Decided by the same person already.")
    circles = known.circles(request.departments)
    if not any(who in circle for circle in circles):
        names = "；".join(known.named(circle) for circle in circles)
        raise WrongUse(f"{request.id} 涉及的部门由他们审批：{names}。Others decide for these departments.")
    return who


def _refuse_other_words(request: Request, here: Contents) -> None:
    other = [id for id in request.what if not same(request.after, here, id)]
    if other:
        raise WrongUse(
            f"{request.id} 申请之后，{'、'.join(other)} 又改过了；请驳回它并重新申请。"
            "Changed again since it was asked for: refuse it and ask anew."
        )


def _fitting(profile: Profile, known: Terms, who: str, key: Ed25519PrivateKey | None) -> Ed25519PrivateKey:
    """The key, when it is one that this person may approve with."""
    if key is None:
        raise WrongUse(
            f"批准要用密钥签名（--key）：{who} 还没有密钥就先 crm-acceptance keys create {who}、keys register {who}，"
            "把指纹写进 acceptance.toml 的 [changes.keys]；"
            "不要求签名时写 [changes] unsigned = true。An approval is signed."
        )
    why = signed.register(profile, known).against(who, PublicKey(key.public_key()).fingerprint)
    if why:
        raise WrongUse(
            f"{why}：请执行 crm-acceptance keys register {who}，并把指纹写进 acceptance.toml 的 "
            "[changes.keys]。This key cannot approve."
        )
    return key


def _state(known: Terms, request: Request, who: str) -> str:
    return OPEN if any(who not in circle for circle in missing(known, request)) else APPROVED
