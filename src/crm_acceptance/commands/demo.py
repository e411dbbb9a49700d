"""`demo` and `defects`: the reference CRM accepted, with or without planted faults."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from crm_acceptance.commands import options
from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.profile import FILE, find_workspace
from crm_acceptance.running.request import Request
from crm_acceptance.touchstone.planted import listed

DEMO_HELP = """启动自带的参考 CRM 并完整验收一遍。Accept the built-in reference CRM.

例 examples:

  crm-acceptance demo

  crm-acceptance demo --defects quote_ignores_discount      （退出码 exit 1）

  crm-acceptance demo --shuffle -n 2
"""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="demo", help=DEMO_HELP)(demo)


def demo(
    defects: Annotated[
        str, typer.Option("--defects", help="打开这些缺陷，逗号分隔 planted faults, comma separated")
    ] = "",
    department: options.Department = None,
    requirement: options.Requirement = None,
    keyword: options.Keyword = "",
    markers: options.Markers = "",
    workers: options.Workers = "auto",
    without_browser: options.WithoutBrowser = False,
    shuffle: options.Shuffle = False,
    random_order: options.RandomOrder = "",
    patience: options.Patience = 30.0,
    no_allure: options.NoAllure = False,
    out: options.Out = None,
) -> None:
    """A run on a fresh reference CRM, whatever site the profile names."""
    from crm_acceptance.running.run import run

    console = options.console()
    chosen = _checked(defects)
    with workspace() as (folder, reports):
        request = Request(
            workspace=folder,
            system="refcrm",
            fresh=True,
            out=(out or reports).resolve(),
            workers=options.checked_workers(workers),
            keyword=keyword,
            markers=markers,
            departments=tuple(department or ()),
            requirements=tuple(requirement or ()),
            without_browser=without_browser,
            seed=options.seed(shuffle, random_order, console),
            launch={"defects": ",".join(chosen)} if chosen else {},
            patience=patience * 60,
            allure=not no_allure,
        )
        raise typer.Exit(run(request, console))


def list_planted(as_json: bool) -> None:
    """What can be switched on, as the reference CRM itself says."""
    known = listed()
    if as_json:
        print(json.dumps(known, ensure_ascii=False, indent=1))
        return
    from rich.table import Table

    table = Table("缺陷 defect", "类型 kind", "必须推翻 must disprove", "说明 what goes wrong")
    for one in known:
        table.add_row(one["name"], one["kind"], ", ".join(one["requirements"]), f"{one['title_zh']} {one['title_en']}")
    options.console().print(table)


def _checked(asked: str) -> list[str]:
    names = [name.strip() for name in asked.split(",") if name.strip()]
    if names:
        known = [str(one["name"]) for one in listed()]
        for name in names:
            if name not in known:
                raise unknown("缺陷 defect", name, known, "全部 all: crm-acceptance defects")
    return names


@contextlib.contextmanager
def workspace() -> Iterator[tuple[Path, Path]]:
    """Where we are if that is a workspace; else the packaged one in a scratch folder, reports staying here."""
    here = find_workspace(Path.cwd())
    if here is not None:
        yield here, here / "reports"
        return
    from crm_acceptance.commands.init import lay_down

    with tempfile.TemporaryDirectory(prefix="crm-acceptance-") as scratch:
        lay_down(Path(scratch))
        if not (Path(scratch) / FILE).is_file():
            raise WrongUse("安装包里没有工作区，请重新安装。The package holds no workspace: reinstall it.")
        yield Path(scratch), Path.cwd() / "reports"
