"""Our own allowance and a peak: one within it is not held back by its own irregularity, one beyond it is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_acceptance.engines.load import safety
from crm_acceptance.engines.load.hands import HELD, SAVED
from crm_acceptance.engines.load.peaks import Peak, Share
from crm_acceptance.engines.load.schedule import arrivals
from crm_acceptance.errors import WrongUse
from crm_acceptance.manners import pace
from crm_acceptance.profile import Profile


def peak(rate: float) -> Peak:
    return Peak("m", "早高峰", 40, rate, 0.0, 12.0, 10.0, (Share("customer.list", ("lina",), 1.0),), ())


def held(rate: float, allowed: float, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> float:
    """Seconds that the most unlucky arrival of the peak waits for our own allowance."""
    moment = [0.0]
    monkeypatch.setattr(pace.time, "monotonic", lambda: 1000.0 + moment[0])
    allowance, most = pace.Allowance(tmp_path / "pace.json", allowed), 0.0
    for one in arrivals(peak(rate)):
        moment[0] = one.at
        most = max(most, allowance.take(sleep=lambda seconds: None, saved=SAVED))
    return most


def test_a_peak_within_its_allowance_is_not_held_back_for_two_who_come_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert held(8.0, 10.0, tmp_path, monkeypatch) <= HELD


def test_one_beyond_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert held(12.0, 10.0, tmp_path, monkeypatch) > HELD


def test_a_peak_that_our_own_allowance_would_hold_back_is_refused_before_it_begins() -> None:
    site = Profile(Path(), url="https://uat.acme.com")
    with pytest.raises(WrongUse, match=r"每秒 12 件，而对这个站点每秒只许 10 次请求.*\[site\] rate"):
        safety.cleared(site, peak(12.0))
    assert safety.cleared(Profile(Path(), url="https://uat.acme.com", rate=20.0), peak(12.0)) == ""
    assert safety.cleared(Profile(Path(), url="http://127.0.0.1:8000"), peak(500.0)) == ""
