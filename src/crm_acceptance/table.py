"""The verdict on the console: a table per department and one closing sentence. Decides nothing: gate/ did."""

from __future__ import annotations

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from crm_acceptance.gate import Decision, Verdict
from crm_acceptance.gate.matrix import Finding
from crm_acceptance.gate.verdict import Count, Department
from crm_acceptance.model import DIMENSIONS, Proof
from crm_acceptance.page.partial import sentence

OPEN_SHOWN, PROBLEMS_SHOWN = 10, 5
# every decision differs in words and signs too, for consoles without colour
STYLES = {
    Decision.GO: "green",
    Decision.CONDITIONAL: "cyan",
    Decision.NO_GO: "bold red",
    Decision.UNPROVEN: "yellow",
}
WORDS = {
    Decision.GO: "通过 go",
    Decision.CONDITIONAL: "有条件通过 conditional",
    Decision.NO_GO: "不通过 no-go",
    Decision.UNPROVEN: "证据不足 unproven",
}
SIGNS = {Decision.GO: "", Decision.CONDITIONAL: "~ ", Decision.NO_GO: "x ", Decision.UNPROVEN: "? "}
PROOFS = {Proof.DISPROVEN: ("被推翻 disproven", "bold red"), Proof.UNPROVEN: ("待证明 unproven", "yellow")}
SHORT = {"functional": "功能", "scenario": "场景", "performance": "性能", "security": "安全", "abnormal": "异常"}
CLOSING = {
    Decision.GO: "证据完整，可以上线 full evidence",
    Decision.CONDITIONAL: "条件签字后才可以上线 only with conditions that are signed",
    Decision.NO_GO: "CRM 与要求不符 the CRM is wrong",
    Decision.UNPROVEN: "没有证明就不是通过 unproven is not a yes",
}


def print_table(verdict: Verdict, console: Console | None = None) -> None:
    """Print `verdict`: readable from 80 columns on, with and without colour."""
    out = console or Console()
    if verdict.run.faults:
        out.print(Text("故障演练，不是验收 A DRILL WITH FAULTS, NOT AN ACCEPTANCE", "bold yellow"))
    _partial(out, verdict)
    out.print(_table(verdict))
    for problem in verdict.problems[:PROBLEMS_SHOWN]:
        out.print(Text.assemble(("! ", "yellow"), problem))
    _rest(out, len(verdict.problems) - PROBLEMS_SHOWN)
    unsettled = sorted(
        (one for one in verdict.findings if one.proof is not Proof.PROVEN and not one.left_out),
        key=lambda one: one.proof is not Proof.DISPROVEN,
    )
    for finding in unsettled[:OPEN_SHOWN]:
        _tell(out, finding)
    _rest(out, len(unsettled) - OPEN_SHOWN)
    out.print(closing(verdict))


def closing(verdict: Verdict) -> Text:
    """One sentence: the decision, why, and what the exit code means."""
    decision, count = verdict.decision, verdict.count
    return Text.assemble(
        "结论 decision: ",
        (WORDS[decision], STYLES[decision]),
        f"。{CLOSING[decision]}：{count.proven} 已证明 proven, {count.disproven} 被推翻 disproven, ",
        f"{count.unproven} 待证明 unproven。退出码 exit code {verdict.exit_code} ",
        "(0 go, 1 no-go, 3 unproven, 5 conditional)",
    )


def _table(verdict: Verdict) -> Table:
    title = f"{verdict.run.system or '?'} · {verdict.run.site or '?'} · {verdict.run.id or '?'}"
    table = Table(title=Text(title), box=box.SIMPLE_HEAD, title_justify="left", show_edge=False)
    table.add_column("部门", no_wrap=True)
    table.add_column("结论 decision", no_wrap=True)
    present = {name for department in verdict.departments for name in department.dimensions}
    names = [*DIMENSIONS, *sorted(present - set(DIMENSIONS))]
    for name in names:
        table.add_column(SHORT.get(name, name), justify="right")
    for department in verdict.departments:
        table.add_row(*_row(department, names))
    return table


def _row(department: Department, names: list[str]) -> list[Text]:
    decision = department.count.decision
    note = "" if department.needed else "（不计入）"
    cells = [_cell(department.dimensions.get(name)) for name in names]
    return [Text(department.name + note), Text(WORDS[decision], STYLES[decision]), *cells]


def _cell(count: Count | None) -> Text:
    if count is None:
        return Text("-", "dim")
    return Text(f"{SIGNS[count.decision]}{count.proven}/{count.total}", STYLES[count.decision])


def _tell(out: Console, finding: Finding) -> None:
    words, style = PROOFS[finding.proof]
    out.print(Text.assemble((finding.requirement.id, "bold"), " ", (words, style), f" {finding.requirement.text}"))
    others = f" (+{len(finding.reasons) - 1})" if len(finding.reasons) > 1 else ""
    reason = f"{finding.reasons[0]}{others}"
    # a console that does not wrap (a log file) would crop a padded text
    out.print(Text(f"  {reason}") if out.soft_wrap else Padding(Text(reason), (0, 0, 0, 2), expand=False))


def _partial(out: Console, verdict: Verdict) -> None:
    said = sentence(verdict)
    if said is not None:
        out.print(Text.assemble((said.zh, "bold"), f"。{said.en[0].upper()}{said.en[1:]}."))


def _rest(out: Console, number: int) -> None:
    if number > 0:
        out.print(Text(f"……还有 {number} 项，见 index.html and {number} more, see index.html", "dim"))
