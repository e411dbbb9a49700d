"""Peaks on the project lead's page: a verdict, pictures that need nothing from outside, figures in words and tables."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import load_course
import pytest
from greenrun import GreenRun

from crm_acceptance.engines.load import keeping, report
from crm_acceptance.engines.load.orders import Measured
from crm_acceptance.gate import judge
from crm_acceptance.page import peaks, write_page

PEAK = replace(load_course.peak(), thresholds=load_course.THRESHOLDS[:1])


def told(measured: Measured, **more: Any) -> dict[str, Any]:
    return {**report.summary(PEAK, measured), **more}


def shown(folder: Path, body: dict[str, Any]) -> peaks.Peak:
    (folder / "morning.json").write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    (found,) = peaks.read(folder)
    return found


@pytest.mark.parametrize(
    ("measured", "state", "said"),
    [
        (load_course.run(PEAK), "proven", "1 条门槛全部达到。"),
        (load_course.run(PEAK, stall=(8.0, 13.0)), "disproven", "1 条门槛中 0 条达到，1 条没有达到。"),
        (replace(load_course.run(PEAK), lags=(1.0,) * 9), "invalid", "本次运行无效，什么结论也没有。"),
        (Measured(load_course.run(PEAK).samples[:40]), "unproven", "1 条门槛中 0 条达到，1 条没有证据。"),
    ],
)
def test_the_verdict_is_a_sentence_and_an_invalid_run_says_nothing(
    tmp_path: Path, measured: Measured, state: str, said: str
) -> None:
    found = shown(tmp_path, told(measured))
    assert (found.state, found.sentence.zh) == (state, said)
    assert bool(found.reason) is (state == "invalid")
    assert {one.state for one in found.limits} == {"unproven" if state == "invalid" else state}


def test_those_who_cannot_see_the_picture_read_what_it_shows(tmp_path: Path) -> None:
    found = shown(tmp_path, told(load_course.run(PEAK, stall=(8.0, 11.0))))
    assert re.search(r"第 7\.\d+–11\.?\d* 秒停顿|第 8\.?\d*–11\.?\d* 秒停顿", found.described.zh)
    assert (
        "nothing ended" in found.described.en
        and "没有停顿" in shown(tmp_path, told(load_course.run(PEAK))).described.zh
    )


def test_departments_and_actions_are_called_as_people_call_them(tmp_path: Path) -> None:
    found = shown(tmp_path, told(load_course.run(PEAK)))
    assert [row.name.zh for row in found.departments] == ["销售"]
    assert [row.name.zh for row in found.verbs] == ["全部", "查询客户", "登记订单"]
    assert [row.name.zh for row in found.server] == ["处理器（核）", "内存（MB）"]


def test_approval_capacity_and_baseline_are_told_when_they_are_known(tmp_path: Path) -> None:
    verbs = {"total": {"p95": {"ratio": 1.2, "sentence": "慢了 slower"}, "p99": {"sentence": "不能比较"}}}
    more = {
        "approval": "OPS-2026-118",
        "capacity": {"sentence": "至少 32 /s"},
        "baseline": {"comparable": True, "verbs": verbs},
    }
    found = shown(tmp_path, told(load_course.run(PEAK), **more))
    assert ("批准文号", "OPS-2026-118") in [(name.zh, value) for name, value in found.facts]
    assert found.notes == ("至少 32 /s", "慢了 slower")


def test_the_page_holds_both_pictures_itself_and_links_the_tables(tmp_path: Path) -> None:
    run = GreenRun().lay(tmp_path)
    (run / "load").mkdir(exist_ok=True)
    measured = load_course.run(PEAK)
    body = told(measured, **keeping.keep(run / "load", "morning.", PEAK, measured))
    (run / "load" / "morning.json").write_text(json.dumps(body, ensure_ascii=False), encoding="utf-8")
    html = write_page(judge(run), run).read_text(encoding="utf-8")
    pictures = re.findall(r'<img class="(zh|en)"[^>]* src="(data:image/svg\+xml;base64,[^"]+)" alt="([^"]+)"', html)
    assert [language for language, _, _ in pictures] == ["zh", "en"] and len({alt for _, _, alt in pictures}) == 2
    assert 'href="load/morning.seconds.csv"' in html and "series" not in html


@pytest.mark.parametrize(
    "more",
    [
        {"curves": {"svg": "none.svg", "svg_en": "none.svg"}},
        {"thresholds": [{}], "verbs": [{"verb": 5}], "server": {"cpu": {}}, "stalls": [{}], "people": None},
        {"asked": [], "valid": "yes", "capacity": 3, "baseline": {"verbs": {"total": 7}}, "files": {"a": "../../x"}},
        {"series": [{}, {"ended": None}], "generator": None, "departments": "all"},
    ],
)
def test_a_file_that_says_less_or_something_else_spoils_no_page(tmp_path: Path, more: dict[str, Any]) -> None:
    assert shown(tmp_path, {**told(load_course.run(PEAK)), **more}).pictures is None
