"""`run`: accepts the CRM that the workspace's profile names."""

from __future__ import annotations

from typing import Annotated

import typer

from crm_acceptance.commands import options
from crm_acceptance.running.request import Request

HELP = """验收 acceptance.toml 里的 CRM，给出各部门能否上线的结论。Accept the CRM of this workspace.

例 examples:

  crm-acceptance run

  crm-acceptance run --department 销售 --without-browser

  crm-acceptance run --system tryton -n 2

  crm-acceptance run --site https://crm-test.example.com -k 线索

  crm-acceptance run --fault drop_field=phone --fault double=POST      （演练，绝不通过 a drill, never accepted）
"""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="run", help=HELP)(command)


def command(
    system: Annotated[str, typer.Option("--system", help="哪个系统 which CRM [默认 profile's]")] = "",
    site: Annotated[str, typer.Option("--site", help="站点地址 its URL, instead of the profile's")] = "",
    launch: Annotated[list[str] | None, typer.Option("--launch", help="启动选项 KEY=VALUE launch option")] = None,
    department: options.Department = None,
    requirement: options.Requirement = None,
    keyword: options.Keyword = "",
    markers: options.Markers = "",
    workers: options.Workers = "auto",
    without_browser: options.WithoutBrowser = False,
    shuffle: options.Shuffle = False,
    random_order: options.RandomOrder = "",
    fault: Annotated[
        list[str] | None,
        typer.Option("--fault", help="故障演练 a fault between us and the CRM, e.g. drop_field=phone, double=POST"),
    ] = None,
    clean: Annotated[
        bool, typer.Option("--clean", help="自己启动的系统也清除记录 remove records on a launched CRM, too")
    ] = False,
    patience: options.Patience = 30.0,
    no_allure: options.NoAllure = False,
    out: options.Out = None,
) -> None:
    """Collects the options into one Request."""
    from crm_acceptance.running.run import run

    console = options.console()
    request = Request(
        workspace=options.workspace(),
        system=system,
        site=site,
        out=out.resolve() if out else None,
        workers=options.checked_workers(workers),
        keyword=keyword,
        markers=markers,
        departments=tuple(department or ()),
        requirements=tuple(requirement or ()),
        without_browser=without_browser,
        seed=options.seed(shuffle, random_order, console),
        launch=options.pairs(launch),
        faults=tuple(fault or ()),
        clean=clean,
        patience=patience * 60,
        allure=not no_allure,
    )
    raise typer.Exit(run(request, console))
