"""Real Locust runs in a process of its own, against sites whose faults are scripted."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from crm_acceptance.engines.load import generator
from crm_acceptance.engines.load.figures import figures, percentile, samples_of
from crm_acceptance.engines.load.health import Health
from crm_acceptance.engines.load.orders import Measured
from crm_acceptance.engines.load.peaks import Peak, Share, Threshold
from crm_acceptance.engines.load.verdict import judge, refuse_invalid
from crm_acceptance.errors import SiteOutOfReach, Unproven
from crm_acceptance.model import Person, Site
from tests.scripted_process import site

HERE = Path(__file__).parent
LOCUSTFILE = HERE.parent / "load" / "locustfile.py"
LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")
PEAK = Peak(
    *("short", "短高峰", 20, 20.0, 0.0, 4.0, 1.0, (Share("customer.search", ("lina",), 1.0),)),
    (Threshold("PERF-001", "p50", 1.0),),
)  # fmt: skip


def made(at: Site, peak: Peak = PEAK) -> Measured:
    return generator.run(peak, at, (LINA,), lambda person: "secret", LOCUSTFILE)


def unhurried(measured: Measured) -> Measured:
    """As if this machine had had nothing else to do: how it fared is the subject of other tests."""
    return replace(measured, health=Health(), lags=(), pulses=(), cpu=0.0)


@pytest.mark.slow
def test_a_stall_is_felt_by_everybody_who_wanted_something_meanwhile() -> None:
    with site("stall") as at:
        measured = made(at)
    found = figures(samples_of(measured))
    waited = [one for one in found.from_intended if one > 0.3]
    assert len(waited) >= 15  # 1.5 s at 20 arrivals per second, less the last moments of the stall
    assert max(found.from_intended) > 1.0
    assert percentile(measured.lags, 0.5) < 0.5


@pytest.mark.slow
def test_a_site_that_breaks_down_is_measured_as_errors() -> None:
    with site("broken") as at:
        measured = made(at)
    refuse_invalid(PEAK, unhurried(measured))
    assert not judge(PEAK, Threshold("PERF-001", "errors", 0.01), measured).met


@pytest.mark.slow
def test_a_site_that_never_answers_does_not_hold_the_run_up_for_ever() -> None:
    with site("deaf") as at:
        measured = made(at)
    assert not judge(PEAK, Threshold("PERF-001", "errors", 0.01), measured).met


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "said"), [("huge", "too big"), ("cut", "不完整"), ("drip", "没有完")])
def test_an_answer_without_a_proper_end_is_an_error_and_holds_nobody_up(mode: str, said: str) -> None:
    with site(mode) as at:
        measured = made(at, replace(PEAK, rate=3.0, plateau=2.0))
    assert not judge(PEAK, Threshold("PERF-001", "errors", 0.01), measured).met
    assert any(said in one.error for one in measured.samples), {one.error for one in measured.samples}


@pytest.mark.slow
def test_a_site_that_refuses_connections_is_out_of_reach_and_not_slow() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        measured = made(Site("refcrm", f"http://127.0.0.1:{taken.getsockname()[1]}"))
    with pytest.raises(SiteOutOfReach):
        refuse_invalid(PEAK, measured)


def test_a_generator_that_dies_is_unproven(tmp_path: Path) -> None:
    wrong = tmp_path / "locustfile.py"
    wrong.write_text("raise SystemExit('no hands today')\n", encoding="utf-8")
    with pytest.raises(Unproven, match="no hands today"):
        generator.run(PEAK, Site("refcrm", "http://127.0.0.1:1"), (LINA,), lambda person: "secret", wrong)


PAGES = """
[pages]
plateau = "4 s"
[[pages.http]]
path = "/api/v1/customers"
rate = 40.0
[[pages.threshold]]
measure = "p95"
limit = "{limit}"
"""


def loading(
    tmp_path: Path, url: str, limit: str, there: Path = HERE.parent
) -> tuple[subprocess.CompletedProcess[str], dict[str, object]]:
    (tmp_path / "my.toml").write_text(PAGES.format(limit=limit), encoding="utf-8")
    command = [sys.executable, "-m", "crm_acceptance", "load", "--peak", "pages", "--peaks", str(tmp_path / "my.toml")]
    ended = subprocess.run(
        [*command, "--site", url, "--out", str(tmp_path / "out")],
        cwd=there, capture_output=True, text=True, encoding="utf-8", timeout=90,
    )  # fmt: skip
    told = tmp_path / "out" / "load.json"
    return ended, json.loads(told.read_text("utf-8")) if told.exists() else {}


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "limit", "code"), [("fine", "3 s", 0), ("stall", "400 ms", 1)])
def test_one_peak_of_plain_pages_needs_no_mapping(tmp_path: Path, mode: str, limit: str, code: int) -> None:
    with site(mode) as at:
        ended, told = loading(tmp_path, at.url, limit)
    valid = told["verdict"] == "valid"
    # Beside busy neighbours the run is rightly invalid; its figures are written all the same.
    assert ended.returncode == (code if valid else 3), ended.stdout + ended.stderr
    assert (told["thresholds_met"], told["site"]) == ((code == 0) if valid else None, at.url)
    assert valid or all("invalid" in one for one in told["reasons"])
    assert told["total"]["count"] == told["verbs"]["GET /api/v1/customers"]["count"] > 100
    assert told["total"]["few"] == ["p99", "p999"] and told["total"]["from_intended"]["p95"] > 0


@pytest.mark.slow
def test_one_peak_against_nobody_is_out_of_reach_and_needs_no_workspace(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        ended, told = loading(tmp_path, f"http://127.0.0.1:{taken.getsockname()[1]}", "1 s", tmp_path)
    assert ended.returncode == 4 and "Traceback" not in ended.stderr
    assert (told["verdict"], told["thresholds_met"]) == ("invalid", None)


def test_what_people_do_needs_a_workspace(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "crm_acceptance", "load", "--peak", "morning", "--out", str(tmp_path / "out")]
    where = ("--peaks", str(HERE.parent / "load" / "peaks.toml"), "--site", "http://127.0.0.1:9")
    ended = subprocess.run(
        [*command, *where], cwd=tmp_path, capture_output=True, text=True, encoding="utf-8", timeout=60
    )
    assert ended.returncode == 2 and "不是验收工作区" in ended.stdout + ended.stderr


def test_an_unknown_peak_is_told_with_the_known_ones(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "crm_acceptance", "load", "--peak", "mornin", "--out", str(tmp_path)]
    ended = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert ended.returncode == 2
    assert "did you mean morning" in ended.stdout + ended.stderr and "Traceback" not in ended.stderr
