"""What a log shows while a phase goes on: neither silence nor a line per check."""

from __future__ import annotations

import io
import json
from pathlib import Path

import pytest
from rich.console import Console

from crm_acceptance.running.show import SILENCE, Show


class Log:
    """One phase of `checks` checks, its console as text, and a clock that a test moves."""

    def __init__(self, file: Path, checks: int) -> None:
        self.now, self.text, self._file = 0.0, io.StringIO(), file
        console = Console(file=self.text, width=200, force_terminal=False)
        titles = {str(number): f"检查 {number}" for number in range(checks)}
        self.show = Show(console, "fuzz", titles, file, clock=lambda: self.now)

    def ended(self, *numbers: int) -> None:
        with self._file.open("a", encoding="utf-8") as out:
            for number in numbers:
                out.write(json.dumps({"nodeid": str(number), "outcome": "passed", "said": ""}) + "\n")

    def lines(self) -> list[str]:
        return self.text.getvalue().splitlines()


@pytest.fixture
def log(tmp_path: Path) -> Log:
    return Log(tmp_path / "fuzz.progress", 100)


def test_a_phase_in_which_nothing_ends_still_says_that_it_goes_on(log: Log) -> None:
    for second in range(int(SILENCE) * 2 + 1):
        log.now = float(second)
        assert log.show.look() is False
    assert log.lines() == ["接口探测 fuzz: 0/100 还没有检查结束 none has ended yet"] * 2


def test_a_slow_phase_is_told_before_its_first_tenth(log: Log) -> None:
    log.ended(1, 2)
    log.now = SILENCE
    assert log.show.look() is True
    assert log.lines() == ["接口探测 fuzz: 2/100 通过 2"]


def test_every_tenth_is_told_once_however_quickly_it_came(log: Log) -> None:
    log.ended(*range(10))
    log.show.look()
    log.show.look()
    log.ended(*range(10, 15))
    log.show.look()
    assert log.lines() == ["接口探测 fuzz: 10/100 通过 10"]


def test_a_finished_phase_is_told_by_its_closing_line_alone(log: Log) -> None:
    with log.show as show:
        log.ended(*range(95))
        show.look()
        log.ended(*range(95, 100))
        show.look()
    assert log.lines() == [
        "接口探测 fuzz: 100 项检查 checks",
        "接口探测 fuzz: 95/100 通过 95",
        "接口探测 fuzz: 100/100 通过 100",
    ]
