"""Sentences about peaks: so many people doing something at the same time, and how quick it has to stay."""

from __future__ import annotations

import hashlib
import os
from typing import TYPE_CHECKING

import pytest
from pytest_bdd import step
from pytest_bdd.parsers import StepParser

from crm_acceptance.engines.load import wording
from crm_acceptance.errors import Unproven, Unsupported, WrongUse

if TYPE_CHECKING:
    from crm_acceptance.catalogue import Catalogue
    from crm_acceptance.engines.load.peaks import Peak
    from fixtures.peaks import Peaks

BUILT_IN = "built_in"


class PeakSentence(StepParser):
    """Every sentence about so many people at the same time, in Chinese or English. Its scenario is a load check."""

    engine = "load"

    def __init__(self) -> None:
        super().__init__(
            "月底 9 点 800 人同时打单，95% 在 2 秒内 | "
            "at month's end 800 people place orders at the same time, 95% within 2 seconds"
        )

    def is_matching(self, name: str) -> bool:
        """Whether it is about a peak; what is wrong with it is `complaint`'s."""
        return wording.is_peak(name)

    def parse_arguments(self, name: str) -> dict[str, str]:
        """The whole sentence."""
        return {"said": name}

    def complaint(self, name: str) -> str:
        """Why the sentence cannot be carried out, "" when it can: told before anything runs."""
        try:
            wording.read(name)
        except WrongUse as wrong:
            return str(wrong)
        return ""


@step(PeakSentence())
def _(said: str, peaks: Peaks, catalogue: Catalogue, request: pytest.FixtureRequest) -> None:
    from crm_acceptance.engines.load import foresight

    _refuse_company()
    if request.node.get_closest_marker(BUILT_IN) and peaks.profile.system != "refcrm":
        raise Unsupported(
            "这句话的人数是按参考 CRM 写的；请在自己的 .feature 里写你们的高峰。"
            "This sentence is for the reference CRM: write your own peak into a .feature file of yours."
        )
    peak = _peak(said, peaks, catalogue, request)
    for doubt in foresight.doubts(peak):
        raise Unproven(doubt)
    peaks.hold(peak, *peak.thresholds)


def _peak(said: str, peaks: Peaks, catalogue: Catalogue, request: pytest.FixtureRequest) -> Peak:
    """The sentence as a peak, named after its requirement and its words: the same sentence is the same peak."""
    from crm_acceptance.engines.load.peaks import read

    markers = {marker.name for marker in request.node.iter_markers()}
    required = next((id for id in catalogue.requirements if id in markers), "")
    name = f"{required}-{hashlib.sha256(said.encode()).hexdigest()[:8]}"
    people, known = tuple(catalogue.people.values()), frozenset(catalogue.requirements)
    return read(said, name, wording.read(said).table(required), people, known, peaks.profile.workspace / "load")


def _refuse_company() -> None:
    """Whoever runs pytest by hand with several workers would measure the other checks."""
    if int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) > 1:
        raise Unproven(
            "高峰要单独跑，不能和别的检查一起（pytest -n）。A peak must be run alone, not beside other checks."
        )
