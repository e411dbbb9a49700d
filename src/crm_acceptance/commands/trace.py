"""`trace`: requirements to checks to results to signatures, and back; the work is changes/tracing.py's."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from crm_acceptance.commands import options
from crm_acceptance.commands.gate import Run, folder_of
from crm_acceptance.errors import AcceptanceError, WrongUse, unknown
from crm_acceptance.model import DEPARTMENTS, DIMENSIONS

if TYPE_CHECKING:
    from crm_acceptance.changes.tracing import Orphan, Trace
    from crm_acceptance.profile import Profile

HELP = """双向追溯：需求 ↔ 检查 ↔ 结果 ↔ 签字，两头落空的都列出。Requirements, checks, results, signatures, both ways.

例 examples:

  crm-acceptance trace                                  现在的工作区和最近一次运行 the workspace and its latest run

  crm-acceptance trace RUN --department sales           只看一次运行 one run's own folder

  crm-acceptance trace --xlsx 追溯矩阵.xlsx

退出码 exit codes: 0 没有落空的 no orphan · 1 有 some · 2 用法错误 wrong use
"""
SHOWN = 20


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="trace", help=HELP)(trace)


def trace(
    run: Run = None,
    department: Annotated[str, typer.Option("--department", help="只看一个部门 one department")] = "",
    csv_file: Annotated[Path | None, typer.Option("--csv", help="写成 CSV write a CSV file")] = None,
    xlsx: Annotated[Path | None, typer.Option("--xlsx", help="写成 Excel write a workbook")] = None,
    system: Annotated[str, typer.Option("--system", help="哪个系统 which system")] = "",
) -> None:
    """Exit 1 when something hangs on nothing."""
    from dataclasses import replace

    from crm_acceptance.changes import tracing

    key = _department(department)
    found = _of_run(folder_of(run), system) if run else _of_workspace(system)
    if key:
        rows = tuple(row for row in found.rows if row.requirement.department == key)
        own = {row.requirement.id for row in rows}
        kept = tuple(one for one in found.orphans if one.kind != tracing.WITHOUT_CHECK or one.id in own)
        found = replace(
            found, rows=rows, orphans=kept, coverage=tuple(o for o in found.coverage if o.department == key)
        )
    for file, written in ((csv_file, _csv), (xlsx, _xlsx)):
        if file is not None:
            _write(file, written(list(tracing.lines(found))))
    _print(found)
    raise typer.Exit(1 if found.orphans else 0)


def _department(asked: str) -> str:
    by_name = {name: key for key, name in DEPARTMENTS.items()}
    key = by_name.get(asked, asked)
    if key and key not in DEPARTMENTS:
        raise unknown("部门 department", asked, (*DEPARTMENTS, *by_name))
    return key


def _of_workspace(system: str) -> Trace:
    """As the workspace stands now, with the results of its latest run as far as they still hold."""
    from crm_acceptance import changes, contents
    from crm_acceptance import profile as profiles
    from crm_acceptance.changes import tracing
    from crm_acceptance.changes.collecting import collected
    from crm_acceptance.changes.runs import latest
    from crm_acceptance.gate import verdict_of

    profile = profiles.load(options.workspace(), system or None)
    here, run = collected(profile), latest(profile.workspace / "reports", profile.system)
    now = contents.of(here.requirements, here.items)
    verdict = verdict_of(run, changes.doubts(profile, run, now)) if run else None
    unread = (tracing.Orphan(tracing.UNREADABLE, "", one) for one in here.problems)
    lost = (*unread, *_lost_signatures(profile))
    return tracing.trace(here.requirements, here.items, verdict, _signatures(profile, run), lost)


def _of_run(folder: Path, system: str) -> Trace:
    """The run as its folder has it; signatures only where we are in its workspace."""
    from crm_acceptance import manifest
    from crm_acceptance import profile as profiles
    from crm_acceptance.changes import tracing
    from crm_acceptance.gate import verdict_of
    from crm_acceptance.profile import find_workspace

    said, home = manifest.read(folder), find_workspace(Path.cwd())
    profile = profiles.load(home, system or said.run.system or None) if home else None
    signed = _signatures(profile, folder) if profile else {}
    unread = (tracing.Orphan(tracing.UNREADABLE, "", one) for one in said.problems)
    lost = (*unread, *(_lost_signatures(profile, folder) if profile else ()))
    return tracing.trace(said.requirements, said.items, verdict_of(folder), signed, lost)


def _signatures(profile: Profile, run: Path | None) -> Mapping[str, tuple[str, ...]]:
    from crm_acceptance import signoff

    if run is None or not profile.signatories:
        return {}
    try:
        found = signoff.status(profile, run)
    except AcceptanceError as wrong:
        options.console().print(f"[yellow]签字读不出来 signatures cannot be read: {escape(str(wrong))}[/]")
        return {}
    return {
        one.department: tuple(f"{said.name} {said.signature.answer}" for said in one.signatures if said.counts)
        for one in found
    }


def _lost_signatures(profile: Profile, shown: Path | None = None) -> Iterator[Orphan]:
    """Signatures for runs that are not (any more) among the reports, nor the one that is `shown`, wherever it lies."""
    from crm_acceptance.changes import tracing
    from crm_acceptance.sealing.keys import registered
    from crm_acceptance.signoff import journal
    from crm_acceptance.signoff.sayings import Signature

    runs = {file.parent.name for file in (profile.workspace / "reports").glob("*/run.json")}
    runs |= {shown.name} if shown else set()
    for line, said in journal.read(profile.workspace, registered(profile.workspace)).of(Signature):
        if said.bound.run not in runs:
            told = (
                f"{said.signatory} 为 {said.bound.department} 签的运行 {said.bound.run} 不在 reports 里。"
                "The run that was signed is not there."
            )
            yield tracing.Orphan(tracing.WITHOUT_RUN, line.digest[:12], told)


def _print(found: Trace) -> None:
    console = options.console()
    table = Table(box=box.SIMPLE, title=f"覆盖 coverage · {found.run or '还没有运行 no run yet'}")
    for name in ("部门 department", "维度 dimension", "需求", "有检查 checked", "已证明 proven", "已签字 signed"):
        table.add_column(name, justify="left" if " d" in name else "right")
    for one in found.coverage:
        name = DEPARTMENTS.get(one.department, one.department) if not one.dimension else ""
        dimension = DIMENSIONS.get(one.dimension, one.dimension) or "合计 all"
        counts = (one.requirements, one.checked, one.proven, one.signed)
        table.add_row(name, dimension, *map(str, counts), style="bold" if not one.dimension else "")
    console.print(table)
    for orphan in found.orphans[:SHOWN]:
        console.print(
            f"落空 orphan: {escape(f'{orphan.id} {orphan.sentence}'.strip())}", soft_wrap=True, highlight=False
        )
    if len(found.orphans) > SHOWN:
        console.print(f"…… 共 {len(found.orphans)} 处，全部见 --csv 或 --xlsx. All of them are in the file.")
    if not found.orphans:
        console.print("没有落空的需求、检查或签字。No orphan on either side.")


def _csv(lines: list[tuple[str, ...]]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out).writerows([_harmless(cell) for cell in line] for line in lines)
    return out.getvalue().encode("utf-8-sig")  # Excel takes UTF-8 without a mark for GBK


def _harmless(cell: str) -> str:
    """What came from Jira or a check must not be a formula in somebody's Excel."""
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@")) else cell


def _xlsx(lines: list[tuple[str, ...]]) -> bytes:
    from crm_acceptance import sheets

    return sheets.write(lines, "追溯矩阵")


def _write(file: Path, body: bytes) -> None:
    try:
        file.write_bytes(body)
    except OSError as refused:
        raise WrongUse(f"写不进 {file}：{refused.strerror}。The file cannot be written.") from None
