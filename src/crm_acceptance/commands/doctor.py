"""`doctor`: says what this machine lacks, and installs it when asked; tries a mapping on its site, verb by verb."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from crm_acceptance.commands import options
from crm_acceptance.profile import find_workspace

HELP = """检查本机工具；给出站点时，逐个操作、逐个人员地试映射文件。Check this machine, and a mapping on its site.

没有站点时只检查浏览器、字体、Node、Allure、报告目录。
有站点（acceptance.toml 的 \\[site] url，或 --site）时：登录每个人，
用一次性的记录试每个对象的每个操作，试完删除；每个问题都指出映射文件的哪一行。有 \\[screens] 就再用浏览器试页面。

退出码 exit codes：0 全部可用 · 2 映射有错 · 3 有操作没有被证明 · 4 站点连不上

例 examples:

  crm-acceptance doctor

  crm-acceptance doctor --install

  crm-acceptance doctor --site https://crm-test.example.com --mapping mapping.toml

  crm-acceptance doctor --as lina --as chenjing --json doctor.json
"""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="doctor", help=HELP)(command)


def command(
    install: Annotated[bool, typer.Option("--install", help="安装缺少的 install what is missing")] = False,
    system: Annotated[str, typer.Option("--system", help="哪个系统 which CRM [默认 profile's]")] = "",
    site: Annotated[str, typer.Option("--site", help="站点地址 its URL, instead of the profile's")] = "",
    mapping: Annotated[Path | None, typer.Option("--mapping", help="映射文件 mapping file [默认 profile's]")] = None,
    people: Annotated[Path | None, typer.Option("--people", help="人员表 people.csv [默认 profile's]")] = None,
    json_out: Annotated[Path | None, typer.Option("--json", help="结果写成 JSON write the result as JSON")] = None,
    who: Annotated[list[str] | None, typer.Option("--as", help="只以此人试，可重复 only as this person (key)")] = None,
    without_browser: Annotated[bool, typer.Option("--without-browser", help="不试页面 leave \\[screens] out")] = False,
) -> None:
    """Exit code 2 when something needed is missing, or a line of the mapping is wrong."""
    from crm_acceptance.doctoring import ordering

    console = options.console()
    asked = ordering.Order(system, site, mapping, people, json_out, tuple(who or ()), not without_browser)
    examined = asked.anything or ordering.has_site(find_workspace(Path.cwd()))
    fit = _tools(install, console, brief=examined)
    if examined:
        raise typer.Exit(ordering.carry_out(asked, find_workspace(Path.cwd()), console))
    raise typer.Exit(0 if fit else 2)


def _tools(install: bool, console: Console, brief: bool) -> bool:
    """Whether this machine has what is needed; `brief`: only what is missing is told."""
    from crm_acceptance.tools import doctor

    if install:
        doctor.install(lambda line: console.print(escape(line), highlight=False))
    found = doctor.diagnose((find_workspace(Path.cwd()) or Path.cwd()) / "reports")
    for one in found:
        mark = "[green]✓[/]" if one.ok else "[red]✗[/]" if one.needed else "[yellow]![/]"
        fix = f" → {one.fix}" if one.fix and not one.ok else ""
        if not (brief and one.ok):
            console.print(f"{mark} {escape(one.sentence + fix)}", highlight=False)
    return not any(one.needed and not one.ok for one in found)
