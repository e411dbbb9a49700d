"""`gate` and `report`: judge a finished run again, build its pages again."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_acceptance.commands import options
from crm_acceptance.errors import AcceptanceError, WrongUse
from crm_acceptance.gate import NONE, Doubts, Now
from crm_acceptance.profile import find_workspace

if TYPE_CHECKING:
    from crm_acceptance.running.signatures import Aside

GATE_HELP = """重新给出结论；在工作区里，运行之后改过的需求算未证明。Judge a run again; what changed since is unproven.

例 examples:

  crm-acceptance gate                              最近一次 the latest run

  crm-acceptance gate reports/20261122-101500-refcrm

  crm-acceptance gate RUN --alone                  只看运行目录 from its folder alone
"""
REPORT_HELP = """重做网页和 Allure 报告。Build the page and the Allure report of a run again.

例 example:

  crm-acceptance report reports/20261122-101500-refcrm
"""
Run = Annotated[Path | None, typer.Argument(metavar="[RUN]", help="运行目录 run folder [默认最近一次 the latest]")]


def register(app: typer.Typer) -> None:
    """Adds both commands."""
    app.command(name="gate", help=GATE_HELP)(gate)
    app.command(name="report", help=REPORT_HELP)(report)


def gate(
    run: Run = None,
    alone: Annotated[bool, typer.Option("--alone", help="不看工作区，只看运行目录 the run folder alone")] = False,
) -> None:
    """gate.json, index.html and the table; exit code of the decision."""
    from crm_acceptance.running.ending import conclude

    folder, workspace = folder_of(run), find_workspace(Path.cwd())
    doubts = NONE if alone or workspace is None else since(workspace, folder)
    beside = None if alone or workspace is None else _aside(workspace, folder)
    raise typer.Exit(conclude(folder, options.console(), allure=False, doubts=doubts, aside=beside))


def since(workspace: Path, folder: Path) -> Doubts:
    """What this workspace says against the run. One that cannot be collected lets no proof stand."""
    from crm_acceptance import changes, circumstances, manifest
    from crm_acceptance import profile as profiles
    from crm_acceptance.signoff.present import contents_now

    ran = manifest.read(folder)
    now = Now(circumstances.known(workspace, ran.run.system), int(time.time() * 1000))
    try:
        profile = profiles.load(workspace, ran.run.system or None)
        return replace(changes.doubts(profile, folder, contents_now(profile)), now=now)
    except AcceptanceError as mistake:
        why = f"工作区现在收集不起来，不知道改没改过 the workspace cannot be collected: {str(mistake)[:200]}"
        return Doubts({one.id: why for one in ran.requirements}, now=now)


def _aside(workspace: Path, folder: Path) -> Aside:
    """Where the signatures stand, when this workspace names signatories, and what to worry about."""
    from crm_acceptance import manifest, profile
    from crm_acceptance.running.signatures import aside

    return aside(profile.for_run(workspace, manifest.read(folder).run.system), folder)


def report(run: Run = None) -> None:
    """The same with the Allure report."""
    from crm_acceptance.running.ending import conclude

    folder, workspace = folder_of(run), find_workspace(Path.cwd())
    doubts = NONE if workspace is None else since(workspace, folder)
    beside = _aside(workspace, folder) if workspace is not None else None
    raise typer.Exit(conclude(folder, options.console(), allure=True, doubts=doubts, aside=beside))


def folder_of(asked: Path | None) -> Path:
    """The run folder asked for, by path or by name, or the latest. WrongUse says what there is."""
    from crm_acceptance.running.folder import newest

    reports = (find_workspace(Path.cwd()) or Path.cwd()) / "reports"
    if asked is None:
        return newest(reports)
    for folder in (asked, reports / asked):
        if (folder / "run.json").is_file() or (folder / "expected").is_dir():
            return folder.resolve()
    known = ", ".join(sorted(path.parent.name for path in reports.glob("*/run.json"))[-10:]) or "(none)"
    raise WrongUse(f"没有这个运行目录 no such run: {asked}。已知 known: {known}。")
