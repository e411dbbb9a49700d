"""The curves of a peak: that pictures hold the lines they promise, whatever was measured; figures are elsewhere."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import load_course
import pytest

from crm_acceptance.engines.load import curves, lettering, series
from crm_acceptance.engines.load.orders import Measured, Sample
from crm_acceptance.engines.load.peaks import Stage, Threshold

SVG = "{http://www.w3.org/2000/svg}"
PEAK = load_course.peak()


def ids(picture: bytes) -> set[str]:
    """What is drawn, by name."""
    return {found for one in ET.fromstring(picture).iter(f"{SVG}g") if (found := one.get("id"))}


def line(picture: bytes, name: str) -> list[tuple[float, float]]:
    """The points of one line, in the picture's own units; y grows downwards."""
    group = next(one for one in ET.fromstring(picture).iter(f"{SVG}g") if one.get("id") == name)
    path = next(one.get("d") or "" for one in group.iter(f"{SVG}path"))
    return [(float(x), float(y)) for x, y in re.findall(r"[ML] ([\d.-]+) ([\d.-]+)", path)]


def written(picture: bytes) -> str:
    """All that is lettered: matplotlib leaves each text as a comment beside its shapes."""
    return "\n".join(re.findall(r"<!-- (.*?) -->", picture.decode()))


def test_every_curve_limit_and_figure_of_the_server_is_in_the_picture() -> None:
    drawn = ids(curves.picture(PEAK, load_course.run(PEAK, errors=0.1)))
    assert {"planned", "throughput", "p50_ms", "p95_ms", "p99_ms", "each", "errors", "busy", "uncounted"} <= drawn
    assert {"limit-latency", "server-cpu", "server-memory"} <= drawn and "stall" not in drawn


def test_a_stall_is_marked_and_throughput_falls_to_the_ground_in_it() -> None:
    picture = curves.picture(PEAK, load_course.run(PEAK, stall=(8.0, 11.0)), "en")
    done = [y for _, y in line(picture, "throughput")]
    planned = line(picture, "planned")
    assert "stall" in ids(picture) and re.search(r"stall 3\.\d s", written(picture))
    assert done[9] == done[10] == pytest.approx(max(y for _, y in planned), abs=0.01)  # 9 to 11 s: nothing ended
    assert min(done) == done[11]  # all that had waited, at once


def test_the_slow_percentile_lies_above_the_usual_one() -> None:
    picture = curves.picture(PEAK, load_course.run(PEAK))
    usual, slow = line(picture, "p50_ms"), line(picture, "p95_ms")
    assert len(usual) == len(slow) > 10 and all(b <= a for (_, a), (_, b) in zip(usual, slow, strict=True))


def test_limits_are_named_with_what_must_keep_them() -> None:
    text = written(curves.picture(PEAK, load_course.run(PEAK), "en"))
    assert "p95 ≤ 2 s" in text and "p99 ≤ 3 s" in text and "p95 ≤ 500 ms order.create" in text


def test_the_same_run_gives_the_same_bytes() -> None:
    measured = load_course.run(PEAK, stall=(8.0, 11.0))
    for kind in ("svg", "png"):
        assert curves.picture(PEAK, measured, kind=kind) == curves.picture(PEAK, measured, kind=kind)
    assert b"dc:date" not in curves.picture(PEAK, measured)


@pytest.mark.parametrize("count", [0, 1, 2, 5])
def test_few_samples_or_none_are_a_picture_too(count: int) -> None:
    measured = Measured(load_course.run(PEAK).samples[:count], opened=100.0)
    drawn = ids(curves.picture(PEAK, measured))
    assert ("throughput" in drawn) is (count > 0)


def test_an_answer_in_no_time_and_one_that_took_an_hour_fit_on_one_picture() -> None:
    quick, slow = Sample("a", "lina", 4.0, 4.0, 4.0), Sample("a", "lina", 5.0, 5.0, 3605.0)
    assert "p99_ms" in ids(curves.picture(PEAK, Measured((quick, slow))))


def test_a_title_with_signs_of_mathematics_is_a_title() -> None:
    asked = replace(PEAK, title="$x_$ 与 100% ^{", thresholds=(Threshold("P", "p95", 2.0, "GET /a?$b_$"),))
    assert "$x_$ 与" in written(curves.picture(asked, load_course.run(PEAK)))


def test_many_samples_make_wider_points_not_a_bigger_picture() -> None:
    long = load_course.peak(rate=20.0, plateau=1800.0)
    measured = replace(load_course.run(long), server=())
    rows = series.seconds(long, measured)
    picture = curves.picture(long, measured, "en")
    assert len(rows) <= series.MOST and sum(row.ended for row in rows) == len(measured.samples) > 30_000
    assert "each" not in ids(picture) and "max_ms" in ids(picture) and len(picture) < 300_000
    assert "minutes after the start" in written(picture)


def test_an_invalid_run_says_so_across_its_picture() -> None:
    measured = load_course.run(PEAK)
    assert "invalid" in written(curves.picture(PEAK, measured, "en", invalid=True))
    assert "invalid" not in written(curves.picture(PEAK, measured, "en"))


def test_where_a_run_was_stopped_is_a_line() -> None:
    stopped = replace(load_course.run(PEAK), stopped="p95 …", stopped_at=12.0)
    picture = curves.picture(PEAK, stopped, "en")
    assert "stopped" in ids(picture) and "stopped early" in written(picture)


def test_what_does_not_count_is_shaded_wherever_it_stands() -> None:
    stages = (Stage("plateau", 5, 8, True), Stage("ramp", 5, 20, False), Stage("spike", 9, 20, True))
    assert series.uncounted(replace(PEAK, stages=stages)) == [(5.0, 10.0)]
    assert [series.planned_at(replace(PEAK, stages=stages), at) for at in (2, 7.5, 12, 99)] == [8, 14, 20, 0]


def test_chinese_is_lettered_where_there_is_a_font_and_english_where_there_is_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    measured = load_course.run(PEAK)
    if lettering.chinese():
        assert "吞吐量" in written(curves.picture(PEAK, measured))
    monkeypatch.setattr(lettering, "chinese", lambda: "")
    assert "Throughput" in written(curves.picture(replace(PEAK, title="morning"), measured))


def test_a_limit_of_the_server_is_a_line_in_its_own_panel() -> None:
    asked = replace(PEAK, thresholds=(Threshold("PERF-004", "server.cpu", 0.8),))
    assert "limit-server-cpu" in ids(curves.picture(asked, load_course.run(asked)))


def test_all_files_are_written_under_the_names_that_are_told(tmp_path: Path) -> None:
    names = curves.draw(PEAK, load_course.run(PEAK), tmp_path, "morning.curves")
    assert {one.name for one in tmp_path.iterdir()} == set(names.values()) and set(names) == {"svg", "svg_en", "png"}
    assert (tmp_path / names["png"]).read_bytes().startswith(b"\x89PNG")
