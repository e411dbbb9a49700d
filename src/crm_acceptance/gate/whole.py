"""Whether a run is whole: it ended, every phase ended normally, every file could be read. No requirement is weighed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from crm_acceptance.gate.matrix import Check
from crm_acceptance.ledger import Ledger
from crm_acceptance.manifest import Manifest, Phase, Run
from crm_acceptance.model import Proof, Requirement

# pytest's own exit codes: https://docs.pytest.org/en/stable/reference/exit-codes.html
ALL_PASSED, SOME_FAILED, NOTHING_RAN = 0, 1, 5
ENDINGS = {
    2: "被中断 interrupted",
    3: "pytest 内部错误 internal error of pytest",
    4: "pytest 用法错误 wrong use of pytest",
    5: "选中的检查一个也没跑 nothing ran although checks were selected",
}


def problems(manifest: Manifest, ledger: Ledger, checks: tuple[Check, ...]) -> tuple[str, ...]:
    """Every sentence (中文 English) that forbids any department to go; none when the run is whole."""
    found = (
        *manifest.problems,
        *ledger.problems,
        *_run(manifest.run),
        *_requirements(manifest.requirements),
        *_phases(manifest, checks),
        *_homeless(manifest.requirements, checks),
    )
    return tuple(dict.fromkeys(found))


def _run(run: Run) -> Iterator[str]:
    if not run.id or not run.system:
        yield "运行没有写明编号或系统，无法核对结果来源 the run does not say its id and system: any result would fit"
    if run.faults:
        yield (
            f"站点前面有故障代理，这次运行不能用来验收：{'，'.join(run.faults)} "
            "a fault proxy stood in front of the site: such a run accepts nothing"
        )
    if run.started is None:
        yield "运行没有写下开始时间 the run did not write when it started"
    if run.finished is None:
        yield "运行没有结束 the run did not finish"
    elif run.started is not None and run.finished < run.started:
        yield "运行结束早于开始，时钟被回拨 the run finished before it started: the clock was set back"


def _requirements(requirements: tuple[Requirement, ...]) -> Iterator[str]:
    if not requirements:
        yield "没有任何需求 no requirements: nothing can be proven"
    for id, times in Counter(requirement.id for requirement in requirements).items():
        if times > 1:
            yield f"需求编号重复 duplicate requirement id: {id} ({times} x)"


def _phases(manifest: Manifest, checks: tuple[Check, ...]) -> Iterator[str]:
    if not manifest.items:
        yield "清单是空的：没有任何检查 the manifest is empty: no check was promised"
    passed = {check.nodeid for check in checks if check.status == "passed"}
    for phase in manifest.phases:
        yield from (f"阶段 {phase.name} 收集出错 collection error in phase {phase.name}: {e}" for e in phase.errors)
        if not phase.complete:
            yield f"阶段 {phase.name} 的清单不完整 the manifest of phase {phase.name} is not complete"
        ending = _ending(phase, passed)
        if ending:
            yield f"阶段 phase {phase.name}：{ending}"


def _ending(phase: Phase, passed: set[str]) -> str:
    selected = [item.nodeid for item in phase.items if item.selected]
    if phase.exit is None:
        return "没有结束 it did not end"
    if phase.exit == NOTHING_RAN and not selected:
        return ""
    if phase.exit not in (ALL_PASSED, SOME_FAILED):
        return f"{ENDINGS.get(phase.exit, '非正常退出 ended abnormally')} (exit {phase.exit}, expected 0 or 1)"
    if not selected:
        return f"清单里没有选中的检查，却退出 {phase.exit} exit {phase.exit} although no check was selected"
    if phase.exit == SOME_FAILED and passed.issuperset(selected):
        return "pytest 报告有失败，台账里却没有 pytest reported a failure that the ledger does not show"
    return ""


def _homeless(requirements: tuple[Requirement, ...], checks: Iterable[Check]) -> Iterator[str]:
    """Doubts that no requirement would show, because the check names none that is known."""
    known = {requirement.id for requirement in requirements}
    for check in checks:
        strangers = [id for id in check.claims if id not in known]
        if strangers:
            yield f"未知的需求编号 unknown requirement id {', '.join(strangers)}: {check.title}"
        elif not check.claims and check.proof is not Proof.PROVEN:
            yield f"不属于任何需求的检查 a check without requirement: {check.title}：{check.reason}"
