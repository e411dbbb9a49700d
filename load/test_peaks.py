"""高峰 peaks: one Locust run per peak of peaks.toml, judged by one check per threshold."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from filelock import FileLock

from crm_acceptance.catalogue import Catalogue
from crm_acceptance.checks.session import ACCEPTANCE
from crm_acceptance.engines.load import generator, peaks, report, saying, verdict
from crm_acceptance.engines.load.afterwards import looker
from crm_acceptance.engines.load.foreign import May, allowing, wrong_answers
from crm_acceptance.engines.load.orders import Measured, read_measured, write_measured
from crm_acceptance.engines.load.peaks import Peak, Threshold
from crm_acceptance.engines.load.writes import Look, accounts
from crm_acceptance.engines.permissions import table
from crm_acceptance.errors import Unproven, Unsupported, WrongUse
from crm_acceptance.model import Person, Site
from crm_acceptance.profile import Profile
from crm_acceptance.systems import System

pytestmark = pytest.mark.engine("load")
Run = Callable[[Peak], Measured]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One parameter set per threshold of every peak."""
    acceptance = metafunc.config.stash[ACCEPTANCE]
    try:
        metafunc.parametrize("peak,threshold", list(_thresholds(acceptance.profile, acceptance.catalogue)))
    except WrongUse as wrong:
        raise pytest.Collector.CollectError(str(wrong)) from None


def _thresholds(profile: Profile, catalogue: Catalogue) -> list[Any]:
    path = profile.path("peaks")
    found = peaks.load(path, catalogue.people.values(), catalogue.requirements) if path else ()
    required = catalogue.requirements  # what a company's own table does not require is not asked
    asked = [(peak, one) for peak in found for one in peak.thresholds if one.requirement in required]
    named = {one.requirement for _, one in asked}
    silent = [one for one in peaks.OURS if one in required and one not in named]
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


@pytest.fixture(scope="session")
def run(
    profile: Profile,
    catalogue: Catalogue,
    site: Site,
    secrets: Callable[[Person], str],
    tmp_path_factory: pytest.TempPathFactory,
) -> Run:
    """Makes the peak's load once, whichever worker asks first; the others read what it measured."""
    folder = _folder(tmp_path_factory)
    people = tuple(catalogue.people.values())

    def once(peak: Peak) -> Measured:
        kept = folder / f"{peak.name}.samples.json"
        with FileLock(f"{kept}.lock"):
            if not kept.exists():
                locustfile = Path(__file__).with_name("locustfile.py")
                measured = _measured(peak, site, people, secrets, locustfile)
                write_measured(kept, measured)
                _tell(folder, report.summary(peak, measured))
            return read_measured(kept)

    return once


def _measured(
    peak: Peak, site: Site, people: tuple[Person, ...], secrets: Callable[[Person], str], locustfile: Path
) -> Measured:
    """A run that failed is not repeated for the next threshold: its reason is the answer to all of them."""
    try:
        return generator.run(peak, site, people, secrets, locustfile)
    except Unproven as reason:
        return Measured(problem=str(reason))


def _tell(folder: Path, told: dict[str, Any]) -> None:
    text = json.dumps(told, ensure_ascii=False, indent=1)
    (folder / f"{told['peak']}.json").write_text(text, encoding="utf-8")


def _folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    told = os.environ.get("CRM_ACCEPTANCE_RUN_DIR")
    folder = Path(told) / "load" if told else tmp_path_factory.getbasetemp() / "load"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="session")
def look(profile: Profile, catalogue: Catalogue, system: System, site: Site, secrets: Callable[[Person], str]) -> Look:
    """Looks at the site after the peak, as the person who wrote."""
    return looker(system, site, catalogue.people, secrets, profile.timeout)


@pytest.fixture(scope="session")
def may(profile: Profile, catalogue: Catalogue) -> May:
    """What the permission table, if there is one, lets people see of each other's records."""
    return allowing(table.declared(profile, catalogue), catalogue.people)


def test_the_peak_meets_its_threshold(
    peak: Peak | None,
    threshold: Threshold | None,
    request: pytest.FixtureRequest,
    evidence: ModuleType,
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """高峰达到指标 the peak meets its threshold."""
    if peak is None or threshold is None:
        raise Unsupported(
            "这个系统的 peaks 表没有这条需求的指标。No threshold for this requirement in the peaks of this system."
        )
    measured: Measured = request.getfixturevalue("run")(peak)
    evidence.attach("json", "load.json", json.dumps(report.summary(peak, measured), ensure_ascii=False, indent=1))
    verdict.refuse_invalid(peak, measured)
    if threshold.measure in report.AFTERWARDS:
        found, wrong = _afterwards(peak, threshold, measured, request)
        _tell(_folder(tmp_path_factory), report.with_verdict(report.summary(peak, measured), threshold, found))
        assert found.met, "\n".join((found.sentence, *wrong[:20]))
    else:
        judged = verdict.judge(peak, threshold, measured)
        assert judged.met, judged.sentence


def _afterwards(
    peak: Peak, threshold: Threshold, measured: Measured, request: pytest.FixtureRequest
) -> tuple[verdict.Verdict, Sequence[str]]:
    """What the site, or the permission table, says of writes and answers; and a sentence for each that is wrong."""
    if threshold.measure == "foreign":
        wrong, looked = wrong_answers(measured, request.getfixturevalue("may"))
        return verdict.judge_foreign(peak, threshold, wrong, looked), wrong
    kept = accounts(measured, request.getfixturevalue("look"))
    return verdict.judge_writes(peak, threshold, kept), kept.wrong
