"""A peak that only our own generator spoilt is made again, a bounded number of times, and told; nothing else is."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from crm_acceptance.engines.load import keeping
from crm_acceptance.engines.load.health import Health
from crm_acceptance.engines.load.orders import Measured, Sample
from crm_acceptance.engines.load.peaks import Peak, Share, Threshold
from crm_acceptance.engines.load.verdict import ours, reasons
from fixtures.peaks import ATTEMPTS, Peaks

PEAK = Peak(
    "m", "早高峰", 1, 1.0, 0.0, 10.0, 10.0, (Share("customer.list", ("lina",), 1.0),), (Threshold("P", "p95", 2.0),)
)
FINE = Measured(tuple(Sample("customer.list", "lina", n / 100, n / 100, n / 100 + 0.1) for n in range(200)), wall=10.0)
STARVED = replace(FINE, health=Health(waited=0.9))
LATE = replace(FINE, lags=(1.0,) * 20)


def made(folder: Path, monkeypatch: pytest.MonkeyPatch, *came: Measured) -> tuple[Measured, int, list[Any]]:
    """What is kept when the attempts come to this, how many were made, and what the file says of the spoilt ones."""
    coming: Iterator[Measured] = iter(came)
    monkeypatch.setattr(Peaks, "_measured", lambda self, peak: next(coming))
    monkeypatch.setattr(keeping, "keep", lambda *_: {})  # nobody looks at the pictures
    peaks = Peaks(None, None, None, folder, None)  # type: ignore[arg-type]
    kept = peaks.run(PEAK)
    return kept, len(came) - len(list(coming)), json.loads((folder / "m.json").read_text("utf-8"))["spoilt"]


@pytest.mark.parametrize("spoilt", [STARVED, LATE])
def test_a_starved_or_late_generator_has_another_go(
    spoilt: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, times, told = made(tmp_path, monkeypatch, spoilt, FINE, FINE)
    assert not reasons(PEAK, kept) and times == 2 and len(told) == 1 and "无效" in told[0]


def test_it_stays_invalid_when_no_attempt_is_better(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept, times, told = made(tmp_path, monkeypatch, *[STARVED] * (ATTEMPTS + 2))
    assert reasons(PEAK, kept) and times == ATTEMPTS and len(told) == ATTEMPTS - 1


@pytest.mark.parametrize(
    "came",
    [
        FINE,
        Measured(problem="登录失败"),
        replace(STARVED, lost=("工人 2 失去联系",)),
        replace(STARVED, problem="被中断 interrupted"),
        Measured(problem="down", unreachable=True),
        replace(FINE, samples=tuple(replace(one, ended=one.ended + 9) for one in FINE.samples)),
    ],
)
def test_what_the_site_did_or_somebody_else_is_never_tried_again(
    came: Measured, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, times, told = made(tmp_path, monkeypatch, came, FINE)
    assert times == 1 and told == [] and kept.samples == came.samples
    assert ours(PEAK, came) == ()
