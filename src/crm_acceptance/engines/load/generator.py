"""Runs Locust as a process of its own, bounded in time, and fetches what it measured; never imports it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from crm_acceptance.engines.load.orders import VARIABLE, Measured, Order, read_measured, write_order
from crm_acceptance.engines.load.peaks import Peak
from crm_acceptance.engines.load.rolling import stops
from crm_acceptance.engines.load.schedule import arrivals
from crm_acceptance.engines.load.watch import watching
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Person, Site

STARTING = 60.0
"""Seconds granted for starting Python, signing in and preparing."""
DRAINING = 10.0
"""Seconds after the plateau in which work may still be begun by whoever becomes free."""

BEGINNING = 20
"""Locust's users at most: the crew hires more when it needs them; a thousand spawned at once are late themselves."""


def run(
    peak: Peak, site: Site, people: Sequence[Person], password: Callable[[Person], str], locustfile: Path
) -> Measured:
    """One peak against the site. Unproven when the generator dies or does not end; Ctrl-C ends it too."""
    plan = arrivals(peak)
    used = {arrival.person for arrival in plan}
    busy = tuple(person for person in people if person.key in used)
    with tempfile.TemporaryDirectory(prefix="crm-acceptance-load-") as folder:
        results = Path(folder) / "measured.json"
        patience = peak.ramp + peak.plateau + DRAINING
        order = Order(site, busy, plan, peak.users, peak.timeout, patience, str(results), think=peak.think)
        order = replace(order, stops=stops(peak), counted=tuple(peak.counted_from()))
        write_order(Path(folder) / "order.json", order)
        secret = {f"CRM_ACCEPTANCE_PASSWORD_{person.key.upper()}": password(person) for person in busy}
        environment = {**os.environ, **secret, VARIABLE: str(Path(folder) / "order.json")}
        with watching(site) as server:
            said = _spawn(_command(locustfile, order), environment, patience + peak.timeout + STARTING)
        if not results.exists():
            raise Unproven(f"压测进程没有留下结果。The generator left no results. 它最后说 it said last: {said[-400:]}")
        departments = {person.key: person.department for person in busy}
        return replace(read_measured(results), server=tuple(server), departments=departments)


def _command(locustfile: Path, order: Order) -> list[str]:
    users = str(min(order.users, BEGINNING))
    return [
        *(sys.executable, "-m", "locust", "-f", str(locustfile), "--headless", "--host", order.site.url),
        *("--users", users, "--spawn-rate", users, "--exit-code-on-error", "0", "--only-summary"),
    ]


def _spawn(command: Sequence[str], environment: Mapping[str, str], limit: float) -> str:
    process = subprocess.Popen(
        command, env=dict(environment), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace"
    )
    try:
        said, _ = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        raise Unproven(f"压测进程在 {limit:.0f} 秒内没有结束，已停止。The generator did not end in time.") from None
    finally:
        _end(process)
    return said


def _end(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(5)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
