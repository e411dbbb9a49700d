"""What there is to sign: a run as its evidence says today, department by department; knows no signature."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import rfc8785

from crm_acceptance import chain as chains
from crm_acceptance import changes, circumstances, contents
from crm_acceptance.contents import Contents
from crm_acceptance.errors import AcceptanceError
from crm_acceptance.gate import Doubts, Now, Verdict, verdict_of
from crm_acceptance.profile import Profile
from crm_acceptance.signoff import present
from crm_acceptance.signoff.sayings import Bound

CHANGED_SHOWN = 6


@dataclass(frozen=True)
class Subject:
    """A run judged now. problems: why nothing in it can be signed; changed: department -> what the workspace says
    otherwise than this run did, one sentence each; wanted: the departments that the profile waits for by now."""

    run_dir: Path
    verdict: Verdict
    head: str
    contents: Contents
    problems: tuple[str, ...]
    changed: Mapping[str, tuple[str, ...]]
    wanted: tuple[str, ...] = ()

    def bound(self, department: str) -> Bound:
        """What a signature of that department binds."""
        run = self.verdict.run
        said = contents.department(self.contents, department)
        return Bound(
            run.id, self.head, run.system, department, self.decision(department), said, self._proofs(department)
        )

    def decision(self, department: str) -> str:
        """The gate's answer for the department; "unproven" for one of which the run knows nothing."""
        found = (one.count.decision.value for one in self.verdict.departments if one.key == department)
        return next(found, "unproven")

    def departments(self) -> tuple[str, ...]:
        """Every department of the run, in the gate's order, and those that the profile waits for."""
        return tuple(dict.fromkeys((*(one.key for one in self.verdict.departments), *self.wanted)))

    def needed(self, department: str) -> bool:
        """Whether the acceptance waits for this department's yes."""
        return department in self.wanted or any(one.needed for one in self.verdict.departments if one.key == department)

    def _proofs(self, department: str) -> str:
        own = [one for one in self.verdict.findings if one.requirement.department == department]
        return hashlib.sha256(rfc8785.dumps({one.requirement.id: one.proof.value for one in own})).hexdigest()


def subject(profile: Profile, run_dir: Path, now: Contents | None = None, moment: datetime | None = None) -> Subject:
    """Judges the run again, from its folder and by what is known at this moment of drills, defects and migration.

    `now`: what the workspace says, when somebody has collected it already. WrongUse when there is no such run.
    """
    at = int((moment or datetime.now().astimezone()).timestamp() * 1000)
    verdict = verdict_of(run_dir, Doubts(now=Now(circumstances.known(profile.workspace, profile.system), at)))
    then = contents.of_run(run_dir)
    chain = chains.read(run_dir)
    problems = (*_unsealed(run_dir, chain), *chains.broken(run_dir), *_foreign(profile, verdict))
    changed = _changed(profile, verdict, then, now, run_dir)
    wanted = tuple(profile.departments) or tuple(changed)  # a department that only came after the run is waited for
    return Subject(run_dir, verdict, chain.head, then, problems, changed, wanted)


def alone(run_dir: Path) -> Subject:
    """The same where there is no workspace beside the run: a bundle that was unpacked."""
    verdict, chain = verdict_of(run_dir), chains.read(run_dir)
    problems = (*_unsealed(run_dir, chain), *chains.broken(run_dir))
    return Subject(run_dir, verdict, chain.head, contents.of_run(run_dir), problems, {})


def _unsealed(run_dir: Path, chain: chains.Chain) -> tuple[str, ...]:
    missing = [name for name in chains.ONCE if name not in chains.last(chain)]
    if not missing:
        return ()
    return (
        f"{run_dir.name} 没有封存：没有跑完，或由旧版本产生（证据链里缺 {', '.join(missing)}）。请重新运行 run again。"
        "The run was never sealed.",
    )


def _foreign(profile: Profile, verdict: Verdict) -> tuple[str, ...]:
    """Nobody signs for a CRM that is not the one to go live: the reference CRM is easily green."""
    run = verdict.run
    if run.system != profile.system:
        asked, there = profile.system, run.system or "?"
        return (f"这次运行验收的是 {there}，配置里是 {asked}。The run is about another system.",)
    if profile.url and run.site.rstrip("/") != profile.url:
        return (f"这次运行的站点是 {run.site or '?'}，配置里是 {profile.url}。The run is about another site.",)
    return ()


def _changed(
    profile: Profile, verdict: Verdict, then: Contents, now: Contents | None, run_dir: Path
) -> dict[str, tuple[str, ...]]:
    """A workspace that cannot be collected says nothing, and silence lets no signature stand."""
    every = [one.key for one in verdict.departments]
    try:
        after = present.contents_now(profile) if now is None else now
        unapproved = changes.unapproved(profile, run_dir, after)
    except AcceptanceError as mistake:
        why = (f"工作区现在收集不起来，不知道需求和检查变没变：{str(mistake)[:200]}",)
        return dict.fromkeys(every, why)
    every = [*dict.fromkeys((*every, *sorted(set(after.departments.values()))))]
    found = {key: (*_told(then, after, key), *_unapproved(then, unapproved, key)) for key in every}
    return {key: told for key, told in found.items() if told}


def _unapproved(then: Contents, found: Mapping[str, str], department: str) -> tuple[str, ...]:
    own = [f"{id}：{why}" for id, why in found.items() if then.departments.get(id) == department]
    return tuple(own[:CHANGED_SHOWN])


def _told(then: Contents, now: Contents, department: str) -> tuple[str, ...]:
    if contents.department(then, department) == contents.department(now, department):
        return ()
    what = contents.changed(then, now)
    own = {id for one in (then, now) for id, key in one.departments.items() if key == department}
    told = [f"运行之后改过 changed since the run: {id}：{what[id]}" for id in sorted(own & set(what))]
    more = [f"…… 还有 {len(told) - CHANGED_SHOWN} 条"] if len(told) > CHANGED_SHOWN else []
    return (
        *(told[:CHANGED_SHOWN] or ["运行之后部门的需求或检查改过 requirements or checks changed since the run"]),
        *more,
    )
