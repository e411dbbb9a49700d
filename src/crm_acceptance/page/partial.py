"""What a run that left requirements out says of those it was asked for; one sentence for console and page."""

from __future__ import annotations

from collections.abc import Iterable

from crm_acceptance.gate import Decision, Verdict
from crm_acceptance.gate.matrix import Finding
from crm_acceptance.model import Proof
from crm_acceptance.page.words import PROOFS, Both

SO = Both("，因此结论不是“通过”", ", so the decision is no go")
NAMED = 10
"""So many ids at most are named of each proof; more are only counted."""


def sentence(verdict: Verdict) -> Both | None:
    """What became of the selected requirements, and why that is no yes. None when nothing was left out."""
    chosen = [one for one in verdict.findings if not one.left_out]
    rest = [one for one in verdict.findings if one.left_out]
    if not rest:
        return None
    begun = sum(_begun(one) for one in rest)
    # what was not asked for need not count (departments of the profile), and what is disproven is no-go by itself
    so = SO if verdict.decision is Decision.UNPROVEN else Both("", "")
    if not chosen:
        return _only_begun(begun, len(rest), so)
    return Both(
        f"选中的 {len(chosen)} 条需求：{'，'.join(_told(chosen, 0))}"
        f"（其余 {len(rest)} 条本次没有{'全部' if begun else ''}选中{so.zh}）",
        f"{len(chosen)} selected: {', '.join(_told(chosen, 1))}"
        f" (the other {len(rest)} were not {'wholly ' if begun else ''}selected{so.en})",
    )


def _only_begun(begun: int, rest: int, so: Both) -> Both:
    return Both(
        f"本次没有一条需求的检查全部选中（{begun} 条只运行了一部分，共 {rest} 条）{so.zh}",
        f"no requirement was selected with all its checks ({begun} of {rest} in part){so.en}",
    )


def _begun(left_out: Finding) -> bool:
    return any(check.proof is Proof.PROVEN for check in left_out.checks)


def _told(chosen: Iterable[Finding], language: int) -> list[str]:
    """ "1 已证明 SALES-001" of every proof that occurs, the good news first."""
    told = []
    for proof in (Proof.PROVEN, Proof.DISPROVEN, Proof.UNPROVEN):
        ids = [one.requirement.id for one in chosen if one.proof is proof]
        named = f" {' '.join(ids)}" if len(ids) <= NAMED else ""
        if ids:
            told.append(f"{len(ids)} {PROOFS[proof.value][language].lower()}{named}")
    return told
