"""The search for capacity with real load, against a site that bears so much and no more."""

from __future__ import annotations

import io
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from rich.console import Console

from crm_acceptance.commands.load_capacity import Steps, exit_code, searched
from crm_acceptance.engines.load import capacity, generator
from crm_acceptance.engines.load.health import Health
from crm_acceptance.engines.load.orders import Measured
from crm_acceptance.engines.load.pages import NOBODY
from crm_acceptance.engines.load.peaks import Peak, Share, Threshold
from crm_acceptance.errors import SiteOutOfReach
from crm_acceptance.model import Site
from crm_acceptance.profile import Profile
from tests.scripted_process import running

HERE = Path(__file__).parent
LOCUSTFILE = HERE.parent / "load" / "locustfile.py"
SLOTS, SERVICE_MS = 2, 40
BORNE = 1000 * SLOTS / SERVICE_MS
PEAK = Peak(
    *("pages", "网页", 200, 40.0, 0.0, 4.0, 5.0, (Share("GET /x", (NOBODY.key,), 1.0),)),
    (Threshold("", "p50", 0.25),),
)  # fmt: skip


def site() -> AbstractContextManager[Site]:
    return running("", HERE / "slots_site.py", str(SLOTS), str(SERVICE_MS))


def made(peak: Peak, at: Site) -> Measured:
    """Real load; how this machine fared meanwhile is not what is tested here."""
    found = generator.run(peak, at, (), lambda person: "", LOCUSTFILE)
    return replace(found, health=Health(), lags=(), pulses=())


def steps(at: Site, peak: Peak = PEAK) -> Steps:
    return Steps(peak, Profile(Path(), url=at.url), (), at, made, Console(file=io.StringIO()))


@pytest.fixture(autouse=True)
def short_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Steps of a few seconds, and an answer that is near enough sooner."""
    monkeypatch.setattr(capacity, "CLOSE", 1.5)
    monkeypatch.setattr(capacity, "SHORTEST", 3.0)
    monkeypatch.setattr(capacity, "RAMP", 0.5)


@pytest.mark.slow
def test_what_a_site_of_two_slots_bears_is_found() -> None:
    with site() as at:
        known = steps(at)
        found = searched(known, PEAK.rate)
    assert found.limited_by == "site" and found.met_at is not None and found.failed_at is not None
    assert 0.5 * BORNE <= found.met_at <= 1.2 * BORNE and found.failed_at <= 1.7 * BORNE, found
    assert known.best is not None and known.best.peak.rate == found.met_at
    assert exit_code(found, found.met_at) == 0 and exit_code(found, found.failed_at) == 1


@pytest.mark.slow
def test_a_site_that_is_not_there_has_no_capacity() -> None:
    with pytest.raises(SiteOutOfReach):
        searched(steps(Site("", "http://127.0.0.1:9")), 40.0)


@pytest.mark.slow
def test_a_site_that_breaks_down_half_way_did_not_bear_it(monkeypatch: pytest.MonkeyPatch) -> None:
    at = Site("", "http://127.0.0.1:9")
    known = steps(at)
    monkeypatch.setattr(known, "best", object.__new__(type("Best", (), {"exit_code": 0, "peak": PEAK})))
    assert known.step(4.0).answer == capacity.NOT_MET
