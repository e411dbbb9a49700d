"""`clean`: removes what an earlier run has left behind on a site that is not ours."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from crm_acceptance.commands import options
from crm_acceptance.errors import WrongUse

HELP = """删除以前的运行（例如中途被终止的）在站点上留下的记录。Remove what earlier runs left behind on a site.

只删除日志能证明是本工具创建的记录，别人的一条不动。Only what the journal proves to be ours.

退出码 exit codes: 0 没有留下 nothing is left · 3 有留下的，已列出 left-overs are listed · 4 站点无法访问 out of reach

例 examples:

  crm-acceptance clean                              所有没清完的运行 every run with something left

  crm-acceptance clean reports/20261122-101500-acme

  crm-acceptance clean --dry-run
"""
LEFT = 3


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="clean", help=HELP)(command)


def command(
    run: Annotated[Path | None, typer.Argument(metavar="[RUN]", help="运行目录 run folder [默认全部 all]")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只列出，不删除 only list, remove nothing")] = False,
) -> None:
    """Works off one journal after another; exit code 3 when any record stays."""
    console, workspace = options.console(), options.workspace()
    folders = _asked(run, workspace) if run else _all(workspace)
    if not folders:
        console.print("没有要清除的 nothing to remove")
    left = [folder for folder in folders if not _cleaned(folder, workspace, console, dry_run)]
    raise typer.Exit(LEFT if left else 0)


def _asked(run: Path, workspace: Path) -> list[Path]:
    for folder in (run, workspace / "reports" / run):
        for journal in (folder / "journal", folder):
            if (journal / "site.json").is_file():
                return [journal]
    known = ", ".join(path.parent.name for path in _all(workspace)[-10:]) or "(none)"
    raise WrongUse(f"{run} 里没有创建记录的日志（no journal there）。已知 known: {known}。")


def _all(workspace: Path) -> list[Path]:
    """Journals with something in them that has not been seen to go."""
    from crm_acceptance.cleaning.reading import read

    journals = sorted((workspace / "reports").glob("*/journal"))
    return [folder for folder in journals if (folder / "site.json").is_file() and read(folder).unsettled]


def _cleaned(folder: Path, workspace: Path, console: Console, dry_run: bool) -> bool:
    """Whether nothing of that run is left."""
    from crm_acceptance import catalogue, profile, sites
    from crm_acceptance.cleaning.reading import read
    from crm_acceptance.model import Site
    from crm_acceptance.running.tidying import tell, worked_off

    journal = read(folder)
    console.print(f"{folder.parent.name}: {journal.system} {journal.url}", highlight=False, soft_wrap=True)
    if journal.launched:
        console.print("这个系统是当时由本工具启动的，已随它消失 launched by that run, gone with it")
        return True
    if dry_run:
        return _listed(folder, console)
    at = profile.at_site(profile.load(workspace, journal.system), journal.url)
    sites.guard(at)
    site = sites.described(Site(at.system, at.url, at.kind), at)
    cleaned = worked_off(folder, at, catalogue.load(at).people.values(), site, console, thorough=True)
    tell(cleaned, console)
    return not cleaned.left


def _listed(folder: Path, console: Console) -> bool:
    from crm_acceptance.cleaning.reading import read

    journal = read(folder)
    for entry in journal.entries:
        there = [f"{kind} #{id}" for kind, id in entry.made if (kind, id) not in journal.gone]
        unsure = [f"{entry.verb} 没有等到应答 no answer came"] if not entry.ended else []
        for what in (*there, *unsure):
            console.print(f"  {entry.who}: {escape(what)} {escape(str(dict(entry.fields))[:120])}", highlight=False)
    return True
