"""A verdict as the page shows it: rows, cells, grouped reasons, links. No HTML, no files."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crm_acceptance.gate.matrix import NO_CHECK, Check, Finding
from crm_acceptance.gate.verdict import Count, Department, Verdict
from crm_acceptance.model import DIMENSIONS, Proof
from crm_acceptance.page.partial import sentence
from crm_acceptance.page.words import Both, in_both
from crm_acceptance.tools.allure import route

PASSED_SHOWN = 12
NAMED_SHOWN = 4


@dataclass(frozen=True)
class Line:
    """One check on the page; href "" when there is nothing to open, called: its title in each language."""

    title: str
    called: Both
    status: str
    engine: str
    href: str
    reason: str


@dataclass(frozen=True)
class Reason:
    """One reason, the checks that gave it, and how many more gave the same."""

    text: str
    lines: tuple[Line, ...]
    more: int


@dataclass(frozen=True)
class Row:
    """One requirement on the page. lines: its checks, the telling ones first; hidden: passes left to Allure.

    left_out: unproven only because this run did not select (all of) its checks.
    """

    id: str
    text: str
    text_en: str
    department: str
    dimension: str
    criticality: str
    proof: str
    reasons: tuple[Reason, ...]
    lines: tuple[Line, ...]
    hidden: int
    passed: int
    total: int
    left_out: bool


@dataclass(frozen=True)
class Section:
    """One department: its decision, its cells by dimension (None: no requirement there), its requirements.

    left_out: those that this run did not select, apart from `rows`.
    """

    department: Department
    cells: tuple[Count | None, ...]
    rows: tuple[Row, ...]
    left_out: tuple[Row, ...]


@dataclass(frozen=True)
class Engine:
    """How many checks one engine promised, and what became of them."""

    name: str
    total: int
    passed: int
    failed: int
    silent: int


@dataclass(frozen=True)
class View:
    """Everything the template needs of one verdict. left_out: unproven because this run did not select the checks;
    partial: what such a run says of the requirements that it was asked for.
    """

    verdict: Verdict
    when: str
    lasted: Both
    partial: Both | None
    dimensions: tuple[str, ...]
    sections: tuple[Section, ...]
    disproven: tuple[Row, ...]
    unproven: tuple[Row, ...]
    left_out: tuple[Row, ...]
    silent: tuple[Reason, ...]
    engines: tuple[Engine, ...]
    has_allure: bool


def view_of(verdict: Verdict, has_allure: bool) -> View:
    """Arrange `verdict` for reading: what is wrong first, then what is not known, then everything by department."""
    rows = tuple(_row(finding, has_allure) for finding in verdict.findings)
    dimensions = _dimensions(verdict)
    checks = tuple({check.nodeid: check for finding in verdict.findings for check in finding.checks}.values())
    return View(
        verdict=verdict,
        when=_when(verdict.run.started),
        lasted=_lasted(verdict.run.started, verdict.run.finished),
        partial=sentence(verdict),
        dimensions=dimensions,
        sections=tuple(_section(department, dimensions, rows) for department in verdict.departments),
        disproven=tuple(row for row in rows if row.proof == Proof.DISPROVEN),
        unproven=tuple(row for row in rows if row.proof == Proof.UNPROVEN and not row.left_out),
        left_out=tuple(row for row in rows if row.left_out),
        silent=_reasons((check for check in checks if check.status in ("missing", "skipped")), has_allure),
        engines=_engines(checks),
        has_allure=has_allure,
    )


def _dimensions(verdict: Verdict) -> tuple[str, ...]:
    present = {finding.requirement.dimension for finding in verdict.findings}
    return (*DIMENSIONS, *sorted(present - set(DIMENSIONS)))


def _section(department: Department, dimensions: Iterable[str], rows: tuple[Row, ...]) -> Section:
    cells = tuple(department.dimensions.get(name) for name in dimensions)
    own = [row for row in rows if row.department == department.key]
    shown, left_out = (tuple(row for row in own if row.left_out is apart) for apart in (False, True))
    return Section(department, cells, shown, left_out)


def _row(finding: Finding, has_allure: bool) -> Row:
    one, checks = finding.requirement, finding.checks
    passed = [check for check in checks if check.proof is Proof.PROVEN]
    telling = [check for check in checks if check.proof is not Proof.PROVEN]
    shown = [*telling, *passed[:PASSED_SHOWN]]
    return Row(
        id=one.id,
        text=one.text,
        text_en=one.text_en or one.text,
        department=one.department,
        dimension=one.dimension,
        criticality=one.criticality,
        proof=finding.proof.value,
        reasons=_reasons(telling, has_allure) if checks else (Reason(NO_CHECK, (), 0),),
        lines=tuple(_line(check, has_allure) for check in shown),
        hidden=len(checks) - len(shown),
        passed=len(passed),
        total=len(checks),
        left_out=finding.left_out,
    )


def _reasons(checks: Iterable[Check], has_allure: bool) -> tuple[Reason, ...]:
    """The same reason once, however many checks gave it; the most frequent first within each proof."""
    groups: defaultdict[str, list[Check]] = defaultdict(list)
    for check in checks:
        groups[check.reason].append(check)
    ordered = sorted(groups.items(), key=lambda group: (group[1][0].proof is not Proof.DISPROVEN, -len(group[1])))
    return tuple(
        Reason(text, tuple(_line(check, has_allure) for check in given[:NAMED_SHOWN]), max(0, len(given) - NAMED_SHOWN))
        for text, given in ordered
    )


def _line(check: Check, has_allure: bool) -> Line:
    href = f"allure-report/index.html{route(check.uuid)}" if has_allure and check.uuid else ""
    return Line(check.title, in_both(check.title, check.engine), check.status, check.engine, href, check.reason)


def _engines(checks: tuple[Check, ...]) -> tuple[Engine, ...]:
    tally: defaultdict[str, Counter[Proof]] = defaultdict(Counter)
    for check in checks:
        tally[check.engine or "?"][check.proof] += 1
    return tuple(
        Engine(name, counted.total(), counted[Proof.PROVEN], counted[Proof.DISPROVEN], counted[Proof.UNPROVEN])
        for name, counted in tally.items()
    )


def _when(started: int | None) -> str:
    if started is None:
        return "?"
    return datetime.fromtimestamp(started / 1000).astimezone().strftime("%Y-%m-%d %H:%M (UTC%z)")


def _lasted(started: int | None, finished: int | None) -> Both:
    if started is None or finished is None:
        return Both("没有结束", "did not finish")
    minutes, seconds = divmod(max(0, finished - started) // 1000, 60)
    return Both(f"{minutes} 分 {seconds} 秒", f"{minutes} min {seconds} s")
