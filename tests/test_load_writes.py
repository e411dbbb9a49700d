"""Writes of a peak, looked for afterwards: each is there exactly once, or nobody can tell."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from crm_acceptance.engines.load.orders import Measured, Sample, Write
from crm_acceptance.engines.load.peaks import Peak, Share, Threshold
from crm_acceptance.engines.load.report import NOT_YET, summary, with_verdict
from crm_acceptance.engines.load.verdict import judge_writes
from crm_acceptance.engines.load.writes import Accounts, accounts, wrong_writes
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Action, Outcome, Page, Record

P95 = Threshold("PERF-001", "p95", 2.0)
MIX = (Share("customer.list", ("lina",), 1.0),)
PEAK = Peak("m", "早高峰", 1, 1.0, 0.0, 10.0, 10.0, MIX, (P95,))


def sample(latency: float) -> Sample:
    return Sample("customer.list", "lina", 1.0, 1.0, 1.0 + latency)


WRITES = Threshold("PERF-002", "writes", 0)
SURE = Write("lina", "lead", "7", {"q": "sure"}, True)


def test_the_threshold_on_writes_has_its_line_before_and_after_they_were_looked_for() -> None:
    peak = replace(PEAK, thresholds=(P95, WRITES))
    measured = Measured((sample(0.1),) * 200, writes=(SURE, SURE))
    told = summary(peak, measured)
    assert [(one["requirement"], one["met"]) for one in told["thresholds"]] == [("PERF-001", True), ("PERF-002", None)]
    assert NOT_YET in told["thresholds"][1]["sentence"]
    after = with_verdict(told, WRITES, judge_writes(peak, WRITES, measured, Accounts((), 2)))["thresholds"]
    assert [(one["requirement"], one["met"]) for one in after] == [("PERF-001", True), ("PERF-002", True)]
    assert "2 笔已确认的写入" in after[1]["sentence"] and after[1]["sentence"].endswith("达到 met")


def test_a_lost_write_is_counted_against_its_limit() -> None:
    found = judge_writes(PEAK, WRITES, Measured(), Accounts(("lost",), 1))
    assert not found.met and found.sentence.endswith("没有达到 not met")


def _site(*rows: str) -> Outcome:
    return Page(tuple(Record("lead", one) for one in rows), len(rows))


@pytest.mark.parametrize(
    ("acknowledged", "there", "said"),
    [(True, ("1",), ""), (True, (), "丢失"), (True, ("1", "2"), "重复"), (False, (), ""), (False, ("1", "2"), "重复")],
)
def test_an_acknowledged_write_is_there_exactly_once(acknowledged: bool, there: tuple[str, ...], said: str) -> None:
    sure = Write("lina", "lead", "7", {"q": "sure"}, True)
    write = Write("lina", "lead", "1", {"q": "this"}, acknowledged)

    def look(key: str, action: Action) -> Outcome:
        return _site(*{"sure": ("7",), "this": there}.get(action.options["q"], ()))

    wrong = wrong_writes(Measured(writes=(sure, write)), look)
    assert [said in one for one in wrong] == ([True] if said else [])


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([("7", {"name": "高峰gfa"}), ("8", {"name": "别人"})], ""),
        ([("7", {"name": "高峰gfa"}), ("8", {"name": "高峰gfa"})], "重复"),
        ([("8", {"name": "别人"})], None),
    ],
    ids=["there", "doubled", "who knows"],
)
def test_a_crm_that_searches_for_nothing_hides_no_lost_write(rows: list[Any], said: str | None) -> None:
    """Whatever is looked for, it brings the same records: only what shows the word is the write."""
    write = Write("lina", "lead", "7", {"q": "gfa"}, True)
    found = Page(tuple(Record("lead", id, fields) for id, fields in rows), len(rows))
    if said is None:
        with pytest.raises(Unproven, match="cannot be found again"):
            wrong_writes(Measured(writes=(write,)), lambda key, action: found)
    else:
        wrong = wrong_writes(Measured(writes=(write,)), lambda key, action: found)
        assert [said in one for one in wrong] == ([True] if said else [])


def test_a_peak_without_an_acknowledged_write_proves_nothing_about_writes() -> None:
    with pytest.raises(Unproven):
        wrong_writes(Measured(writes=(Write("lina", "lead", "", {"q": "x"}, False),)), lambda key, action: None)


def test_writes_whose_answer_was_lost_are_told_apart() -> None:
    lost = tuple(Write("lina", "lead", "", {"q": word}, False) for word in ("gone", "kept", "twice"))

    def look(key: str, action: Action) -> Outcome:
        return _site(*{"sure": ("7",), "gone": (), "kept": ("8",), "twice": ("9", "10")}.get(action.options["q"], ()))

    found = accounts(Measured(writes=(SURE, *lost)), look)
    assert (found.acknowledged, found.unanswered, found.there, len(found.wrong)) == (1, 3, 2, 1)
    assert "its answer was lost" in found.wrong[0]
    assert "另有 3 笔没有得到确认" in judge_writes(PEAK, WRITES, Measured(), found).sentence
