"""A peak while it goes on: what the generator writes every second, and what people see of it."""

from __future__ import annotations

import io
import json
from pathlib import Path

from rich.console import Console

from crm_acceptance.engines.load import live
from crm_acceptance.engines.load.live import Following, Pulse
from crm_acceptance.engines.load.orders import Sample
from crm_acceptance.running import pulse
from crm_acceptance.running.pulse import Going, said
from crm_acceptance.running.show import Show


def sample(at: float, seconds: float, error: str = "") -> Sample:
    return Sample("lead.create", "lina", at, at, at + seconds, error)


def test_a_line_comes_once_a_second_and_tells_of_that_second_alone(tmp_path: Path) -> None:
    writing, samples, late = Pulse(tmp_path / "live.jsonl"), [sample(0.1, 0.2), sample(0.2, 0.4, "Refused: no")], [0.01]
    assert writing.beat(0.5, begun=2, busy=1, samples=samples) is None
    first = writing.beat(1.01, begun=3, busy=1, samples=samples, lags=late, cpu=0.5)
    samples.append(sample(1.2, 0.1))
    second = writing.beat(2.0, begun=4, busy=0, samples=samples, lags=late, cpu=0.7)
    assert first is not None and second is not None
    assert [first[key] for key in ("s", "begun", "ended", "errors", "busy")] == [1, 3, 2, 1, 1]
    assert [second[key] for key in ("s", "begun", "ended", "errors", "busy")] == [2, 1, 1, 0, 0]
    assert (first["p50_ms"], first["p95_ms"], second["p95_ms"]) == (200.0, 400.0, 100.0)
    assert (first["late_p95_ms"], second["late_p95_ms"]) == (10.0, 0.0)
    assert Following(tmp_path / "live.jsonl").news() == [first, second]


def test_a_generator_that_slept_writes_one_line_and_goes_on_in_step(tmp_path: Path) -> None:
    writing = Pulse(tmp_path / "live.jsonl")
    told = [writing.beat(at, begun=0, busy=0, samples=()) for at in (1.0, 5.3, 5.9, 6.0)]
    assert [one["s"] if one else None for one in told] == [1, 5, None, 6]


def test_a_second_in_which_nothing_ended_has_no_percentile(tmp_path: Path) -> None:
    told = Pulse(tmp_path / "live.jsonl").beat(1.0, begun=5, busy=5, samples=())
    assert told is not None and told["p95_ms"] is None and "p95 –" in said(told)


def test_workers_of_one_second_add_up_and_the_worst_time_is_shown() -> None:
    one = live.line(3, 4, 2, [sample(2, 0.1)], [0.001], 0.2)
    other = live.line(3, 6, 1, [sample(2, 0.9, "x")], [0.02], 0.3)
    told = live.merged([one, other])
    assert [told[key] for key in ("s", "begun", "ended", "errors", "busy", "cpu")] == [3, 10, 2, 1, 3, 0.5]
    assert (told["p95_ms"], told["late_p95_ms"]) == (900.0, 20.0)


def test_a_half_written_line_is_left_for_the_next_look(tmp_path: Path) -> None:
    file = tmp_path / "live.jsonl"
    following = Following(file)
    assert following.news() == []
    file.write_bytes(b'{"s":1}\n{"s":')
    assert following.news() == [{"s": 1}]
    with file.open("ab") as more:
        more.write(b"2}\n")
    assert following.news() == [{"s": 2}] and following.news() == []
    file.write_bytes(b'{"s":9}\n')  # the next run begins the file anew
    assert following.news() == [{"s": 9}]


def test_a_second_in_words_says_how_it_goes_and_how_long_it_still_lasts() -> None:
    told = live.line(12, 8, 14, [sample(11, 1.5), sample(11, 1.5, "x")], [0.003], 0.2)
    text = said(told, 19.0)
    assert "第 12 秒" in text and "busy 14" in text and "done/s 1" in text and "errors 1" in text
    assert "p95 1.5 s" in text and "late 3 ms" in text and "left 7 秒" in text
    assert "finishing" in said(told, 12.0) and "left" not in said(told)


def told_by(file: Path, moments: list[float]) -> list[str]:
    """What a log hears when a line is written and looked at in each of these moments."""
    text, now = io.StringIO(), [0.0]
    console = Console(file=text, width=300, force_terminal=False)
    telling = pulse._Telling(console, Following(file), 60.0, None, clock=lambda: now[0])
    for moment in moments:
        now[0] = moment
        live.append(file, live.line(int(moment), 1, 1, [], [], 0.0))
        telling.look()
    return text.getvalue().splitlines()


def test_a_log_hears_of_a_peak_now_and_then_not_every_second(tmp_path: Path) -> None:
    lines = told_by(tmp_path / "live.jsonl", [float(second) for second in range(1, 26)])
    assert [line.split(" · ")[0] for line in lines] == ["第 1 秒", "第 11 秒", "第 21 秒"]


def test_a_terminal_shows_one_line_that_lives_and_leaves_nothing_behind(tmp_path: Path) -> None:
    text = io.StringIO()
    console = Console(file=text, width=200, force_terminal=True)
    live.append(tmp_path / "live.jsonl", live.line(7, 1, 3, [], [], 0.0))
    with pulse.shown(console, tmp_path / "live.jsonl", 20.0):
        pass
    assert "\n第" not in text.getvalue()


def test_a_run_tells_which_of_its_peaks_goes_on(tmp_path: Path) -> None:
    going = Going(tmp_path)
    assert going.look() is False
    file = tmp_path / f"morning{live.ENDING}"
    live.about(file, "早高峰", 19.0)
    live.append(file, live.line(4, 1, 3, [], [], 0.0))
    assert going.look() is True and going.sentence.startswith("早高峰：第 4 秒") and "left 15" in going.sentence
    assert going.look() is False


def test_a_long_peak_is_news_though_no_check_has_ended(tmp_path: Path) -> None:
    text = io.StringIO()
    console = Console(file=text, width=300, force_terminal=False)
    show = Show(console, "load", {"a": "检查"}, tmp_path / "none.progress", clock=lambda: 0.0, peaks=tmp_path)
    assert show.look() is False
    live.append(tmp_path / f"[soak]{live.ENDING}", live.line(400, 1, 3, [], [], 0.0))
    assert show.look() is True
    show._say()
    assert "第 400 秒" in text.getvalue() and "[soak]" in text.getvalue()


def test_lines_are_plain_json_that_any_tool_reads(tmp_path: Path) -> None:
    Pulse(tmp_path / "live.jsonl").beat(1.0, begun=1, busy=1, samples=[sample(0.1, 0.2)])
    (line,) = (tmp_path / "live.jsonl").read_text("ascii").splitlines()
    assert set(json.loads(line)) >= {"s", "begun", "ended", "errors", "busy", "p50_ms", "p95_ms", "p99_ms", "cpu"}
