"""Which proofs of a run no longer hold: what was changed since, and what was changed without anybody's yes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from crm_acceptance import catalogue, contents, manifest
from crm_acceptance.changes import book as books
from crm_acceptance.changes import signed
from crm_acceptance.changes.book import OPEN, Book
from crm_acceptance.changes.collecting import workspace
from crm_acceptance.changes.terms import terms
from crm_acceptance.contents import Contents
from crm_acceptance.gate import Doubts
from crm_acceptance.profile import Profile


def stale(run_dir: Path, now: Contents) -> dict[str, str]:
    """Requirement id -> why what the run proved of it is stale, new requirements included; {} when all of it holds."""
    found = contents.changed(contents.of_run(run_dir), now)
    return {id: f"运行之后改过 stale, changed since the run: {what}" for id, what in found.items()}


def unapproved(profile: Profile, run_dir: Path, now: Contents | None = None) -> dict[str, str]:
    """Requirement id -> which change in this run nobody has approved; {} unless `[changes] required` asks for it.

    `now`: what the workspace says. What was agreed when it ran and was changed since is stale, not unapproved.
    """
    if not terms(profile).required:
        return {}
    ran, book = contents.of_run(run_dir), signed.read(profile)
    if book.problems:
        return dict.fromkeys(
            ran.requirements, f"变更记录被改动过 the journal of changes was edited: {book.problems[0]}"
        )
    if book.baseline is None:
        return dict.fromkeys(ran.requirements, "没有约定的基线 nothing was agreed yet: crm-acceptance changes baseline")
    found = contents.changed(book.agreed, ran)
    for id in contents.changed(ran, now) if now else ():
        if book.once_agreed(id, ran):
            found.pop(id, None)
    return {id: f"变更未经批准 a change nobody approved{_asked(book, id)}: {what}" for id, what in found.items()}


def doubts(profile: Profile, run_dir: Path, now: Contents | None = None) -> Doubts:
    """Both, for the gate: a proof of these requirements is none. WrongUse when the workspace cannot be collected."""
    here = now or workspace(profile)
    found = stale(run_dir, here)
    for id, why in unapproved(profile, run_dir, here).items():
        found[id] = f"{found[id]}；{why}" if id in found else why
    known = {one.id for one in manifest.read(run_dir).requirements}
    rows = catalogue.load(profile).requirements if set(found) - known else {}
    return Doubts(found, tuple(one for id, one in rows.items() if id in found and id not in known))


def counts(workspace: Path, system: str) -> Mapping[str, int]:
    """Requirement id -> how many checks it has in what was agreed for the system; {} when nothing was."""
    return {id: len(checks) for id, checks in books.read(workspace, system).agreed.checks.items()}


def _asked(book: Book, id: str) -> str:
    waiting = [one.id for one in book.requests if one.state == OPEN and id in one.what]
    return f"（{'、'.join(waiting)} 待审批）" if waiting else ""
