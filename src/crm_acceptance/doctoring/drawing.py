"""The chart for people: table object x verb x person, findings with their lines, notes, left-overs. Decides nothing."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from crm_acceptance.doctoring.findings import BROKEN, DENIED, MARKS, UNMAPPED, UNTRIED, WORKS, Chart
from crm_acceptance.model import Person
from crm_acceptance.systems.rest.canonical import object_named
from crm_acceptance.systems.rest.shape import Mapping

_COLOURS = {WORKS: "green", BROKEN: "red bold", DENIED: "dim", UNMAPPED: "dim", UNTRIED: "yellow"}
_LEGEND = (
    "✓ 可用 works · ✗ 不通 broken · – 没有权限 not allowed · · 未映射 not mapped · ? 没试 not tried · 页面 on the pages"
)
SHOWN = 12


def draw(chart: Chart, mapping: Mapping, people: Iterable[Person], console: Console) -> None:
    """Everything that the chart holds, the worst last, where the eye rests."""
    console.print(table(chart, mapping, tuple(people)))
    console.print(_LEGEND, style="dim", highlight=False)
    for note in chart.notes:
        console.print(f"· {escape(note)}", highlight=False)
    if chart.left_over:
        rest = f" …（共 {len(chart.left_over)} 条）" if len(chart.left_over) > SHOWN else ""
        shown = "、".join(chart.left_over[:SHOWN])
        console.print(f"[yellow]没有删掉的记录 left over:[/] {escape(shown)}{rest}", highlight=False)
    for finding in chart.findings:
        console.print(f"[red]✗[/] {escape(str(finding))}", highlight=False)
    _tell_gaps(chart, console)
    console.print(_sum(chart), highlight=False)


def table(chart: Chart, mapping: Mapping, people: tuple[Person, ...]) -> Table:
    """One row a verb, one column a person."""
    drawn = Table(title=f"{mapping.title}：{mapping.file.name}", title_style="bold")
    drawn.add_column("对象 object")
    drawn.add_column("操作 verb")
    for person in people:
        drawn.add_column(escape(person.name), justify="center")
    on_pages = (mapping.screens or {}).get("objects", {})
    for object in dict.fromkeys(("site", *mapping.objects, *on_pages)):
        verbs = dict.fromkeys(verb for name, verb, _ in chart.cells if name == object)
        title = _title(mapping, object)
        for number, verb in enumerate(verbs):
            marks = [_mark(chart, object, verb, person.key) for person in people]
            drawn.add_row(escape(title) if number == 0 else "", verb, *marks, end_section=number == len(verbs) - 1)
    return drawn


def _title(mapping: Mapping, object: str) -> str:
    if object in mapping.objects:
        return f"{mapping.objects[object].title} {object}"
    return "站点 site" if object == "site" else f"{object_named(object).zh} {object}"


def _mark(chart: Chart, object: str, verb: str, person: str) -> str:
    cell = chart.cells.get((object, verb, person))
    return f"[{_COLOURS[cell.outcome]}]{MARKS[cell.outcome]}[/]" if cell else ""


def _tell_gaps(chart: Chart, console: Console) -> None:
    gaps = chart.gaps()
    if gaps and not chart.findings:
        console.print(f"[yellow]没有人做成过 proven for nobody:[/] {escape(', '.join(gaps))}", highlight=False)


def _sum(chart: Chart) -> str:
    works = sum(cell.outcome == WORKS for cell in chart.cells.values())
    state = "[green]映射可用 the mapping works[/]" if chart.sound else "[red]映射要改 the mapping needs work[/]"
    if not chart.findings and not chart.sound:
        state = "[yellow]还有没证明的 not all is proven[/]"
    if chart.interrupted:
        state = "[yellow]中断了 interrupted[/]"
    return f"{state}：{works} ✓，{len(chart.findings)} 处要看 to look at，请求 requests {chart.requests}"
