"""Requirements x results -> what each check says and what is proven. Pure functions; no files, no departments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from crm_acceptance.gate.trust import first_line, mislabelled, not_of_this_run, unbelievable_times
from crm_acceptance.manifest import Run
from crm_acceptance.model import Expected, Proof, Requirement, Result, Status

NO_CHECK = "没有任何检查 no check names this requirement"
FEWER = "检查比基线少 fewer checks than in the baseline"
NEVER_RAN = "没有结果：检查未运行 no result: the check never ran"
DESELECTED = "本次没有选中 deselected (-k, -m, --department or --requirement)"
STRAY = "清单里没有这个检查 a stray result: the manifest does not promise this check"
LISTED_TWICE = "清单里出现两次 the manifest lists this check twice"
FLAKY = "时好时坏，不算数 flaky: its results differ"
REPEATED = "结果重复 more than one result for one check"
WORST_FIRST = (Proof.DISPROVEN, Proof.UNPROVEN, Proof.PROVEN)
SAID = {
    Status.FAILED: "不符合 failed",
    Status.BROKEN: "检查自己出错 broken: the check itself could not speak",
    Status.SKIPPED: "跳过 skipped",
    Status.UNKNOWN: "结果不明 unknown",
}


@dataclass(frozen=True)
class Check:
    """One check as the matrix sees it: every result under one node id, weighed against what was promised.

    proof: PROVEN when it passed as promised, DISPROVEN when it failed, else UNPROVEN; status "missing": no result.
    """

    nodeid: str
    title: str
    status: str
    engine: str
    uuid: str
    proof: Proof
    reason: str
    claims: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """One requirement with its proof, why it is not (fully) proven, and the checks that spoke of it."""

    requirement: Requirement
    proof: Proof
    reasons: tuple[str, ...]
    checks: tuple[Check, ...]

    @property
    def silent(self) -> bool:
        """Whether it is unproven although no check that ran says why: not selected, or doubted from outside."""
        return (
            self.proof is Proof.UNPROVEN
            and all(check.reason in ("", DESELECTED) for check in self.checks)
            and bool(self.checks)
        )

    @property
    def left_out(self) -> bool:
        """Whether it is unproven because this run did not select its checks; what is stale is not left out."""
        return self.silent and any(check.reason == DESELECTED for check in self.checks)


@dataclass
class _Cell:
    promised: list[Expected] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)

    def all(self) -> tuple[Expected | Result, ...]:
        return (*self.promised, *self.results)


def prove(
    requirements: Iterable[Requirement], expected: Iterable[Expected], results: Iterable[Result], run: Run
) -> tuple[Finding, ...]:
    """One Finding per requirement, in their order. A check belongs to every id that its promise or result names."""
    by_id: defaultdict[str, list[Check]] = defaultdict(list)
    for check in weigh(expected, results, run):
        for id in check.claims:
            by_id[id].append(check)
    return tuple(fewer(_finding(requirement, by_id[requirement.id]), run) for requirement in requirements)


def fewer(finding: Finding, run: Run) -> Finding:
    """The finding, unproven when fewer checks speak of it than of the baseline that people agreed upon."""
    before = run.facts.get("before")
    kept = before.get(finding.requirement.id, 0) if isinstance(before, Mapping) else 0
    promised = sum(check.reason != STRAY for check in finding.checks)
    if not isinstance(kept, int) or promised >= kept:
        return finding
    proof = Proof.UNPROVEN if finding.proof is Proof.PROVEN else finding.proof
    said = f"{FEWER}：{promised} < {kept}。确实不要了，请走变更审批 approve the change if this is meant"
    return replace(finding, proof=proof, reasons=(*finding.reasons, said))


def weigh(expected: Iterable[Expected], results: Iterable[Result], run: Run) -> tuple[Check, ...]:
    """Every node id that was promised or found, weighed once."""
    cells: defaultdict[str, _Cell] = defaultdict(_Cell)
    for item in expected:
        cells[item.nodeid].promised.append(item)
    for result in results:
        cells[result.nodeid].results.append(result)
    return tuple(_check(nodeid, cell, run) for nodeid, cell in cells.items())


def _finding(requirement: Requirement, checks: list[Check]) -> Finding:
    proofs = {check.proof for check in checks}
    checks = sorted(checks, key=lambda check: WORST_FIRST.index(check.proof))
    reasons = tuple(f"{check.title}：{check.reason}" for check in checks if check.proof is not Proof.PROVEN)
    if Proof.DISPROVEN in proofs:
        return Finding(requirement, Proof.DISPROVEN, reasons, tuple(checks))
    if proofs == {Proof.PROVEN}:
        return Finding(requirement, Proof.PROVEN, (), tuple(checks))
    return Finding(requirement, Proof.UNPROVEN, reasons or (NO_CHECK,), tuple(checks))


def _check(nodeid: str, cell: _Cell, run: Run) -> Check:
    own = [result for result in cell.results if not not_of_this_run(result, run)]
    proof, reason = _weighed(cell, own, run)
    shown = next(iter(own or cell.results), None)
    return Check(
        nodeid=nodeid,
        title=next((item.title for item in cell.promised), shown.name if shown else "") or nodeid,
        status=_status(own),
        engine=next((one.engine for one in cell.all()), ""),
        uuid=shown.uuid if shown else "",
        proof=proof,
        reason=reason,
        claims=_claims(cell),
    )


def _claims(cell: _Cell) -> tuple[str, ...]:
    return tuple(dict.fromkeys(id for one in cell.all() for id in one.requirements))


def _status(own: list[Result]) -> str:
    statuses = {result.status for result in own}
    if not statuses:
        return "missing"
    return statuses.pop().value if len(statuses) == 1 else "flaky"


def _weighed(cell: _Cell, own: list[Result], run: Run) -> tuple[Proof, str]:
    if own and all(result.status is Status.FAILED for result in own):
        return Proof.DISPROVEN, said(own[0])
    doubt = _doubt_of_promise(cell) or _doubt_of_results(cell, own, run)
    if doubt:
        return Proof.UNPROVEN, doubt
    return (Proof.PROVEN, "") if own[0].status is Status.PASSED else (Proof.UNPROVEN, said(own[0]))


def _doubt_of_promise(cell: _Cell) -> str:
    if not cell.promised:
        return STRAY
    if len(cell.promised) > 1:
        return LISTED_TWICE
    return "" if cell.promised[0].selected else DESELECTED


def _doubt_of_results(cell: _Cell, own: list[Result], run: Run) -> str:
    foreign = next(filter(None, (not_of_this_run(result, run) for result in cell.results)), "")
    if foreign or not own:
        return foreign or NEVER_RAN
    if len(own) > 1:
        return FLAKY if len({result.status for result in own}) > 1 else REPEATED
    return mislabelled(own[0], cell.promised[0]) or unbelievable_times(own[0])


def said(result: Result) -> str:
    """What a result says: the sentence at which it failed, the first line of its message; "" when it passed."""
    if result.status is Status.PASSED:
        return ""
    words = "：".join(filter(None, (result.sentence.rstrip(":："), first_line(result.message))))
    return f"{SAID[result.status]}: {words}" if words else SAID[result.status]
