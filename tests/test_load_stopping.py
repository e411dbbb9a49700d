"""A run that has failed is not hammered on to its end: real load, and the command's words about baselines."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from crm_acceptance.engines.load import generator
from crm_acceptance.engines.load.health import Health
from crm_acceptance.engines.load.peaks import Peak, Share, Threshold
from crm_acceptance.engines.load.single import judged, told
from crm_acceptance.model import Person, Site

HERE = Path(__file__).parent
LOCUSTFILE = HERE.parent / "load" / "locustfile.py"
LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")
ERRORS = Threshold("PERF-001", "errors", 0.01, window=2.0)
WHOLE = Threshold("PERF-001", "p50", 1.0)
PEAK = Peak(
    *("long", "长高峰", 20, 20.0, 0.0, 60.0, 1.0, (Share("customer.search", ("lina",), 1.0),)),
    (ERRORS, WHOLE),
)  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize(("mode", "asked"), [("broken", ERRORS), ("deaf", replace(ERRORS, measure="p50", limit=0.4))])
def test_a_site_that_fails_for_the_whole_window_ends_the_run_as_not_met(mode: str, asked: Threshold) -> None:
    process = subprocess.Popen(
        [sys.executable, str(HERE / "scripted_site.py"), mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin and process.stdout
    peak = replace(PEAK, thresholds=(asked, WHOLE))
    try:
        at = Site("refcrm", process.stdout.readline().strip())
        found = generator.run(peak, at, (LINA,), lambda person: "secret", LOCUSTFILE)
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()
    assert 2.0 <= found.stopped_at < 30 and found.left, "it went on to its end"
    single = judged(peak, replace(found, health=Health(), lags=(), pulses=(), cpu=0.0), None)
    assert ([one.met for one in single.judged], single.exit_code) == ([False, None], 1), single.judged
    assert "stopped early" in told(single, at.url, ())["stopped"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--baseline", "nowhere.json"), "keep one first"),
        (("--baseline", "README.md"), "The baseline cannot be read"),
        (("--capacity", "--keep-baseline", "x.json"), "A search for capacity has no baseline"),
    ],
)
def test_what_cannot_be_compared_is_told_before_any_load_is_made(
    tmp_path: Path, words: tuple[str, ...], said: str
) -> None:
    command = [sys.executable, "-m", "crm_acceptance", "load", "--peak", "morning", "--out", str(tmp_path), *words]
    ended = subprocess.run(command, cwd=HERE.parent, capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert ended.returncode == 2 and "Traceback" not in ended.stderr
    assert said in (ended.stdout + ended.stderr).replace("\n", " "), ended.stderr
