"""Requirements to checks to results to signatures, and back; whatever hangs on nothing is told. Pure values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from crm_acceptance.gate import Verdict
from crm_acceptance.gate.matrix import STRAY, Finding
from crm_acceptance.model import CRITICALITIES, DEPARTMENTS, DIMENSIONS, Expected, Proof, Requirement

NO_RUN = "not run"
WITHOUT_CHECK, UNKNOWN, WITHOUT_REQUIREMENT, WITHOUT_PROMISE, WITHOUT_RUN, UNREADABLE = (
    "requirement without check", "check of an unknown requirement", "check without requirement",
    "result without promise", "signature without run", "unreadable",
)  # fmt: skip
HEADINGS = (
    "需求编号", "部门", "维度", "重要程度", "需求", "证明", "检查", "检查编号", "方式", "结果", "签字", "说明",
)  # fmt: skip


@dataclass(frozen=True)
class Traced:
    """One check of a requirement. `status`: Allure's, missing, flaky, or "not run"."""

    nodeid: str
    title: str
    engine: str
    status: str


@dataclass(frozen=True)
class Row:
    """One requirement with all that hangs on it. `proof`: proven disproven unproven; `why`: what is against it."""

    requirement: Requirement
    proof: str
    why: str
    checks: tuple[Traced, ...]
    signatures: tuple[str, ...]


@dataclass(frozen=True)
class Orphan:
    """What hangs on nothing. `id` is the requirement, the node id or the signature's digest."""

    kind: str
    id: str
    sentence: str


@dataclass(frozen=True)
class Coverage:
    """One department's dimension (or "" for all of them): requirements, those with checks, proven, signed for."""

    department: str
    dimension: str
    requirements: int
    checked: int
    proven: int
    signed: int


@dataclass(frozen=True)
class Trace:
    """Both ways, of one run (`run` "" when there is none)."""

    run: str
    rows: tuple[Row, ...]
    orphans: tuple[Orphan, ...]
    coverage: tuple[Coverage, ...]


def trace(
    requirements: Iterable[Requirement],
    items: Iterable[Expected],
    verdict: Verdict | None,
    signatures: Mapping[str, tuple[str, ...]],
    orphans: Iterable[Orphan] = (),
) -> Trace:
    """`signatures`: department -> those that count, a word each; `orphans`: those that others found."""
    table, checks = tuple(requirements), tuple(items)
    findings = {one.requirement.id: one for one in verdict.findings} if verdict else {}
    by_id: dict[str, list[Expected]] = {one.id: [] for one in table}
    for item in checks:
        for id in item.requirements:
            by_id.setdefault(id, []).append(item)
    rows = tuple(_row(one, by_id[one.id], findings.get(one.id), signatures) for one in table)
    lost = (*_without_check(rows), *_lost_checks(checks, {one.id for one in table}), *_stray(findings.values()))
    return Trace(verdict.run.id if verdict else "", rows, (*lost, *orphans), tuple(_coverage(rows)))


def lines(found: Trace) -> Iterator[tuple[str, ...]]:
    """The table for CSV and Excel: one line per requirement and check, then the orphans."""
    yield HEADINGS
    for row in found.rows:
        one = row.requirement
        head = (
            one.id, DEPARTMENTS.get(one.department, one.department), DIMENSIONS.get(one.dimension, one.dimension),
            CRITICALITIES.get(one.criticality, one.criticality), one.text, row.proof,
        )  # fmt: skip
        for check in row.checks or (Traced("", "", "", ""),):
            told = check.title, check.nodeid, check.engine, check.status
            yield (*head, *told, "、".join(row.signatures), row.why)
    for orphan in found.orphans:
        yield (*("",) * 6, "", orphan.id, "", orphan.kind, "", orphan.sentence)


def _row(
    one: Requirement, items: list[Expected], finding: Finding | None, signatures: Mapping[str, tuple[str, ...]]
) -> Row:
    status = {check.nodeid: check.status for check in finding.checks} if finding else {}
    traced = tuple(Traced(item.nodeid, item.title, item.engine, status.get(item.nodeid, NO_RUN)) for item in items)
    proof = finding.proof.value if finding else Proof.UNPROVEN.value
    why = "；".join(finding.reasons[:3]) if finding else "没有运行过 it was never run"
    return Row(one, proof, why, traced, signatures.get(one.department, ()))


def _without_check(rows: Iterable[Row]) -> Iterator[Orphan]:
    for row in rows:
        if not row.checks:
            said = f"需求没有任何检查：{row.requirement.text}。No check names this requirement."
            yield Orphan(WITHOUT_CHECK, row.requirement.id, said)


def _lost_checks(items: Iterable[Expected], known: set[str]) -> Iterator[Orphan]:
    for item in items:
        unknown = [id for id in item.requirements if id not in known]
        if unknown:
            said = f"检查“{item.title}”写的需求 {'、'.join(unknown)} 不在需求表里。It names an unknown requirement."
            yield Orphan(UNKNOWN, item.nodeid, said)
        if not item.requirements:
            said = f"检查“{item.title}”没有写需求，什么也证明不了。It names no requirement."
            yield Orphan(WITHOUT_REQUIREMENT, item.nodeid, said)


def _stray(findings: Iterable[Finding]) -> Iterator[Orphan]:
    for nodeid in dict.fromkeys(check.nodeid for one in findings for check in one.checks if check.reason == STRAY):
        yield Orphan(WITHOUT_PROMISE, nodeid, "结果不在清单里，不算数。A result that no collection promised.")


def _coverage(rows: tuple[Row, ...]) -> Iterator[Coverage]:
    present = {row.requirement.department for row in rows}
    for key in (*(key for key in DEPARTMENTS if key in present), *sorted(present - set(DEPARTMENTS))):
        own = [row for row in rows if row.requirement.department == key]
        yield _count(key, "", own)
        for name in dict.fromkeys(row.requirement.dimension for row in own):
            yield _count(key, name, [row for row in own if row.requirement.dimension == name])


def _count(department: str, dimension: str, rows: list[Row]) -> Coverage:
    checked = sum(bool(row.checks) for row in rows)
    proven = sum(row.proof == Proof.PROVEN for row in rows)
    return Coverage(department, dimension, len(rows), checked, proven, sum(bool(row.signatures) for row in rows))
