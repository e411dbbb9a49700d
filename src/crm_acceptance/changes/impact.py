"""What a change costs: which checks speak otherwise, which proofs and signatures of a run it takes, whose they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from crm_acceptance import contents
from crm_acceptance.changes.staleness import stale
from crm_acceptance.contents import Contents
from crm_acceptance.gate import verdict_of
from crm_acceptance.model import DEPARTMENTS, Proof

Signed = Callable[[Sequence[str]], Sequence[str]]
"""Departments -> the signatures of the run that count for them, a sentence each. Sign-off knows; this does not."""


@dataclass(frozen=True)
class Impact:
    """`scenarios`: titles of checks that are another, or whose requirement is; `proofs`: ids proven by `run` that no
    longer are; `departments`: keys, those that lose a proof or whose requirement is another; `signatures`: one sentence
    each."""

    scenarios: tuple[str, ...] = ()
    proofs: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()
    run: str = ""

    def plain(self) -> dict[str, Any]:
        """As it is written down."""
        return {name: list(said) if isinstance(said, tuple) else said for name, said in asdict(self).items()}

    @classmethod
    def of(cls, said: Mapping[str, Any]) -> Impact:
        """From what was written down."""
        scenarios, proofs, departments, signatures = (
            tuple(map(str, said.get(name) or ())) for name in ("scenarios", "proofs", "departments", "signatures")
        )
        return cls(scenarios, proofs, departments, signatures, str(said.get("run") or ""))

    def lines(self) -> Iterable[str]:
        """For people."""
        names = "、".join(DEPARTMENTS.get(one, one) for one in self.departments)
        yield f"部门 departments: {names or '—'}"
        yield f"检查 checks: {_some(self.scenarios)}"
        yield f"失效的证明 stale proofs{f' ({self.run})' if self.run else ''}: {_some(self.proofs)}"
        yield f"失效的签字 void signatures: {_some(self.signatures)}"


def impact(
    agreed: Contents, here: Contents, ids: Sequence[str], run: Path | None, signed: Signed = lambda keys: ()
) -> Impact:
    """Of these requirements being as they are `here`; without a run nothing was proven or signed yet."""
    found = contents.differences(agreed, here)
    titles = [title for id in ids if id in found for title in _titles(found[id], here)]
    departments = {one.departments[id] for id in ids for one in (agreed, here) if id in one.departments}
    if run is None:
        return Impact(tuple(dict.fromkeys(titles)), departments=_ordered(departments))
    gone = [id for id in stale(run, here) if id in ids]
    proven = {one.requirement.id for one in verdict_of(run).findings if one.proof is Proof.PROVEN}
    then = contents.of_run(run)
    theirs = {one.departments[id] for id in gone for one in (then, here) if id in one.departments}
    return Impact(
        tuple(dict.fromkeys(titles)),
        tuple(id for id in gone if id in proven),
        _ordered(departments),
        tuple(signed(_ordered(theirs))) if theirs else (),
        run.name,
    )


def _titles(change: contents.Change, here: Contents) -> tuple[str, ...]:
    """A requirement that says something else asks every one of its checks anew."""
    every = tuple(here.titles.get(one, one) for one in here.checks.get(change.id, {})) if change.row == "text" else ()
    return (*every, *change.changed, *change.added, *change.removed)


def _ordered(keys: Iterable[str]) -> tuple[str, ...]:
    wanted = set(keys)
    return (*(key for key in DEPARTMENTS if key in wanted), *sorted(wanted - set(DEPARTMENTS)))


def _some(said: Sequence[str], most: int = 12) -> str:
    more = f" …… 共 {len(said)} in all" if len(said) > most else ""
    return "、".join(said[:most]) + more if said else "—"
