"""The sides of the load benches: how each generator is started and what it says it measured; compares nothing."""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.meter import Cost, metered
from crm_acceptance.engines.load.orders import VARIABLE, Measured, Order, read_measured, write_order
from crm_acceptance.engines.load.work import Arrival
from crm_acceptance.model import Site
from crm_acceptance.tools.cache import cache_dir, locked
from crm_acceptance.tools.missing import ToolMissing, call
from crm_acceptance.tools.node import find_node, npm_command

ROOT = Path(__file__).parent.parent
AUTOCANNON = "autocannon@8.0.0"
QUANTILES: Mapping[str, float] = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99, "p999": 0.999}
PAGE = "/page"


@dataclass(frozen=True)
class Place:
    """A site that runs for one side, and the folder for what that side writes."""

    url: str
    folder: Path

    def saw(self) -> dict[str, Any]:
        """What the site saw; known once it has ended."""
        found: dict[str, Any] = json.loads((self.folder / "saw.json").read_text("utf-8"))
        return found


@dataclass(frozen=True)
class Said:
    """What a side cost and how many requests it made; seconds per quantile where it tells any."""

    cost: Cost
    requests: int
    seconds: Mapping[str, float]


@contextlib.contextmanager
def site(folder: Path, seconds: float = 0.0) -> Iterator[Place]:
    """Within, a site of its own process answers at once, or by the script of that many seconds."""
    folder.mkdir(parents=True)
    command = [sys.executable, "-m", "bench.load_site", str(folder), str(seconds)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, cwd=ROOT)
    try:
        port = folder / "port"
        until = time.monotonic() + 30
        while not port.exists():
            if process.poll() is not None or time.monotonic() > until:
                raise SystemExit("the bench's own site did not start")
            time.sleep(0.05)
        yield Place(f"http://127.0.0.1:{port.read_text()}", folder)
    finally:
        assert process.stdin
        process.stdin.close()
        process.wait(10)


def _run(command: list[str], place: Place, name: str, **env: str) -> tuple[Cost, str]:
    log = place.folder / f"{name}.log"
    quiet = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    cost = metered(command, place.folder, {**quiet, "PYTHONPATH": str(ROOT), **env}, log)
    return cost, log.read_text("utf-8", "replace")


def ours(place: Place, plan: tuple[Arrival, ...], seconds: float, hands: int, name: str) -> tuple[Said, Measured]:
    """Our generator over a plan, as `crm-acceptance load` starts it: with all its samples written."""
    results, order = place.folder / f"{name}.measured.json", place.folder / f"{name}.order.json"
    write_order(order, Order(Site("", place.url), (), plan, hands, 10.0, seconds + 10, str(results)))
    locust = [sys.executable, "-m", "locust", "-f", str(ROOT / "load" / "locustfile.py"), "--headless"]
    users = ("--host", place.url, "--users", "20", "--spawn-rate", "20", "--exit-code-on-error", "0", "--only-summary")
    cost, _ = _run([*locust, *users], place, name, **{VARIABLE: str(order)})
    measured = read_measured(results)
    if measured.problem:
        raise SystemExit(f"ours: {measured.problem}")
    waits = sorted(one.ended - one.intended for one in measured.samples)
    return Said(cost, len(waits), {key: at(waits, share) for key, share in QUANTILES.items()}), measured


def stock(place: Place, user: str, users: int, seconds: float, pace: str, name: str) -> Said:
    """Stock Locust: `users` of that class for so long; `pace`: tasks per second of each, "" as many as they can."""
    told = place.folder / f"{name}.told"
    locust = [sys.executable, "-m", "locust", "-f", str(ROOT / "bench" / "stock_users.py"), "--headless"]
    how = ("--users", str(users), "--spawn-rate", str(users), "-t", f"{seconds:g}s", "--only-summary")
    how = (*how, "--host", place.url, "--exit-code-on-error", "0", "--json-file", str(told))
    cost, _ = _run([*locust, *how], place, name, BENCH_USER=user, BENCH_PACE=pace)
    (row,) = json.loads(told.with_name(f"{told.name}.json").read_text("utf-8"))
    times = sorted((float(key), int(count)) for key, count in row["response_times"].items())
    waits = [ms / 1000 for ms, count in times for _ in range(count)]
    return Said(cost, int(row["num_requests"]), {key: at(waits, share) for key, share in QUANTILES.items()})


def wrk(place: Place, connections: int, seconds: float, name: str) -> Said | None:
    """wrk, closed loop at full speed; None where it is not installed."""
    if shutil.which("wrk") is None:
        return None
    script = place.folder / "quantiles.lua"
    wanted = ", ".join(f"{share * 100:g}" for share in QUANTILES.values())
    script.write_text(
        f"done = function(s, l, r) for _, p in pairs({{{wanted}}}) do io.write('q ', l:percentile(p), '\\n') end end"
    )
    how = ["-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "--timeout", "10s", "-s", str(script)]
    cost, words = _run(["wrk", *how, place.url + PAGE], place, name)
    found = [float(one) / 1e6 for one in re.findall(r"^q ([\d.]+)$", words, re.M)]
    asked = re.search(r"(\d+) requests in", words)
    return Said(cost, int(asked[1]) if asked else 0, dict(zip(QUANTILES, found, strict=True)))


def autocannon(place: Place, connections: int, seconds: float, name: str) -> Said:
    """autocannon under the Node that npm comes with, closed loop at full speed. ToolMissing where npm has no source."""
    script = _autocannon() / "node_modules" / "autocannon" / "autocannon.js"
    how = ["-c", str(connections), "-d", str(max(1, round(seconds))), "--json", "--no-progress", place.url + PAGE]
    cost, words = _run([str(find_node().binary), str(script), *how], place, name)
    told = json.loads(next(line for line in words.splitlines() if line.startswith("{")))
    return Said(cost, int(told["requests"]["total"]), {})


def _autocannon() -> Path:
    """Installed once into the cache; its folder is named after its version."""
    home = cache_dir() / AUTOCANNON.replace("@", "-")
    with locked("autocannon"):
        if not (home / "done").exists():
            home.mkdir(parents=True, exist_ok=True)
            npm = [*npm_command(find_node()), "install", "--prefix", str(home), "--no-save", "--ignore-scripts"]
            call([*npm, "--no-audit", "--no-fund", AUTOCANNON], what=f"npm install {AUTOCANNON}", seconds=300, cwd=home)
            (home / "done").touch()
    return home


def at(ordered: list[float], share: float) -> float:
    """The value of that rank in an ordered list, as the figures of a peak are made (nearest rank)."""
    return ordered[min(len(ordered) - 1, max(0, -int(-share * len(ordered) // 1) - 1))] if ordered else 0.0


__all__ = [
    "PAGE",
    "QUANTILES",
    "Measured",
    "Place",
    "Said",
    "ToolMissing",
    "at",
    "autocannon",
    "ours",
    "site",
    "stock",
    "wrk",
]
