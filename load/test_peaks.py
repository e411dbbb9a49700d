"""高峰 peaks: one Locust run per peak of peaks.toml, judged by one check per threshold."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from crm_acceptance.catalogue import Catalogue
from crm_acceptance.checks.session import ACCEPTANCE
from crm_acceptance.engines.load import peaks as tables
from crm_acceptance.engines.load import saying
from crm_acceptance.engines.load.peaks import Peak, Threshold
from crm_acceptance.errors import Unsupported, WrongUse
from crm_acceptance.profile import Profile

if TYPE_CHECKING:
    from fixtures.peaks import Peaks

pytestmark = pytest.mark.engine("load")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One parameter set per threshold of every peak."""
    acceptance = metafunc.config.stash[ACCEPTANCE]
    try:
        metafunc.parametrize("peak,threshold", list(_thresholds(acceptance.profile, acceptance.catalogue)))
    except WrongUse as wrong:
        raise pytest.Collector.CollectError(str(wrong)) from None


def _thresholds(profile: Profile, catalogue: Catalogue) -> list[Any]:
    path = profile.path("peaks")
    found = tables.load(path, catalogue.people.values(), catalogue.requirements) if path else ()
    required = catalogue.requirements  # what a company's own table does not require is not asked
    asked = [(peak, one) for peak in found for one in peak.thresholds if one.requirement in required]
    named = {one.requirement for _, one in asked}
    silent = [one for one in tables.OURS if one in required and one not in named]
    return [
        *(pytest.param(*pair, id=_name(*pair), marks=_marks(*pair)) for pair in asked),
        *(pytest.param(None, None, id=f"no-peak-{one}", marks=pytest.mark.requirement(one)) for one in silent),
    ]


def _marks(peak: Peak, threshold: Threshold) -> tuple[pytest.MarkDecorator, ...]:
    """What it proves, and what it says: the peak and this threshold, none of the others."""
    said = saying.of_peak(peak), saying.of_threshold(threshold)
    return pytest.mark.requirement(threshold.requirement), pytest.mark.content(*said)


def _name(peak: Peak, threshold: Threshold) -> str:
    return "-".join(filter(None, (peak.name, threshold.verb, threshold.measure)))


def test_the_peak_meets_its_threshold(peak: Peak | None, threshold: Threshold | None, peaks: Peaks) -> None:
    """高峰达到指标 the peak meets its threshold."""
    if peak is None or threshold is None:
        raise Unsupported(
            "这个系统的 peaks 表没有这条需求的指标。No threshold for this requirement in the peaks of this system."
        )
    peaks.hold(peak, threshold)
