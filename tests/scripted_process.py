"""Scripted sites as processes of their own, for tests that put load on them. No test lives here."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from crm_acceptance.model import Site

SCRIPT = Path(__file__).with_name("scripted_site.py")


@contextmanager
def running(system: str, script: Path, *words: str) -> Iterator[Site]:
    """The script as a site of that system; it tells its address on its first line, and is ended on leaving."""
    process = subprocess.Popen(
        [sys.executable, str(script), *words], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin and process.stdout
    try:
        yield Site(system, process.stdout.readline().strip())
    finally:
        process.stdin.close()
        process.wait(10)
        process.stdout.close()


def site(mode: str = "fine") -> AbstractContextManager[Site]:
    """The scripted site in one of its modes."""
    return running("refcrm", SCRIPT, mode)
