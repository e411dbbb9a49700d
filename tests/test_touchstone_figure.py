"""The figure: exit codes, JSON, what is kept, and what the go/no-go page says of it."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from greenrun import GreenRun

from crm_acceptance import strength
from crm_acceptance.gate import judge
from crm_acceptance.page import write_page
from crm_acceptance.touchstone.figure import Figure, as_json, exit_code, kept, kind_of
from crm_acceptance.touchstone.judging import CAUGHT, MISSED, UNPROVEN, Outcome
from crm_acceptance.touchstone.planted import Planted

SUITE = "ab" * 32


def outcomes(kind: str, caught: int, missed: int = 0, unproven: int = 0) -> tuple[Outcome, ...]:
    words = [CAUGHT] * caught + [MISSED] * missed + [UNPROVEN] * unproven
    return tuple(
        Outcome(Planted(f"{kind}_{n}", kind, ("SEC-001",)), word, reason="why") for n, word in enumerate(words)
    )


def figure(*found: Outcome, **more: Any) -> Figure:
    kinds = tuple(dict.fromkeys(one.defect.kind for one in found))
    return Figure(SUITE, "0.1.0", "2026-11-22T10:00:00+00:00", found, **{"whole_kinds": kinds, **more})


@pytest.mark.parametrize(
    ("found", "more", "code"),
    [
        (outcomes("permission", 19, 1), {}, 0),  # 95 %
        (outcomes("permission", 18, 2), {}, 1),
        (outcomes("functional", 9, 1), {}, 0),  # 90 %
        (outcomes("functional", 8, 2), {}, 1),
        (outcomes("permission", 20) + outcomes("performance", 8, 2), {}, 1),
        (outcomes("permission", 20, unproven=1), {}, 3),  # the aim is reached whatever it is, yet nobody knows all
        (outcomes("permission", 17, unproven=3), {}, 3),  # caught or not decides
        (outcomes("permission", 17, 2, 1), {}, 1),  # short even if it were caught
        (outcomes("permission", 20), {"alarms": {"a": "functional"}}, 1),
        (outcomes("permission", 20), {"beside": {"a": "permission"}}, 1),
        (outcomes("permission", 20), {"silent": ("a：skipped",)}, 3),
        (outcomes("permission", 20), {"interrupted": True}, 3),
        (outcomes("permission", 0, 20), {"interrupted": True}, 3),
    ],
)
def test_the_exit_code_says_reached_or_certainly_not_or_unknown(
    found: tuple[Outcome, ...], more: dict[str, Any], code: int
) -> None:
    assert exit_code(figure(*found, **more)) == code


def test_the_json_gives_what_was_planted_caught_missed_and_cried_per_kind() -> None:
    found = figure(*outcomes("permission", 18, 1, 1), *outcomes("functional", 2), alarms={"x::test_a": "permission"})
    body = json.loads(json.dumps(as_json(found)))
    told = body["kinds"]["permission"]
    assert (told["planted"], told["caught"], told["recall"]) == (20, 18, 0.9)
    assert told["missed"] == ["permission_18"] and told["unproven"] == {"permission_19": "why"}
    assert (told["false_alarms"], told["false_alarm_checks"]) == (1, ["x::test_a"])
    assert body["kinds"]["functional"]["false_alarms"] == 0 and body["stock"] is None
    assert body["clean"]["false_alarms"] == {"permission": 1, "functional": 0}
    assert (body["suite"], body["version"]) == (SUITE, "0.1.0")


def test_a_false_alarm_belongs_to_the_kind_whose_defects_its_requirement_is_there_to_find() -> None:
    dimensions = {"SEC-001": "security", "PERF-001": "performance", "FIN-006": "abnormal", "SALES-001": "scenario"}
    assert [kind_of((id,), dimensions) for id in (*dimensions, "NEW-001")] == [
        *("permission", "performance", "data-loss", "functional", "functional")
    ]


def test_what_was_not_measured_whole_is_not_kept_and_other_kinds_of_the_same_suite_are() -> None:
    before = as_json(figure(*outcomes("functional", 9, 1)))
    now = figure(*outcomes("permission", 2), *outcomes("functional", 1), whole_kinds=("permission",))
    told = kept(now, before)
    assert told["kinds"]["permission"]["planted"] == 2 and told["kinds"]["functional"]["planted"] == 10
    other = kept(now, {**before, "suite": "another"})
    assert list(other["kinds"]) == ["permission"]


def test_the_suite_is_its_features_steps_security_load_and_the_version(tmp_path: Path) -> None:
    for name in ("features/a.feature", "security/p.csv", "load/peaks.toml", "steps/s.py", "fixtures/people.csv"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    seen = {strength.digest(tmp_path)}
    for name in ("features/a.feature", "security/p.csv", "load/peaks.toml", "steps/s.py"):
        (tmp_path / name).write_text("changed", encoding="utf-8")
        seen.add(strength.digest(tmp_path))
    (tmp_path / "features/a.feature").rename(tmp_path / "features/b.feature")
    seen |= {strength.digest(tmp_path), strength.digest(tmp_path, "0.2.0")}
    assert len(seen) == 7
    (tmp_path / "security" / "__pycache__").mkdir()
    (tmp_path / "security" / "__pycache__" / "x.pyc").write_bytes(b"x")
    (tmp_path / "features" / ".DS_Store").write_bytes(b"x")
    (tmp_path / "fixtures" / "people.csv").write_text("others", encoding="utf-8")
    assert strength.digest(tmp_path) in seen


@pytest.mark.parametrize(
    "broken",
    [
        "",
        "[]",
        "{",
        '{"suite": "x"}',
        '{"suite": "x", "kinds": {"permission": {"planted": 9, "caught": 9, "missed": ["a"], "false_alarms": 0}}}',
        '{"suite": "x", "kinds": {"permission": {"planted": 9, "caught": 9}}}',
    ],
)
def test_a_kept_figure_that_cannot_be_true_is_none(tmp_path: Path, broken: str) -> None:
    (tmp_path / "t.json").write_text(broken, encoding="utf-8")
    assert strength.read(tmp_path / "t.json") is None


def page(folder: Path, found: Figure | None, suite: str = SUITE) -> str:
    green = GreenRun()
    green.run["suite"] = suite
    laid = green.lay(folder)
    if found is not None:
        strength.write(laid / strength.FILE, as_json(found))
    html = write_page(judge(laid), laid).read_text(encoding="utf-8")
    section = re.search(r'<section class="card touchstone".*?</section>', html, flags=re.DOTALL)
    assert section is not None
    return section.group()


def test_the_page_shows_recall_and_false_alarms_per_kind_with_date_and_digest(tmp_path: Path) -> None:
    found = figure(*outcomes("permission", 59, 1), *outcomes("data-loss", 9, unproven=1), alarms={"a": "data-loss"})
    told = page(tmp_path, found)
    assert "权限泄露" in told and "59 / 60" in told and "98.3%" in told and "permission_59" in told
    assert "数据丢失" in told and "9 / 10" in told and "data-loss_9" in told and SUITE[:12] in told
    assert "2026-11-22" in told and "已过期" not in told and "尚未测过" not in told


def test_the_page_says_that_it_was_never_measured(tmp_path: Path) -> None:
    told = page(tmp_path, None)
    assert "尚未测过" in told and "%" not in told


@pytest.mark.parametrize("suite", ["cd" * 32, ""])
def test_the_figure_of_another_suite_is_stale_and_so_is_one_of_a_run_that_does_not_say_its_own(
    tmp_path: Path, suite: str
) -> None:
    told = page(tmp_path, figure(*outcomes("permission", 59, 1)), suite)
    assert "已过期" in told and "59 / 60" in told


def test_the_stock_tools_figure_stands_beside_ours(tmp_path: Path) -> None:
    stock = {"login": {"kinds": {"permission": {"planted": 60, "caught": 2}}}}
    told = page(tmp_path, figure(*outcomes("permission", 60), stock=stock))
    assert "原版工具（登录）" in told and "2 / 60" in told and "原版工具（两人）" not in told
