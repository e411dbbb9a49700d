"""`defects`: failures of a run filed once per root cause to Jira, TAPD or Trello, and how they stand."""

from __future__ import annotations

from typing import Annotated

import typer

from crm_acceptance import profile as profiles
from crm_acceptance.commands import options

HELP = """缺陷：真实的登记到 Jira、TAPD、Trello，每个根因一条；不带子命令则列出参考 CRM 里可以打开的假缺陷。

Defects: real ones are filed to trackers, once per root cause; without a subcommand, the faults that can be planted in
the reference CRM, and what each must disprove.

例 examples:

  crm-acceptance defects file

  crm-acceptance defects status

  crm-acceptance defects --json          参考 CRM 的假缺陷 planted faults

缺陷系统写在 acceptance.toml 的 \\[trackers.名字]。The trackers stand in \\[trackers.NAME] of the profile.
"""
FILE_HELP = """登记、重开、关闭：同一根因只登记一次，再次出现则重开，证明后关闭。

Open, reopen, close: once per root cause; reopened when it is back; closed when it is proven. Only what this workspace
opened is ever closed; what a tracker cannot take now is queued (crm-acceptance notify outbox --send).

例 examples:

  crm-acceptance defects file                                  最近一次运行 the latest run

  crm-acceptance defects file reports/20261122-101500-refcrm --dry-run

退出码 exit codes: 0 全部处理 all done · 2 被拒收或配置错误 refused or wrong profile · 3 在排队 queued
"""
STATUS_HELP = """本工作区登记过的缺陷。What this workspace has filed.

例 example:

  crm-acceptance defects status
"""
STATES = {"opened": "打开 open", "reopened": "重开 reopened", "closed": "关闭 closed", "commented": "已证明 proven"}
Run = Annotated[str, typer.Argument(metavar="[RUN]", help="运行目录 run folder [默认最近一次 the latest]")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="只看不登记 show what would be done")]
Only = Annotated[str, typer.Option("--tracker", help="只登记到这一个 only to this tracker")]


def register(app: typer.Typer) -> None:
    """Adds the group."""
    defects = typer.Typer(help=HELP, invoke_without_command=True, callback=planted)
    defects.command(name="file", help=FILE_HELP)(file)
    defects.command(name="status", help=STATUS_HELP)(status)
    app.add_typer(defects, name="defects")


def planted(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="JSON 格式 as JSON")] = False
) -> None:
    """Without a subcommand: what can be planted."""
    if context.invoked_subcommand is None:
        from crm_acceptance.commands.demo import list_planted

        list_planted(as_json)


def file(run: Run = "", dry_run: DryRun = False, tracker: Only = "") -> None:
    """Exit 0 all done, 2 refused, 3 queued."""
    from pathlib import Path

    from crm_acceptance.commands.gate import folder_of
    from crm_acceptance.messages import sending
    from crm_acceptance.trackers import filing

    profile = profiles.load(options.workspace())
    folder = folder_of(Path(run) if run else None)
    if dry_run:
        lines = [*filing.shown_plan(filing.plan(profile, folder, tracker))]
        print(*lines or ["没有要登记的 nothing to file"], sep="\n")
        return
    made, done = filing.file(profile, folder, tracker)
    told = sending.told(profile.workspace, done)
    print(*(*told.lines, *made.told) or ("没有要登记的 nothing to file",), sep="\n")
    raise typer.Exit(told.exit_code)


def status() -> None:
    """One line per root cause and tracker. Exit 3 when the journal was changed."""
    from crm_acceptance.trackers import journal

    found = journal.read(options.workspace())
    for one in found.filed.values():
        print(
            f"{one.tracker} {one.key}  {STATES[one.state]}  {one.criticality}  {one.title}  {one.at:%Y-%m-%d} {one.run}"
        )
    if not found.filed:
        print("还没有登记过缺陷 nothing was filed yet")
    print(*found.problems, sep="\n", end="\n" if found.problems else "")
    raise typer.Exit(3 if found.problems else 0)
