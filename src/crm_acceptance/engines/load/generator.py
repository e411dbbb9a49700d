"""Runs Locust as a process of its own, bounded in time, and fetches what it measured; never imports it."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from crm_acceptance.engines.load.fleet import ALONE, Fleet
from crm_acceptance.engines.load.orders import VARIABLE, Measured, Order, read_measured, write_order
from crm_acceptance.engines.load.peaks import Peak
from crm_acceptance.engines.load.rolling import stops
from crm_acceptance.engines.load.schedule import arrivals, rows
from crm_acceptance.engines.load.starting import called_off, crowd, heard, surroundings
from crm_acceptance.engines.load.stocking import grace, helper
from crm_acceptance.engines.load.watch import watching
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Person, Site

STARTING = 60.0
"""Seconds granted for starting Python, signing in and preparing."""
DRAINING = 10.0
"""Seconds after the plateau in which work may still be begun by whoever becomes free."""

BEGINNING = 20
"""Locust's users at most: the crew hires more when it needs them; a thousand spawned at once are late themselves."""


def order_for(peak: Peak, site: Site, people: Sequence[Person], results: str = "", live: Path | None = None) -> Order:
    """The peak as an order: its whole plan, and those who are in it."""
    plan = arrivals(peak)
    used = {arrival.person for arrival in plan}
    own = (person for person in people if person.key in used)
    busy = tuple(dict.fromkeys((*own, *helper(plan, people))))
    return Order(
        *(site, busy, plan, peak.users, peak.timeout, peak.length + DRAINING, results),
        think=peak.think, stops=stops(peak), counted=tuple(peak.counted_from()), rows=rows(peak), live=str(live or ""),
        expected=dict(peak.expected),
    )  # fmt: skip


def run(
    peak: Peak,
    site: Site,
    people: Sequence[Person],
    password: Callable[[Person], str],
    locustfile: Path,
    fleet: Fleet = ALONE,
    live: Path | None = None,
) -> Measured:
    """One peak against the site, by one process or by a fleet of them; `live`: where to write the live file. Unproven
    when the generator dies or does not end; Ctrl-C ends it too, and all that was started."""
    with tempfile.TemporaryDirectory(prefix="crm-acceptance-load-") as folder:
        results = Path(folder) / "measured.json"
        order = order_for(peak, site, people, str(results), live)
        write_order(Path(folder) / "order.json", order)
        secret = {f"CRM_ACCEPTANCE_PASSWORD_{person.key.upper()}": password(person) for person in order.people}
        environment = {**surroundings(), **secret, VARIABLE: str(Path(folder) / "order.json")}
        limit = order.patience + peak.timeout + STARTING + grace(order.arrivals)
        with watching(site) as server:
            said = _made(order, _command(locustfile, order), environment, limit, fleet, Path(folder))
        if not results.exists():
            why = "被中断 interrupted：" if called_off() else ""
            raise Unproven(
                f"{why}压测进程没有留下结果。The generator left no results. 它最后说 it said last: {said[-400:]}"
            )
        measured = replace(read_measured(results), server=tuple(server))
        if called_off() and not measured.problem:  # whatever the generator made of it: it was not let to its end
            measured = replace(measured, problem="被中断 interrupted")
        return replace(measured, departments={one.key: one.department for one in order.people})


def _made(
    order: Order, command: Sequence[str], environment: Mapping[str, str], limit: float, fleet: Fleet, folder: Path
) -> str:
    """What the generator said; its results are in their file."""
    if not fleet.total:
        return heard(command, environment, limit)
    with crowd(fleet, order, command, environment, folder) as made:
        return heard(made.command, made.environment, limit + fleet.patience + STARTING, made.failed)


def _command(locustfile: Path, order: Order) -> list[str]:
    users = str(min(order.users, BEGINNING))
    return [
        *(sys.executable, "-m", "locust", "-f", str(locustfile), "--headless", "--host", order.site.url),
        *("--users", users, "--spawn-rate", users, "--exit-code-on-error", "0", "--only-summary"),
    ]
