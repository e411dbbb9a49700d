"""`permissions plan`: what the matrix will ask of a CRM, as a table by object and role; sends nothing."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crm_acceptance.commands import options
from crm_acceptance.errors import WrongUse

if TYPE_CHECKING:
    from crm_acceptance.engines.permissions.planning import Plan
    from crm_acceptance.engines.permissions.table import Matrix
    from crm_acceptance.profile import Profile

HELP = """权限表：先看要发多少请求。The permission matrix: how much it will ask, before anything is asked."""
PLAN_HELP = """按角色和对象列出权限检查要发的请求数；什么都不发送。Requests by role and object; nothing is sent.

例 examples:

  crm-acceptance permissions plan

  crm-acceptance permissions plan --system tryton --json
"""
SHEET_HELP = """把权限表写成 Excel 工作簿（.xlsx），用中文的词。The same matrix as a workbook, in Chinese.

例 example:

  crm-acceptance permissions sheet 权限表.xlsx

  crm-acceptance permissions sheet permissions.xlsx --keys
"""
WORKERS_MOST = 64
_System = Annotated[str | None, typer.Option("--system", help="哪个系统 which system [默认 acceptance.toml 里的]")]


def register(app: typer.Typer) -> None:
    """Adds the commands."""
    group = typer.Typer(help=HELP, no_args_is_help=True, rich_markup_mode="rich")
    group.command(name="plan", help=PLAN_HELP)(plan)
    group.command(name="sheet", help=SHEET_HELP)(sheet)
    app.add_typer(group, name="permissions")


def plan(
    system: _System = None,
    workers: Annotated[int, typer.Option("-n", help="几个进程一起跑 processes", min=1, max=WORKERS_MOST)] = 1,
    as_json: Annotated[bool, typer.Option("--json", help="给程序读 for programs")] = False,
) -> None:
    """Rehearses every cell against an imaginary CRM and adds what the wide net takes."""
    from crm_acceptance.engines.permissions.planning import plan as planned

    profile, matrix, catalogue, found = _read(system)
    made = planned(matrix, catalogue.people.values(), found)
    net = _net(profile, matrix, sorted({one.role for one in catalogue.people.values()}))
    body = _body(profile, made, net, workers)
    if as_json:
        typer.echo(json.dumps(body, ensure_ascii=False, indent=2))
    else:
        _print(made, body, options.console())


def sheet(
    out: Annotated[Path, typer.Argument(metavar="FILE.xlsx", help="写到哪里 where to")],
    system: _System = None,
    keys: Annotated[bool, typer.Option("--keys", help="照原样写，不译成中文 word for word as it stands")] = False,
) -> None:
    """Writes the table into a workbook that means the same."""
    from crm_acceptance import profile as profiles
    from crm_acceptance import sheets
    from crm_acceptance.catalogue import read_table
    from crm_acceptance.engines.permissions import spoken
    from crm_acceptance.engines.permissions.reading import COLUMNS
    from crm_acceptance.engines.permissions.words import HEADINGS

    _read(system)  # whatever is wrong with the table is told first
    file = profiles.load(options.workspace(), system).path("permissions")
    if out.suffix.lower() != ".xlsx" or file is None or out.exists() or not out.absolute().parent.is_dir():
        raise WrongUse(
            f"应当是一个还不存在的 .xlsx 文件，放在已有的目录里：{out}。"
            "FILE must end in .xlsx and not exist yet, in a folder that does."
        )
    rows = read_table(file, COLUMNS, headings=HEADINGS).rows
    if keys:
        book = sheets.write([COLUMNS, *([row.cells[name] for name in COLUMNS] for row in rows)], "权限表")
    else:
        lines = [spoken.headings(COLUMNS), *(spoken.line(row.cells, COLUMNS) for row in rows)]
        book = sheets.write(lines, "权限表", {COLUMNS.index("scope") + 1: spoken.SCOPES})
    out.write_bytes(book)
    name = Path(os.path.relpath(out, options.workspace())).as_posix()
    typer.echo(
        f"已写好 written: {out}（{len(rows)} 行 rows）。要用它：在 acceptance.toml 的 [tables] 写 "
        f'permissions = "{name}"。To use it, name it there.'
    )


def _read(system: str | None) -> Any:
    from crm_acceptance import catalogue as catalogues
    from crm_acceptance import profile as profiles
    from crm_acceptance import systems
    from crm_acceptance.engines.permissions.table import declared

    profile = profiles.load(options.workspace(), system)
    catalogue = catalogues.load(profile)
    matrix = declared(profile, catalogue)
    if matrix is None:
        raise WrongUse(
            f"acceptance.toml 没有为 {profile.system} 写 permissions 表，没有可计划的。"
            "No permission table for this system: name one in [tables] permissions."
        )
    return profile, matrix, catalogue, systems.find(profile.system, profile.path("mapping"))


def _net(profile: Profile, matrix: Matrix, roles: list[str]) -> dict[str, int]:
    """Operation -> requests of the wide net; {} without a contract."""
    path = profile.path("contract")
    if path is None:
        return {}
    from crm_acceptance.engines.fuzz import contract, coverage, planning
    from crm_acceptance.engines.fuzz.naming import operations

    found = {
        one.label: planning.requests_planned(one, [role for role in roles if coverage.rules(matrix, role, one)])
        for one in operations(contract.pinned(path))
    }
    return {**found, "links": planning.walks_planned(roles)}


def _body(profile: Profile, made: Plan, net: dict[str, int], workers: int) -> dict[str, Any]:
    cells = [
        {
            "role": cell.rule.role, "action": cell.rule.action, "object": cell.rule.object, "scope": cell.rule.scope,
            "requests": cell.requests, **({"reason": cell.reason} if cell.reason else {}),
        }
        for cell in made.cells
    ]  # fmt: skip
    matrix = made.requests(workers)
    return {
        "system": profile.system,
        "roles": len({cell.rule.role for cell in made.cells}),
        "operations": len({(cell.rule.object, cell.rule.action) for cell in made.cells}),
        "cells_planned": len(cells),
        "workers": workers,
        "requests": matrix + sum(net.values()),
        "matrix": {"requests": matrix, "counted": made.counted, "preparing": made.preparing},
        "net": {"requests": sum(net.values()), "operations": net},
        "cells": cells,
    }


def _print(made: Plan, body: dict[str, Any], out: Console) -> None:
    out.print(_table(made))
    mute = [cell for cell in made.cells if cell.reason]
    for reason, count in Counter(cell.reason for cell in mute).most_common(10):
        out.print(Text(f"? {count} 格不能检查 cells unproven: {reason}", "yellow"))
    net, matrix = body["net"], body["matrix"]
    out.print(
        Text(
            f"合计 total: 最多 at most {body['requests']} 个请求 requests = 权限表 matrix {matrix['requests']}"
            f"（{body['cells_planned']} 格 cells：上表 above {matrix['counted']}，其中登录和金丝雀 logins and canaries "
            f"{matrix['preparing']}，另留余量 and some spare）"
            f" + 广撒网 wide net {net['requests']}（{len(net['operations'])} 个操作 operations）。"
            "没有发送任何请求。Nothing was sent."
        )
    )


def _table(made: Plan) -> Table:
    from crm_acceptance.engines.permissions.wording import role, thing

    roles = list(dict.fromkeys(cell.rule.role for cell in made.cells))
    counts = Counter[tuple[str, str]]()
    for cell in made.cells:
        counts[cell.rule.object, cell.rule.role] += cell.requests
    table = Table(title=Text("权限检查计划 the plan"), box=box.SIMPLE_HEAD, title_justify="left", show_edge=False)
    table.add_column("对象 object")
    for one in [*map(role, roles), "合计"]:
        table.add_column(one, justify="right")
    for kind in dict.fromkeys(cell.rule.object for cell in made.cells):
        numbers = [counts[kind, one] for one in roles]
        table.add_row(thing(kind), *(str(number or "-") for number in numbers), str(sum(numbers)))
    return table
