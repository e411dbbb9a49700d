"""What somebody outside the run's folder knows against it: stale proofs, unapproved changes, defects opened since."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from crm_acceptance.gate.matrix import Finding
from crm_acceptance.model import Proof, Requirement


@dataclass(frozen=True)
class Now:
    """What a run would be told if it ended at this moment: `facts` as in run.json; `at`: milliseconds since the epoch.

    A drill grows old and defects are opened while people make up their minds.
    """

    facts: Mapping[str, Any]
    at: int


@dataclass(frozen=True)
class Doubts:
    """`reasons`: requirement id -> why its proof is none. `new`: requirements that the run knows nothing of.

    `now`: held against the company's own rules beside what the run was told; None: nobody looked.
    """

    reasons: Mapping[str, str] = field(default_factory=dict)
    new: tuple[Requirement, ...] = ()
    now: Now | None = None


NONE = Doubts()


def doubted(findings: tuple[Finding, ...], doubts: Doubts) -> tuple[Finding, ...]:
    """The findings with these doubts. What was disproven stays so: a doubt never makes anything better."""
    known = {finding.requirement.id for finding in findings}
    new = [one for one in doubts.new if one.id not in known]
    unheard = (Finding(one, Proof.UNPROVEN, (doubts.reasons.get(one.id, ""),), ()) for one in new)
    return (*(_doubted(finding, doubts.reasons.get(finding.requirement.id, "")) for finding in findings), *unheard)


def _doubted(finding: Finding, why: str) -> Finding:
    if not why:
        return finding
    proof = Proof.UNPROVEN if finding.proof is Proof.PROVEN else finding.proof
    return replace(finding, proof=proof, reasons=(*finding.reasons, why))
