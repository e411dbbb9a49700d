"""Whatever happens in mid-run or at the site, `crm-acceptance load` says it in load.json and in its exit code."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil
import pytest
from raw_site import RawSite, ok, raw_site

HERE = Path(__file__).parent
PEAK = """
[pages]
title = "网页 [/vip]"
plateau = "{seconds} s"
timeout = "1 s"
[[pages.http]]
path = "/page"
rate = 20.0
"""


@contextmanager
def loading(folder: Path, url: str, seconds: float, extra: str = "") -> Iterator[subprocess.Popen[str]]:
    """`crm-acceptance load` at that site; whatever is left of it is ended."""
    (folder / "my.toml").write_text(PEAK.format(seconds=seconds) + extra, encoding="utf-8")
    command = [sys.executable, "-m", "crm_acceptance", "load", "--peak", "pages", "--peaks", str(folder / "my.toml")]
    process = subprocess.Popen(
        [*command, "--site", url, "--out", str(folder / "out")],
        cwd=HERE.parent, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8",
    )  # fmt: skip
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def told(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "out" / "load.json").read_text("utf-8"))
    return found


def asked(site: RawSite, requests: int) -> None:
    """Waits until the site has been asked so often: the run is under way."""
    until = time.monotonic() + 90
    while len(site.asked) < requests:
        assert time.monotonic() < until, "the load never began"
        site.over.wait(0.02)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_interrupted_is_written_down_and_is_invalid(tmp_path: Path, number: int) -> None:
    with raw_site(lambda number, request: [ok()]) as site, loading(tmp_path, site.url, 300) as process:
        asked(site, 30)
        generators = psutil.Process(process.pid).children(recursive=True)
        process.send_signal(number)
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 3 and "Traceback" not in said, said
    found = told(tmp_path)
    assert (found["verdict"], found["thresholds_met"]) == ("invalid", None)
    assert "被中断" in " ".join(found["reasons"]) and found["total"]["count"] > 0
    assert generators and not any(one.is_running() for one in generators)


@pytest.mark.slow
def test_a_generator_whose_harness_was_killed_ends_by_itself(tmp_path: Path) -> None:
    with raw_site(lambda number, request: [ok()]) as site, loading(tmp_path, site.url, 300) as process:
        asked(site, 5)
        generators = psutil.Process(process.pid).children(recursive=True)
        os.kill(process.pid, signal.SIGKILL)
        gone, left = psutil.wait_procs(generators, timeout=60)
        for one in left:
            one.kill()
    assert gone and not left


LIMIT = '[[pages.threshold]]\nmeasure = "{}"\nlimit = "{}"\n'
BROKEN = b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno"
TROUBLES = {
    "500, nothing asked": (BROKEN, ""),
    "500, quickly": (BROKEN, LIMIT.format("p50", "1 s")),
    "500, and errors count": (BROKEN, LIMIT.format("errors", "1 %")),
    "never": (b"", ""),
}


@pytest.mark.slow
@pytest.mark.parametrize(("answer", "limit"), TROUBLES.values(), ids=TROUBLES)
def test_a_site_that_answers_nothing_properly_never_passes(tmp_path: Path, answer: bytes, limit: str) -> None:
    with raw_site(lambda number, request: [answer]) as site, loading(tmp_path, site.url, 2, limit) as process:
        words, _ = process.communicate(timeout=120)
    found = told(tmp_path)
    assert process.returncode in (1, 3) and "Traceback" not in words, words
    assert found["thresholds_met"] is not True and found["total"]["errors"] == found["total"]["count"] > 10
