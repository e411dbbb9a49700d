"""`touchstone`: how many planted defects the workspace's own suite notices, and how often it cries wolf."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console

from crm_acceptance.commands import options
from crm_acceptance.commands.demo import workspace
from crm_acceptance.errors import WrongUse

if TYPE_CHECKING:
    from crm_acceptance.touchstone.figure import Figure

HELP = """试金石：在参考 CRM 里埋下已知缺陷，看本工作区的检查能发现多少、误报多少。
How many planted defects this workspace's suite notices, and how often it cries wolf.

结果记在 reports/touchstone.json，并显示在结论页上。The figure is kept and shown on the go/no-go page.

退出码 exit codes: 0 都达到目标 aims reached, no false alarm · 1 没有达到 not reached · 3 有的没运行 not all was run

例 examples:

  crm-acceptance touchstone                                    全部缺陷 everything, about a quarter of an hour

  crm-acceptance touchstone --kind permission --json

  crm-acceptance touchstone --only list_ignores_scope --alone  也看它推翻了哪些别的需求 what else it disproves

  crm-acceptance touchstone --kind permission --seeds 20 --with-stock

  crm-acceptance touchstone --matrix --system acme --site https://crm-test.example.com --cells 300

用 --matrix 时，不埋缺陷，而是把本公司权限表的格子逐个写错，看检查能不能发现。With --matrix nothing is planted: cells of
your own table are mistaken one by one at your own site, and what would be noticed is told.
"""
INTERRUPTED = 3

Kind = Annotated[
    list[str] | None,
    typer.Option("--kind", help="只埋这类缺陷，可重复 permission, functional, data-loss, performance"),
]
Only = Annotated[list[str] | None, typer.Option("--only", help="只埋这个缺陷，可重复 only this defect")]
Alone = Annotated[bool, typer.Option("--alone", help="每个缺陷单独启动、全部检查 each by itself, with every check")]
Seeds = Annotated[int, typer.Option("--seeds", min=1, max=100, help="无缺陷的启动用几套数据 clean boots, data seeds")]
Jobs = Annotated[int, typer.Option("--jobs", min=1, max=16, help="同时启动几个 boots at a time")]
WithStock = Annotated[bool, typer.Option("--with-stock", help="同时测量原版 schemathesis, for comparison")]
Matrix = Annotated[bool, typer.Option("--matrix", help="把自己的权限表逐格写错 mistake cells of the own matrix")]
CELLS = 200
"""Mistakes of a matrix that are tried where nobody says how many."""
System = Annotated[str, typer.Option("--system", help="与 --matrix 同用：哪个系统 which CRM [默认 profile's]")]
Site = Annotated[str, typer.Option("--site", help="与 --matrix 同用：站点地址 its URL, instead of the profile's")]
Cells = Annotated[
    int | None, typer.Option("--cells", min=0, help="与 --matrix 同用：最多试几种写错 at most, 0: all [默认 200]")
]
AsJson = Annotated[bool, typer.Option("--json", help="JSON 格式 as JSON; progress goes to stderr")]


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="touchstone", help=HELP)(command)


def command(
    kind: Kind = None,
    only: Only = None,
    alone: Alone = False,
    seeds: Seeds = 1,
    jobs: Jobs = 2,
    with_stock: WithStock = False,
    matrix: Matrix = False,
    system: System = "",
    site: Site = "",
    cells: Cells = None,
    as_json: AsJson = False,
    out: options.Out = None,
) -> None:
    """Measures, keeps what was measured whole, and shows it."""
    if matrix:
        if kind or only or alone or with_stock or seeds != 1:
            raise WrongUse(
                "--matrix 不埋缺陷，不能与 --kind --only --alone --seeds --with-stock 同用。It plants nothing."
            )
        _mistake_cells(system, site, CELLS if cells is None else cells, as_json, out)
    if system or site or cells is not None:
        raise WrongUse("埋缺陷只能在参考 CRM 里；--system、--site、--cells 要与 --matrix 同用。They go with --matrix.")
    from crm_acceptance.running.interruption import Interrupted
    from crm_acceptance.touchstone import figure, stocked
    from crm_acceptance.touchstone.trial import Order, measure

    told = Console(stderr=True, soft_wrap=True, highlight=False)

    def tell(line: str) -> None:
        told.print(line, markup=False)

    with workspace() as (folder, reports):
        base = (out or reports).resolve()
        order = Order(folder, base, tuple(kind or ()), tuple(only or ()), alone, seeds, jobs)
        try:
            found = measure(order, tell)
        except Interrupted:
            tell("已中断，没有结果。Interrupted: no figure.")
            raise typer.Exit(INTERRUPTED) from None
        _keep(base, found, tell)
        if with_stock:
            found = stocked.beside(found, tell)
            _keep(base, found, tell)
    if as_json:
        sys.stdout.write(json.dumps(figure.as_json(found), ensure_ascii=False, indent=1) + "\n")
    else:
        from crm_acceptance.touchstone.showing import show

        show(found, options.console())
    raise typer.Exit(figure.exit_code(found))


def _mistake_cells(system: str, site: str, cells: int, as_json: bool, out: Path | None) -> NoReturn:
    from crm_acceptance.touchstone import matrix

    told = Console(stderr=True, soft_wrap=True, highlight=False)
    with workspace() as (folder, reports):
        found = matrix.turn_over(matrix.Asked(folder, (out or reports).resolve(), system, site, cells), told)
    if as_json:
        sys.stdout.write(matrix.dumped(found) + "\n")
    else:
        from crm_acceptance.touchstone.showing import show_flips

        show_flips(found, options.console())
    raise typer.Exit(matrix.exit_code(found))


def _keep(base: Path, found: Figure, tell: Callable[[str], None]) -> None:
    """Only what was measured whole is kept: the share of three chosen defects is nobody's recall."""
    from crm_acceptance import strength
    from crm_acceptance.touchstone.figure import kept

    if not found.whole_kinds:
        tell("没有记录：没有任何一类缺陷全部测过。Not kept: no kind was measured whole.")
        return
    file = base / strength.FILE
    try:
        strength.write(file, kept(found, _body(file)))
    except OSError as refused:
        raise WrongUse(f"写不进 {file}（{refused.strerror}）。The figure cannot be kept there.") from None
    tell(f"已记录 kept: {file}")


def _body(file: Path) -> dict[str, Any]:
    """What was kept before; a file that nobody can read is as good as none."""
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return body if isinstance(body, dict) else {}
