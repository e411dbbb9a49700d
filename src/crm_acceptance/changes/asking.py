"""Writes what was agreed at the beginning, and what somebody asks to change; what is wrong with it is one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from crm_acceptance import contents, logbook
from crm_acceptance.changes import book as books
from crm_acceptance.changes import runs, signed
from crm_acceptance.changes.book import BASELINE, OPEN, REQUEST, Book, Request
from crm_acceptance.changes.collecting import workspace
from crm_acceptance.changes.terms import Terms, terms
from crm_acceptance.contents import Contents
from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.profile import Profile

Impact = Callable[[Contents, Contents, Sequence[str]], Mapping[str, Any]]
"""What is told beside a request, from the agreed contents, those of now, and the ids."""


def baseline(profile: Profile, by: str, now: Contents | None = None) -> None:
    """What the workspace says now is what was agreed. WrongUse when something was agreed before: then ask."""
    who, said = terms(profile).approver(by), now or workspace(profile)
    with logbook.held(file(profile)) as journal:
        agreed = books.of(journal, profile.system)
        if agreed.baseline is not None:
            raise WrongUse(
                f"{profile.system} 已有基线（{agreed.at[:16]}，{agreed.by}）；之后的变更请走 "
                "crm-acceptance changes request。There is a baseline already: ask for changes."
            )
        body = {"system": profile.system, "by": who, "contents": books.plain(said)}
        logbook.add(file(profile), journal, BASELINE, body)


def begin(profile: Profile, run_dir: Path) -> bool:
    """The first run of a workspace that names approvers is what was agreed, unless something was; whether it is now.

    Where an earlier run knew of an agreement, the journal was lost: nothing is agreed in silence then.
    """
    if not terms(profile).approvers or runs.agreed_before(run_dir.parent, profile.system):
        return False
    with logbook.held(file(profile)) as journal:
        if journal.problems or books.of(journal, profile.system).baseline is not None:
            return False
        said = contents.of_run(run_dir)
        body = {"system": profile.system, "by": f"run {run_dir.name}", "contents": books.plain(said)}
        logbook.add(file(profile), journal, BASELINE, body)
    return True


def ask(
    profile: Profile,
    by: str,
    why: str,
    ids: Iterable[str] = (),
    impact: Impact | None = None,
    now: Contents | None = None,
) -> Request:
    """A request for these requirements (none: all that are another now) as the workspace has them."""
    known, here = terms(profile), now or workspace(profile)
    who = known.person(by)
    if not why.strip():
        raise WrongUse("请写明变更原因：--why \"……\"。Say why: --why \"...\".")  # fmt: skip
    with logbook.held(file(profile)) as journal:
        agreed = begun(signed.of(profile, journal), profile)
        what = _asked(agreed, here, tuple(dict.fromkeys(ids)))
        touched = _departments(agreed.agreed, here, what)
        _refuse_lonely(known, who, touched)
        told = impact(agreed.agreed, here, tuple(what)) if impact else {}
        id = f"CR-{len(journal.of(REQUEST)) + 1}"
        body = {
            "id": id, "system": profile.system, "by": who, "why": why.strip(), "what": what, "impact": dict(told),
            "after": books.plain(books.part(here, what)), "departments": list(touched),
        }  # fmt: skip
        logbook.add(file(profile), journal, REQUEST, body)
    return written(profile, id)


def begun(book: Book, profile: Profile) -> Book:
    """The book, when something was agreed. WrongUse tells how to begin."""
    if book.problems:
        raise WrongUse(f"{file(profile)} 已被改动：{book.problems[0]}。请从备份恢复。The journal was changed by hand.")
    if book.baseline is None:
        raise WrongUse(
            f"{profile.system} 还没有基线，说不出什么变了；请先执行 crm-acceptance changes baseline --by 审批人。"
            "Nothing was agreed yet: record a baseline first."
        )
    return book


def _asked(book: Book, here: Contents, ids: tuple[str, ...]) -> dict[str, str]:
    found = contents.changed(book.agreed, here)
    for id in ids:
        if id not in here.requirements and id not in book.agreed.requirements:
            raise unknown("需求 requirement", id, [*here.requirements, *book.agreed.requirements])
    still = [id for id in ids if id not in found]
    if still or not found:
        raise WrongUse(f"{'、'.join(still) or '工作区'} 与约定的一样，没有变更可申请。Nothing is changed there.")
    what = {id: found[id] for id in ids or found}
    for request in book.requests:
        asked = set(request.what) & set(what) if request.state == OPEN else set()
        waiting = [id for id in what if id in asked and same(request.after, here, id)]
        if waiting and ids:
            raise WrongUse(f"{'、'.join(waiting)} 的这项变更已在 {request.id} 里申请，等待审批。Asked for already.")
        what = {id: said for id, said in what.items() if id not in waiting}
    if not what:
        raise WrongUse("全部变更都已申请，等待审批。Every change is asked for already.")
    return what


def _refuse_lonely(known: Terms, who: str, touched: Iterable[str]) -> None:
    for circle in known.circles(touched):
        if not set(circle) - {who}:
            raise WrongUse(
                f"除申请人外没有人能审批：请在 acceptance.toml 的 [changes] approvers 里写上另一个人。"
                f"Nobody but the requester could approve: {known.named(circle) or '(nobody)'}."
            )


def same(before: Contents, after: Contents, id: str) -> bool:
    """Whether the requirement and its checks say the same in both."""
    return contents.requirement(before, id) == contents.requirement(after, id)


def _departments(agreed: Contents, here: Contents, ids: Iterable[str]) -> tuple[str, ...]:
    found = (one.departments[id] for id in ids for one in (agreed, here) if id in one.departments)
    return tuple(dict.fromkeys(found))


def written(profile: Profile, id: str) -> Request:
    """The request with that number, as it stands now."""
    found = signed.read(profile).find(id)
    assert found is not None, "it was just written"
    return found


def file(profile: Profile) -> Path:
    """Where the profile's workspace keeps its changes."""
    return books.path(profile.workspace)
