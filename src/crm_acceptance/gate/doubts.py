"""What somebody outside the run's folder knows against its proofs: that they are stale, or a change nobody approved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from crm_acceptance.gate.matrix import Finding
from crm_acceptance.model import Proof, Requirement


@dataclass(frozen=True)
class Doubts:
    """`reasons`: requirement id -> why its proof is none. `new`: requirements that the run knows nothing of."""

    reasons: Mapping[str, str] = field(default_factory=dict)
    new: tuple[Requirement, ...] = ()


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
