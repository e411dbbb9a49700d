"""The end of a run: gate, page, Allure report and table, each made even if another cannot be."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from crm_acceptance import gate
from crm_acceptance.errors import AcceptanceError
from crm_acceptance.page import write_page
from crm_acceptance.running.signatures import Aside
from crm_acceptance.tools.allure import build_report

NOTHING = Aside()


def conclude(
    run_dir: Path,
    console: Console,
    *,
    allure: bool = True,
    doubts: gate.Doubts = gate.NONE,
    aside: Aside | None = None,
) -> int:
    """Judges the folder and shows the verdict; returns the exit code of the decision."""
    verdict = gate.judge(run_dir, doubts)
    if allure:
        _allure(run_dir, console)
    told = aside or NOTHING
    page = write_page(verdict, run_dir, told.signings, told.warnings)
    _table(verdict, console)
    console.print(f"报告 report: {page}", soft_wrap=True, highlight=False)
    return verdict.exit_code


def show_aside(run_dir: Path, doubts: gate.Doubts, aside: Aside) -> None:
    """The page once more, with where the signatures stand: a run can only be signed when it is sealed."""
    if aside != NOTHING:
        write_page(gate.verdict_of(run_dir, doubts), run_dir, aside.signings, aside.warnings)


def _allure(run_dir: Path, console: Console) -> None:
    """Without Node there is no Allure report; decision and page do not need it."""
    with console.status("Allure …"):
        try:
            build_report(run_dir / "allure-results", run_dir / "allure-report", title=f"CRM 验收 {run_dir.name}")
        except AcceptanceError as missing:
            console.print(f"[yellow]没有 Allure 报告（no Allure report）：{escape(str(missing))}[/]")


def _table(verdict: gate.Verdict, console: Console) -> None:
    from crm_acceptance.table import print_table

    print_table(verdict, console)
