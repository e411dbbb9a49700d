"""The curves of a peak put together into pictures, SVG and PNG, the same bytes for the same run; computes nothing."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import matplotlib
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from crm_acceptance.engines.load import panels, series
from crm_acceptance.engines.load.lettering import GREY, INK, VERMILLION, WASH, WORDS, Words, fonts, language
from crm_acceptance.engines.load.orders import Measured
from crm_acceptance.engines.load.panels import PANELS, Board
from crm_acceptance.engines.load.peaks import Peak
from crm_acceptance.engines.load.server import curves_of

WIDE, HEADS, SERVER = 9.6, 0.42, 0.8
"""Inches: the picture, the room above every panel, the height of a server's panel."""
LEFT, RIGHT = 0.085, 0.805
"""Where panels begin and end, as shares of the width; to the right stand the names of limits."""
DOTS_PER_INCH = 160
LANGUAGES = ("zh", "en")
NARROW, SAID = 0.08, 3
"""Of the whole time: what a name needs to stand in; so many of a kind are named."""
MINUTES = 600.0
"""Seconds from which on the time is told in minutes."""


def draw(peak: Peak, measured: Measured, folder: Path, stem: str, invalid: bool = False) -> dict[str, str]:
    """Writes `stem`.zh.svg, `stem`.en.svg and `stem`.png (Chinese, where this machine can write it). File names by
    kind: svg, svg_en, png."""
    names = {"svg": f"{stem}.zh.svg", "svg_en": f"{stem}.en.svg", "png": f"{stem}.png"}
    for spoken, kind in zip(LANGUAGES, ("svg", "svg_en"), strict=True):
        (folder / names[kind]).write_bytes(picture(peak, measured, spoken, "svg", invalid))
    (folder / names["png"]).write_bytes(picture(peak, measured, "zh", "png", invalid))
    return names


def picture(peak: Peak, measured: Measured, spoken: str = "zh", kind: str = "svg", invalid: bool = False) -> bytes:
    """One picture as bytes; `kind` svg or png. `invalid`: say across it that nothing can be concluded."""
    with _style():
        figure = _figure(peak, measured, WORDS[language(spoken)], invalid)
        out = io.BytesIO()
        # no date, no version: the same run gives the same bytes
        dated = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
        figure.savefig(out, format=kind, dpi=DOTS_PER_INCH, metadata=dated)
    return out.getvalue()


@contextmanager
def _style() -> Iterator[None]:
    """The look of our pictures, and nobody else's."""
    with matplotlib.rc_context({
        "font.family": fonts(), "axes.unicode_minus": False, "svg.hashsalt": "crm-acceptance", "svg.fonttype": "path",
        "text.parse_math": False,
        "hatch.linewidth": 0.5, "text.color": INK, "path.simplify": True,
    }):  # fmt: skip
        yield


def _figure(peak: Peak, measured: Measured, words: Words, invalid: bool) -> Figure:
    rows, server = series.seconds(peak, measured), curves_of(peak, measured)
    heights = [*(height for _, height, _ in PANELS), *(SERVER for _ in server)]
    tall = sum(heights) + HEADS * len(heights) + 0.75
    figure = Figure((WIDE, tall), facecolor="white")
    FigureCanvasAgg(figure)
    board = Board(peak, measured, rows, server, words)
    places = list(_places(heights, tall))
    drawn = [figure.add_axes((LEFT, bottom, RIGHT - LEFT, high)) for bottom, high in places]
    if rows:
        _draw(drawn, board)
    _heads(figure, board, invalid, tall)
    return figure


def _places(heights: Sequence[float], tall: float) -> Iterator[tuple[float, float]]:
    """(bottom, height) of every panel from above, as shares of the picture."""
    top = tall - 0.3
    for height in heights:
        top -= HEADS + height
        yield top / tall, height / tall


def _draw(drawn: Sequence[Axes], board: Board) -> None:
    end = max(board.peak.length, board.rows[-1].s + board.rows[-1].width)
    for axes, (title, _, paint) in zip(drawn, PANELS, strict=False):
        paint(axes, board)
        _head(axes, board.words[title])
    for axes, curve in zip(drawn[len(PANELS) :], board.server, strict=True):
        panels.server(axes, curve)
        _head(axes, board.words.get(curve.name, f"{curve.name}"))
    for axes in drawn:
        panels.quiet(axes)
        _times(axes, board, end, axes is drawn[-1])
    _marks(drawn, board)


def _head(axes: Axes, title: str) -> None:
    axes.set_title(title, loc="left", fontsize=9.5, color=INK, pad=6)
    handles, labels = axes.get_legend_handles_labels()
    if len(handles) > 1:
        axes.legend(
            handles, labels, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncol=len(labels), frameon=False,
            fontsize=8, handlelength=2.2, columnspacing=1.4, borderaxespad=0.1, markerscale=1.6,
        )  # fmt: skip


def _times(axes: Axes, board: Board, end: float, last: bool) -> None:
    minutes = end > MINUTES
    axes.set_xlim(0, end)
    axes.xaxis.set_major_formatter(lambda at, _: f"{at / 60:g}" if minutes else f"{at:g}")
    if minutes:
        axes.xaxis.set_major_locator(matplotlib.ticker.MultipleLocator(_step(end)))
    axes.tick_params(labelbottom=last)
    if last:
        axes.set_xlabel(board.words["minutes" if minutes else "seconds"], fontsize=8.5, color=GREY)


def _step(end: float) -> float:
    """Seconds between two ticks: a round number of minutes."""
    return next((60.0 * one for one in (1, 2, 5, 10, 15, 30, 60, 120, 240) if end / (60 * one) <= 13), end / 10)


def _marks(drawn: Sequence[Axes], board: Board) -> None:
    """Through all panels: what does not count in grey, where it stood still in orange, where it was stopped."""
    stalls = series.stalls(board.measured)
    for axes in drawn:
        for begin, end in series.uncounted(board.peak):
            axes.axvspan(begin, end, color=WASH, zorder=0, linewidth=0, gid="uncounted")
        for begin, end in stalls:
            axes.axvspan(begin, end, facecolor="#fbe3b4", linewidth=0, zorder=0.1, gid="stall")
        if board.measured.stopped:
            axes.axvline(_stopped_at(board), color=VERMILLION, linewidth=1.4, gid="stopped")
    _say(drawn[0], _said(board, stalls))


def _said(board: Board, stalls: Sequence[tuple[float, float]]) -> list[tuple[float, str, str]]:
    """(when, what, in which colour): what the marks mean, as far as there is room for it."""
    end, words = board.rows[-1].s + board.rows[-1].width, board.words
    wide = [(a, words["ramp"], GREY) for a, b in series.uncounted(board.peak) if b - a >= NARROW * end]
    longest = sorted(stalls, key=lambda gap: gap[0] - gap[1])[:SAID]
    still = [(a, words["stall"].format(b - a), "#8f5b00") for a, b in longest]
    stopped = [(_stopped_at(board), words["stopped"], VERMILLION)] if board.measured.stopped else []
    return [*wide[:SAID], *still, *stopped]


def _stopped_at(board: Board) -> float:
    return board.measured.stopped_at or board.measured.ended


def _say(axes: Axes, said: Sequence[tuple[float, str, str]]) -> None:
    for at, text, colour in said:
        axes.annotate(
            text, (at, 1), (3, -2), xycoords=("data", "axes fraction"), textcoords="offset points", fontsize=8,
            color=colour, va="top", annotation_clip=False,
            bbox={"facecolor": "white", "alpha": 0.7, "linewidth": 0, "pad": 0.8}, zorder=5,
        )  # fmt: skip


def _heads(figure: Figure, board: Board, invalid: bool, tall: float) -> None:
    count, width = len(board.measured.samples), board.rows[0].width if board.rows else 1.0
    said = board.words["each"].format(count, width) if count else board.words["nothing"]
    text = f"{board.peak.title}  ·  {said}"
    figure.text(0.012, 1 - 0.1 / tall, text, fontsize=9, color=GREY, va="top")
    if invalid:
        figure.text(0.5, 0.5, board.words["invalid"], fontsize=26, color=VERMILLION, alpha=0.35, rotation=18,
                    ha="center", va="center")  # fmt: skip
