"""The scripted site as a process of its own, for tests that put load on it. No test lives here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from crm_acceptance.model import Site

SCRIPT = Path(__file__).with_name("scripted_site.py")


@contextmanager
def site(mode: str = "fine") -> Iterator[Site]:
    """The site with its script running; ended on leaving."""
    process = subprocess.Popen(
        [sys.executable, str(SCRIPT), mode], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin and process.stdout
    try:
        yield Site("refcrm", process.stdout.readline().strip())
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()
