"""Puts the fault proxy in front of a site, and ends it; what it does wrong is the proxy's business."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from crm_acceptance.engines.faults import faults
from crm_acceptance.engines.faults.proxy import READY
from crm_acceptance.errors import SiteOutOfReach
from crm_acceptance.model import Site


@contextlib.contextmanager
def in_front(site: Site, asked: Sequence[str], tally: Path) -> Iterator[Site]:
    """The site as everybody now reaches it; `tally` tells how often each fault struck. WrongUse for unknown faults."""
    for one in asked:
        faults.read(one)
    words = [word for one in asked for word in ("--fault", one)]
    command = [sys.executable, "-m", "crm_acceptance.engines.faults.proxy", "--to", site.url, "--lifeline"]
    command += ["--tally", str(tally), *(("--ca", site.ca) if site.ca else ()), *words]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        if not said.startswith(READY):
            raise SiteOutOfReach("故障代理没有启动（the fault proxy did not start）。")
        yield replace(site, url=said[len(READY) :].strip(), ca="")
    finally:
        _end(process)


def struck(tally: Path) -> dict[str, int]:
    """How often each fault struck; nothing when the proxy never came so far."""
    try:
        found: dict[str, int] = json.loads(tally.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found


def _end(process: subprocess.Popen[str]) -> None:
    """Its lifeline is cut, so that it still writes its last word."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(timeout=5)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdout:
        process.stdout.close()
