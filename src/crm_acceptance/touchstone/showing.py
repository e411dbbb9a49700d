"""The figure for people at a console: a table per kind, what was missed, what cried wolf. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from crm_acceptance.engines.permissions.flips import BLIND, FAILING, NOTICED, UNSUPPORTED, Told
from crm_acceptance.strength import Kind
from crm_acceptance.touchstone.figure import REACHED, SHORT, Figure, aim, exit_code
from crm_acceptance.touchstone.judging import MISSED, UNPROVEN, Outcome
from crm_acceptance.touchstone.matrix import FILE, Flipped, by_place
from crm_acceptance.touchstone.matrix import exit_code as flips_code

NAMES = {"permission": "权限", "functional": "功能", "data-loss": "数据丢失", "performance": "性能"}
WAYS = {"login": "原版 login", "peers": "原版 peers"}
SHOWN = 10
FLIPS_SHOWN = 40
FLIP_WORDS = {
    NOTICED: "会发现 noticed", BLIND: "看不出 blind", UNPROVEN: "未证明 unproven", UNSUPPORTED: "不支持 unsupported",
    FAILING: "现在就不符 failing",
}  # fmt: skip
STYLES = {BLIND: "bold red", FAILING: "bold red", UNPROVEN: "yellow", UNSUPPORTED: "yellow"}
CLOSING = {
    REACHED: ("达到目标，没有误报 the aims are reached, no false alarm", "green"),
    SHORT: ("没有达到目标 the aims are not reached, or it cried wolf", "bold red"),
}
UNSURE = ("有的没能运行，尚不能下结论 something could not be run, so nobody knows", "yellow")


def show(figure: Figure, out: Console) -> None:
    """Prints everything; readable from 80 columns on."""
    out.print(_table(figure))
    for one in figure.outcomes:
        if one.word in (MISSED, UNPROVEN):
            out.print(_not_caught(one))
    for line in _alarms(figure):
        out.print(line)
    if figure.interrupted:
        out.print(Text("已中断 interrupted: 没有运行的算“待证明” what did not run is unproven", "yellow"))
    said, style = CLOSING.get(exit_code(figure), UNSURE)
    minutes, seconds = divmod(round(figure.seconds), 60)
    took = f"{minutes} 分 {seconds} 秒，{figure.boots} 次启动 boots，{figure.requests} 次请求 requests"
    out.print(Text.assemble((said, style), f"。{took}。退出码 exit code {exit_code(figure)}"))


def _table(figure: Figure) -> Table:
    table = Table(box=box.SIMPLE_HEAD, show_edge=False, title=Text("试金石 touchstone"), title_justify="left")
    table.add_column("缺陷 kind", no_wrap=True)
    ways = [way for way in WAYS if figure.stock and way in figure.stock]
    for name in ("发现 caught", "召回率 recall", "目标 aim", "没发现 missed", "未证明 unproven", "误报 alarms"):
        table.add_column(name, justify="right")
    for way in ways:
        table.add_column(WAYS[way], justify="right")
    for name, kind in figure.kinds.items():
        table.add_row(*_row(name, kind), *(_stock(figure.stock or {}, way, name) for way in ways))
    return table


def _row(name: str, kind: Kind) -> list[str | Text]:
    style = "green" if kind.recall >= aim(name) else "bold red"
    return [
        f"{NAMES.get(name, name)} {name}",
        f"{kind.caught}/{kind.planted}",
        Text(f"{kind.recall:.1%}", style),
        f"{aim(name):.0%}",
        str(len(kind.missed)),
        str(len(kind.unproven)),
        Text(str(kind.false_alarms), "bold red" if kind.false_alarms else ""),
    ]


def _stock(stock: Mapping[str, Any], way: str, kind: str) -> str:
    figures = stock[way].get("kinds", {}).get(kind)
    return f"{figures['caught']}/{figures['planted']}" if figures else "-"


def _not_caught(one: Outcome) -> Text:
    word, style = ("没发现 missed", "bold red") if one.word == MISSED else ("未证明 unproven", "yellow")
    ids = ", ".join(one.defect.requirements)
    return Text.assemble((word, style), f" {one.defect.name}（{ids}）{one.defect.title_zh}：{one.reason}")


def _alarms(figure: Figure) -> Iterator[Text]:
    for check in figure.alarms:
        yield Text.assemble(("误报 false alarm", "bold red"), f" 没有缺陷时 on the clean CRM: {check}")
    for check in figure.beside:
        yield Text.assemble(("误报 false alarm", "bold red"), f" 与所埋缺陷无关 of no planted defect: {check}")
    for name, ids in figure.spill.items():
        yield Text.assemble(("外溢 spill", "yellow"), f" {name} 还推翻了 also disproves {', '.join(ids)}")
    for line in figure.silent[:SHOWN]:
        yield Text.assemble(("未证明 unproven", "yellow"), f" 没有缺陷时 on the clean CRM: {line}")
    if len(figure.silent) > SHOWN:
        yield Text(f"……还有 {len(figure.silent) - SHOWN} 项 and more", "dim")


def show_flips(found: Flipped, out: Console) -> None:
    """Per role what was noticed, then every mistake that was not, refuted cells first. Objects stand in the JSON."""
    from crm_acceptance.engines.permissions.words import ROLE_WORDS, chinese

    table = Table(box=box.SIMPLE_HEAD, show_edge=False, title=Text(f"权限表 {found.system}"), title_justify="left")
    table.add_column("角色 role", no_wrap=True)
    for name in ("对象 objects", *FLIP_WORDS.values()):
        table.add_column(name, justify="right")
    for role, kinds in by_place(found).items():
        sums = [sum(words.get(word, 0) for words in kinds.values()) for word in FLIP_WORDS]
        table.add_row(f"{chinese(role, ROLE_WORDS)} {role}", str(len(kinds)), *(str(number or "") for number in sums))
    out.print(table)
    blind = [one for one in found.told if one.word != NOTICED]
    for one in sorted(blind, key=lambda one: list(FLIP_WORDS).index(one.word), reverse=True)[:FLIPS_SHOWN]:
        out.print(_not_noticed(one))
    if len(blind) > FLIPS_SHOWN:
        out.print(Text(f"……还有 {len(blind) - FLIPS_SHOWN} 项，见 {found.folder / FILE} and more", "dim"))
    for left in found.left_over:
        out.print(Text(f"留下 left over: {left['object']} #{left['id']} {left['reason']}", "yellow"))
    noticed = f"{found.count(NOTICED)}/{len(found.told)} 种写错会被发现 mistakes would be noticed"
    asked = f"（可写错 {found.possible} 处 possible），{found.requests} 次请求 requests"
    out.print(f"{noticed}{asked}。退出码 exit code {flips_code(found)}")


def _not_noticed(one: Told) -> Text:
    rule = one.flip.rule
    cell = f"{rule.role} {rule.action} {rule.object}（{one.flip.what}，第 {rule.line} 行 line {rule.line}）"
    return Text.assemble((FLIP_WORDS[one.word], STYLES[one.word]), f" {cell}：{one.reason}")
