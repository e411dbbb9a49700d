"""The panels of a peak's curves: each draws one thing over the same time; puts nothing together (curves.py does)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from crm_acceptance.engines.load import series
from crm_acceptance.engines.load.figures import PERCENTILES, samples_of
from crm_acceptance.engines.load.lettering import (
    BLUE,
    GREEN,
    GREY,
    INK,
    ORANGE,
    PURPLE,
    SKY,
    VERMILLION,
    Words,
    duration,
)
from crm_acceptance.engines.load.orders import Measured
from crm_acceptance.engines.load.peaks import Peak, Threshold
from crm_acceptance.engines.load.series import Second
from crm_acceptance.engines.load.server import Curve

DOTS = 1500
"""So many Actions at most are drawn one by one; of more, only the slowest of every row."""
APART = 10.5
"""Points between the names of two limits."""
LABELS = 4
"""Thresholds that can be named beside one panel."""


@dataclass(frozen=True)
class Board:
    """What all panels draw from; `server` is what is known of the server, a curve each."""

    peak: Peak
    measured: Measured
    rows: Sequence[Second]
    server: Sequence[Curve]
    words: Words

    @property
    def times(self) -> list[float]:
        """The middles of the rows."""
        return [row.s + row.width / 2 for row in self.rows]


def throughput(axes: Axes, board: Board) -> None:
    """What ended well per second, against what was asked."""
    done = [(row.ended - row.errors) / row.width for row in board.rows]
    axes.plot(*_plan(board.peak), color=GREY, linestyle=(0, (4, 2)), label=board.words["planned"], gid="planned")
    axes.plot(board.times, done, color=BLUE, linewidth=1.6, label=board.words["done"], gid="throughput")
    floors = [one.limit for one in board.peak.thresholds if one.measure == "throughput" and not one.verb]
    for floor in floors:
        _limit(axes, floor, f"≥ {floor:g} /s", "throughput")
    axes.set_ylim(0, max(1.0, 1.3 * max([*done, *floors, board.peak.rate])))


def _plan(peak: Peak) -> tuple[list[float], list[float]]:
    times, rates, at, before = [0.0], [0.0], 0.0, 0.0
    for stage in peak.course:
        times += [at, at + stage.seconds]
        rates += [before if stage.kind == "ramp" else stage.rate, stage.rate]
        at, before = at + stage.seconds, stage.rate
    return [*times, at], [*rates, 0.0]


def latency(axes: Axes, board: Board) -> None:
    """Percentiles of every row, its slowest, the thresholds; one by one while they can be told apart."""
    axes.set_yscale("log")
    samples = samples_of(board.measured)
    if len(samples) <= DOTS:
        dots = [(one.intended, _shown(one.ended - one.intended)) for one in samples]
        at, waits = zip(*dots, strict=True)
        axes.scatter(at, waits, s=5, color=SKY, alpha=0.6, linewidths=0, label=board.words["one"], gid="each")
    else:
        _line(axes, board, "max_ms", board.words["slowest"], color=SKY, linewidth=0.8)
    _line(axes, board, "p99_ms", "p99", color=VERMILLION, linewidth=1.3, linestyle=(0, (1, 1)))
    _line(axes, board, "p95_ms", "p95", color=ORANGE, linewidth=1.5, linestyle=(0, (5, 1.5)))
    _line(axes, board, "p50_ms", "p50", color=BLUE, linewidth=1.6)
    _limits(axes, [(limit * 1000, text) for limit, text in _timed(board)], "latency")
    low, high = axes.get_ylim()
    axes.yaxis.set_major_locator(LogLocator(subs=(1.0,) if high > 200 * low else (1.0, 2.0, 5.0), numticks=8))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(FuncFormatter(duration))


def _shown(seconds: float) -> float:
    """Milliseconds, and nothing that a logarithm cannot show."""
    return max(0.01, seconds * 1000)


def _line(axes: Axes, board: Board, name: str, label: str, **style: object) -> None:
    """A second without a sample leaves a gap; a dot stands for what has no neighbour to be joined with."""
    values = [getattr(row, name) for row in board.rows]
    shown = [float("nan") if value is None else max(0.01, value) for value in values]
    few = sum(value is not None for value in values) < 3
    axes.plot(board.times, shown, marker="o" if few else "", markersize=3, label=label, gid=name, **style)  # type: ignore[arg-type]


def _timed(board: Board) -> list[tuple[float, str]]:
    """One line per limit in seconds, named by what must keep it."""
    by_limit: dict[float, list[Threshold]] = {}
    for one in board.peak.thresholds:
        if one.measure in PERCENTILES or one.measure == "max":
            by_limit.setdefault(one.limit, []).append(one)
    return [(limit, _named(limit, by_limit[limit], board.words)) for limit in sorted(by_limit)[:LABELS]]


def _named(limit: float, asked: Sequence[Threshold], words: Words) -> str:
    measures = "/".join(dict.fromkeys(one.measure for one in asked))
    who = {one.verb or one.department for one in asked} - {""}
    of = "" if len(who) < len({one.verb or one.department for one in asked}) else f" {words['others']}"
    single = f" {next(iter(who))}" if len(who) == 1 and of else of
    return f"{measures} ≤ {duration(limit * 1000)}{single}"


def errors(axes: Axes, board: Board) -> None:
    """What ended badly per second; hatched, so that it is no mere shade of grey on paper."""
    bad = [row.errors / row.width for row in board.rows]
    edges = [row.s for row in board.rows] + [board.rows[-1].s + board.rows[-1].width]
    axes.stairs(
        bad, edges, fill=True, facecolor="#f6cdb5", edgecolor=VERMILLION, hatch="////", linewidth=0.6,
        label=board.words["failed"], gid="errors",
    )  # fmt: skip
    axes.set_ylim(0, max(1.0, 1.15 * max(bad, default=0.0)))
    if not any(bad):
        axes.text(0.5, 0.45, board.words["none"], transform=axes.transAxes, fontsize=8.5, color=GREY, ha="center")


def people(axes: Axes, board: Board) -> None:
    """How much was under way at a time, and how much could be."""
    busy = [row.busy for row in board.rows]
    axes.fill_between(board.times, busy, color=GREEN, alpha=0.25, linewidth=0)
    axes.plot(board.times, busy, color=GREEN, linewidth=1.3, label=board.words["busy"], gid="busy")
    most = max(busy, default=0.0)
    if most * 4 >= board.peak.users:  # a limit far above would press the curve flat
        _limit(axes, board.peak.users, f"{board.words['hands']} {board.peak.users}", "people")
        most = max(most, board.peak.users)
    axes.set_ylim(0, max(1.0, 1.2 * most))


def server(axes: Axes, curve: Curve) -> None:
    """One figure of the server."""
    axes.plot(
        *zip(*_thinned(curve.points), strict=True),
        color=PURPLE,
        linewidth=1.3,
        label=curve.name,
        gid=f"server-{curve.name}",
    )
    low, high = min(value for _, value in curve.points), max(value for _, value in curve.points)
    axes.set_ylim(min(0.0, low), max(high * 1.15, low + 1e-9) or 1.0)
    if curve.limit is not None:
        _limit(axes, curve.limit, f"{curve.sign} {curve.limit:g}", f"server-{curve.name}")


def _thinned(points: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """Neighbours averaged until no more are left than can be told apart."""
    each = -(-len(points) // series.MOST)
    groups = [points[n : n + each] for n in range(0, len(points), each)]
    return [(sum(at for at, _ in one) / len(one), sum(value for _, value in one) / len(one)) for one in groups]


def _limits(axes: Axes, asked: Sequence[tuple[float, str]], gid: str) -> None:
    """Several limits, from the lowest; their names make room for each other."""
    axes.autoscale_view()
    low, high = axes.get_ylim()
    if asked:  # a limit far outside what was seen would stand at a place that no picture has
        low, high = min(low, *(value * 0.7 for value, _ in asked)), max(high, *(value * 1.6 for value, _ in asked))
    axes.set_ylim(low, high)
    tall = axes.bbox.height * 72 / axes.figure.dpi
    taken = float("-inf")
    for value, text in asked:
        at = float(axes.transAxes.inverted().transform(axes.transData.transform((0, value)))[1]) * tall
        taken = max(at, taken + APART)
        _limit(axes, value, text, gid, taken - at)


def _limit(axes: Axes, value: float, text: str, gid: str, raised: float = 0.0) -> None:
    axes.axhline(value, color=INK, linewidth=0.9, linestyle=(0, (6, 3)), gid=f"limit-{gid}")
    axes.annotate(
        text, (1, value), (5, raised), xycoords=("axes fraction", "data"), textcoords="offset points", fontsize=8,
        color=INK, va="center", annotation_clip=False,
    )  # fmt: skip


def quiet(axes: Axes) -> None:
    """Nothing that draws the eye but the curves."""
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color("#b6bec8")
    axes.grid(axis="y", color="#e2e7ed", linewidth=0.7)
    axes.set_axisbelow(True)
    axes.tick_params(labelsize=8, colors=GREY, length=0)
    if axes.get_yscale() == "linear":
        axes.yaxis.set_major_locator(MaxNLocator(4, min_n_ticks=2, steps=[1, 2, 5, 10]))


PANELS: tuple[tuple[str, float, Callable[[Axes, Board], None]], ...] = (
    ("throughput", 1.25, throughput),
    ("latency", 2.2, latency),
    ("errors", 0.7, errors),
    ("people", 0.9, people),
)
"""Every panel's title, its height in inches, and who draws it."""
