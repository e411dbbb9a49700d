"""`requirements import`: takes requirements from Jira, TAPD or another table; the work is sources/'s."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from crm_acceptance.commands import options

HELP = """需求表：从 Jira、TAPD 或另一张表导入。Requirements from Jira, TAPD or another table."""
IMPORT_HELP = """先列出会变什么，同意后才写入；来源里没有了的行默认保留。Shows first what would change.

例 examples:

  crm-acceptance requirements import --from jira

  crm-acceptance requirements import --from tapd --yes

  crm-acceptance requirements import --from 新需求.xlsx --out features/requirements.csv --yes

退出码 exit codes: 0 写好了或没有变化 written · 1 有变化没有写 not written · 2 用法错误 · 4 来源连不上
"""


def register(app: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(help=HELP, no_args_is_help=True)
    group.command(name="import", help=IMPORT_HELP)(take)
    group.callback()(lambda: None)  # one command alone would otherwise be the group itself
    app.add_typer(group, name="requirements")


def take(
    origin: Annotated[str, typer.Option("--from", help="来源的名字，或 .csv/.xlsx 文件 a source or a file")],
    yes: Annotated[bool, typer.Option("--yes", help="不再询问，直接写 write without asking")] = False,
    without_gone: Annotated[
        bool, typer.Option("--remove-gone", help="删去来源里没有了的行 remove rows that are gone there")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="写到哪个 CSV which file [默认需求表 the table]")] = None,
    system: Annotated[str, typer.Option("--system", help="哪个系统 which system")] = "",
) -> None:
    """Exit 1 when something would change and nobody said yes."""
    from crm_acceptance import profile as profiles
    from crm_acceptance.sources import merging
    from crm_acceptance.sources.fetching import fetched

    profile = profiles.load(options.workspace(), system or None)
    table = profile.workspace / profile.requirements
    source, found = fetched(profile, origin)
    seen = merging.preview(table, source, found)
    for line in merging.lines(seen):
        typer.echo(line)
    counts = f"新增 added {len(seen.added)} · 改动 changed {len(seen.changed)} · 来源里没有了 gone {len(seen.gone)}"
    typer.echo(f"{source.name}：{len(found)} 条 stories · {counts}")
    if seen.nothing and out is None:
        typer.echo("需求表已经一样，没有改动。Nothing to change.")
        return
    if not yes and not (sys.stdin.isatty() and typer.confirm("写入吗？Write it?")):
        typer.echo("没有写入；要写入请加 --yes。Nothing was written: add --yes.")
        raise typer.Exit(1)
    rows = merging.write(out or table, seen, without_gone)
    kept = "" if without_gone or not seen.gone else f"；{len(seen.gone)} 行来源里没有了，仍保留 kept"
    typer.echo(
        f"已写好 written: {out or table}（{rows} 行 rows{kept}）。改动要走变更审批 next: crm-acceptance changes status"
    )
