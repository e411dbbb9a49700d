"""Would the generator notice that it is starved? Runs beside CPU burners have to be invalid, quiet ones valid."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import load_sides as sides
from bench.accuracy import plan
from bench.compare import kept
from crm_acceptance.engines.load.orders import Measured
from crm_acceptance.engines.load.peaks import Peak, Share, Threshold
from crm_acceptance.engines.load.verdict import reasons

RATE, SECONDS, HANDS = 50, 4.0, 200
BURNING = "while True: pass"
PEAK = Peak(
    *("starved", "starved", HANDS, float(RATE), 0.0, SECONDS, 10.0, (Share(f"GET {sides.PAGE}", ("",), 1.0),)),
    (Threshold("", "p95", 1.0),),
)  # fmt: skip


def main(quick: bool = False) -> None:
    """Ten runs each: none, one burner in all, two per core; their verdicts and what was seen."""
    rounds, cores = (2 if quick else 10), os.cpu_count() or 1
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name, sides.site(Path(name) / "site") as place:
        for round in range(rounds):
            for burners in (0, 1, 2 * cores):
                with burning(burners):
                    measured = sides.ours(place, plan(RATE, SECONDS), SECONDS, HANDS, f"{burners}-{round}")[1]
                rows.append(_row(burners, measured))
    for burners in (0, 1, 2 * cores):
        found = [row for row in rows if row["burners"] == burners]
        invalid = sum(bool(row["reasons"]) for row in found)
        waited = ", ".join(f"{row['waited'] or 0:.0%}" for row in found)
        print(f"  {burners} burners on {cores} cores: {invalid} of {len(found)} runs invalid; waited {waited}")
    kept({"title": "starved generators", "cores": cores, "rate": RATE, "seconds": SECONDS, "rows": rows})


def _row(burners: int, measured: Measured) -> dict[str, Any]:
    seen = measured.health
    shares = {"waited": seen.waited, "worst": seen.worst, "idle": seen.idle, "load": os.getloadavg()[0]}
    return {"burners": burners, "reasons": list(reasons(PEAK, measured)), **shares}


@contextlib.contextmanager
def burning(count: int) -> Iterator[None]:
    """So many processes that do nothing, as fast as they can."""
    burners = [subprocess.Popen([sys.executable, "-c", BURNING]) for _ in range(count)]
    try:
        yield
    finally:
        for one in burners:
            one.kill()
            one.wait()
