"""`golive`: where the phases of going live stand, and what people enter, decide, rehearse and record."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from crm_acceptance.commands import options
from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.model import DEPARTMENTS

if TYPE_CHECKING:
    from crm_acceptance.golive import Plan, Standing
    from crm_acceptance.profile import Profile

HELP = """分阶段上线：现在到了哪一步。Phased go-live: where we stand.

退出码 exit codes: 0 有阶段可以进入或正在进行 something is open · 2 用法错误 · 3 下一阶段进不去 the next phase is shut

例 examples:

  crm-acceptance golive

  crm-acceptance golive drill --what 切回旧系统 --by zhaomin --limit 1800 -- ./rollback.sh

  crm-acceptance golive enter pilot --by zhaomin

  crm-acceptance golive record adoption 0.92 --phase pilot --by zhaomin

  crm-acceptance golive decide pilot --by zhaomin --answer continue --reason 两周无事故
"""
STATES = {
    "done": ("已完成 done", "green"),
    "live": ("进行中 live", "cyan"),
    "ready": ("可以进入 ready", "green"),
    "blocked": ("还不能进入 shut", "yellow"),
}
SHUT = 3
app = typer.Typer(help=HELP, invoke_without_command=True, rich_markup_mode="rich")
By = Annotated[str, typer.Option("--by", help="谁：people.csv 里的 key、姓名或登录名 who")]


def register(root: typer.Typer) -> None:
    """Adds the command and those under it."""
    root.add_typer(app, name="golive")


@app.callback()
def stand(
    context: typer.Context,
    run: Annotated[Path | None, typer.Option("--run", help="看哪次运行的签字 whose signatures [默认最近一次]")] = None,
) -> None:
    """Where every phase stands."""
    if context.invoked_subcommand is None:
        profile, plan = _opened()
        found = _standings(profile, plan, run)
        _tell(found)
        raise typer.Exit(0 if any(one.state in ("live", "ready") for one in found) or _over(found) else SHUT)


@app.command()
def enter(
    phase: Annotated[str, typer.Argument(metavar="PHASE", help="哪个阶段 which phase")],
    by: By,
    run: Annotated[Path | None, typer.Option("--run", help="凭哪次运行 on which run")] = None,
) -> None:
    """进入一个阶段；入口条件没满足就拒绝。Begins a phase; refused while its gate is shut."""
    from crm_acceptance.golive import records

    profile, plan = _opened()
    wanted, by = plan.find(phase), _named(profile, plan, by)
    found = _not_outdone(next(one for one in _standings(profile, plan, run) if one.phase is wanted), profile, run)
    _tell((found,))
    if found.state in ("done", "live"):
        raise WrongUse(f"「{wanted.title}」已经开始了（{found.entered}）。This phase has begun already.")
    if found.state != "ready":
        raise typer.Exit(SHUT)
    records.entered(profile.workspace, phase, by, _run(run).name)
    options.console().print(f"[green]已进入「{escape(wanted.title)}」entered.[/]")


@app.command()
def decide(
    phase: Annotated[str, typer.Argument(metavar="PHASE")],
    by: By,
    answer: Annotated[str, typer.Option("--answer", help="continue 继续 | hold 观察 | rollback 回滚")],
    reason: Annotated[str, typer.Option("--reason", help="理由 why")],
) -> None:
    """阶段结束时的决定。The decision at a phase's end."""
    from crm_acceptance.golive import records

    profile, plan = _opened()
    wanted, by = plan.find(phase), _named(profile, plan, by)
    begun = _begun(profile, plan)
    now = next((one for one in begun if one.phase is wanted), None)
    if now is None or (now.state == "done" and now is not begun[-1]):
        why = f"，先决定之后的阶段「{begun[-1].phase.title}」" if now else ""
        raise WrongUse(f"「{wanted.title}」没有在进行中，没有什么可决定的{why}。The phase is not live.")
    records.decided(profile.workspace, phase, by, answer, reason)
    options.console().print(f"已记下 written down: {escape(wanted.title)} → {answer}")


@app.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def drill(
    command: Annotated[list[str], typer.Argument(metavar="-- COMMAND", help="回滚命令 the rollback itself")],
    what: Annotated[str, typer.Option("--what", help="演练什么 what is rehearsed")],
    by: By,
    limit: Annotated[float, typer.Option("--limit", help="最多多少秒 seconds it may take")] = 3600.0,
) -> None:
    """回滚演练：运行回滚命令并计时。Runs the rollback and times it. 1 when it failed or took too long."""
    from crm_acceptance.golive import records

    profile, _ = _opened()
    by = _known(profile, by)
    body = records.drill(profile.workspace, what, by, command, limit).body
    said = "成功 ok" if body["ok"] else "失败 failed"
    options.console().print(f"{said}：{body['seconds']:g} 秒，上限 {limit:g} 秒，退出码 exit {body['exit']}")
    raise typer.Exit(0 if body["ok"] else 1)


@app.command()
def record(
    name: Annotated[str, typer.Argument(metavar="NAME", help="指标，如 adoption p95_ms error_ratio")],
    value: Annotated[float, typer.Argument(metavar="VALUE")],
    phase: Annotated[str, typer.Option("--phase", help="哪个阶段的 of which phase")],
    by: By,
) -> None:
    """记下上线后的一个真实数字。Writes down a figure of the live system."""
    from crm_acceptance.golive import records

    profile, plan = _opened()
    by, meant = _known(profile, by), plan.find(phase)
    if not any(one.phase is meant for one in _begun(profile, plan)):
        raise WrongUse(
            f"「{meant.title}」没有开始（或已回滚），数字不会算数，没有记下。"
            "The phase has not begun, or was rolled back: nothing was written down."
        )
    wanted = sorted({limit for one in plan.phases for limit in one.limits})
    if name not in wanted:
        raise unknown("指标 figure", name, wanted)
    records.figure(profile.workspace, phase, name, value, by)
    options.console().print(f"已记下 written down: {phase} {name} = {value:g}")


@app.command()
def migration(
    batch: Annotated[str, typer.Argument(metavar="BATCH", help="哪一批 which batch")],
    by: By,
    source: Annotated[int, typer.Option("--source", help="源头条数 rows at the source")],
    migrated: Annotated[int, typer.Option("--migrated", help="迁入 migrated")],
    merged: Annotated[int, typer.Option("--merged", help="合并 merged into others")] = 0,
    rejected: Annotated[int, typer.Option("--rejected", help="拒收，有理由 rejected with a reason")] = 0,
    money: Annotated[
        tuple[float, float], typer.Option("--money", help="源头与新系统的金额合计 sums at source and target")
    ] = (0.0, 0.0),
) -> None:
    """记下一批数据迁移的清点。Counts a migrated batch; 1 when something is unaccounted for."""
    from crm_acceptance.golive import records

    profile, _ = _opened()
    by = _known(profile, by)
    counted = records.Batch(batch, source, migrated, merged, rejected, *money)
    records.migration(profile.workspace, counted, by)
    said = "守恒 conserved" if not counted.difference else f"差 {counted.difference:g} 去向不明 unaccounted for"
    options.console().print(f"{escape(batch)}: {said}")
    raise typer.Exit(1 if counted.difference else 0)


def _opened() -> tuple[Profile, Plan]:
    from crm_acceptance import catalogue
    from crm_acceptance import profile as profiles
    from crm_acceptance.golive import plan

    profile = profiles.load(options.workspace())
    return profile, plan(profile, catalogue.load(profile).people)


def _known(profile: Profile, by: str) -> str:
    """The key of that person, said by key, name or login."""
    from crm_acceptance import catalogue

    people = catalogue.load(profile).people
    found = next((key for key, one in people.items() if by in (key, one.name, one.login)), None)
    if found is None:
        raise unknown("谁 --by", by, [*people, *(one.name for one in people.values())])
    return found


def _named(profile: Profile, plan: Plan, by: str) -> str:
    found = _known(profile, by)
    if found not in plan.deciders:
        raise unknown("有权决定的人 who may decide（[golive] deciders）", by, plan.deciders)
    return found


def _run(asked: Path | None) -> Path:
    from crm_acceptance.commands.gate import folder_of

    return folder_of(asked)


def _standings(profile: Profile, plan: Plan, run: Path | None) -> tuple[Standing, ...]:
    """Without any run nothing is signed."""
    from crm_acceptance import signoff
    from crm_acceptance.golive.standing import facts, standings

    try:
        folder = _run(run)
    except WrongUse:
        if run is not None:
            raise
        return standings(plan, facts(profile.workspace, (), _now()))
    return standings(plan, facts(profile.workspace, signoff.status(profile, folder, _now()), _now()))


def _begun(profile: Profile, plan: Plan) -> list[Standing]:
    """The phases that were entered, in order."""
    from crm_acceptance.golive.standing import facts, standings

    return [one for one in standings(plan, facts(profile.workspace, (), _now())) if one.state in ("live", "done")]


def _not_outdone(found: Standing, profile: Profile, run: Path | None) -> Standing:
    """Shut when a later run than the one asked for disproved something of these departments: nobody picks."""
    if run is None or found.state != "ready":
        return found
    from crm_acceptance.changes.runs import later_no

    why = later_no(_run(run), profile.system, found.phase.departments)
    return replace(found, state="blocked", reasons=why) if why else found


def _now() -> datetime:
    return datetime.now().astimezone()


def _over(found: tuple[Standing, ...]) -> bool:
    return all(one.state == "done" for one in found)


def _tell(found: tuple[Standing, ...]) -> None:
    console = options.console()
    table = Table(box=box.SIMPLE_HEAD, show_edge=False)
    for title in ("阶段 phase", "状态 state", "部门 departments", "开始 since"):
        table.add_column(title)
    for one in found:
        said, colour = STATES[one.state]
        departments = " ".join(DEPARTMENTS.get(key, key) for key in one.phase.departments)
        table.add_row(escape(one.phase.title), f"[{colour}]{said}[/]", departments, one.entered[:10])
    console.print(table)
    for one in found:
        for reason in one.reasons:
            console.print(f"[yellow]{escape(one.phase.title)}：{escape(reason)}[/]", highlight=False)
        if one.said:
            console.print(f"{escape(one.phase.title)}：{escape(one.said)}", highlight=False)
