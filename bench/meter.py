"""Runs one command and tells what it and all its descendants cost: `python -m bench.meter OUT -- COMMAND`. Linux."""

from __future__ import annotations

import ctypes
import json
import os
import resource
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

PR_SET_CHILD_SUBREAPER = 36
LONGEST_SECONDS = 600


@dataclass(frozen=True)
class Cost:
    """CPU and wall seconds of one command, and its exit code."""

    cpu: float
    wall: float
    exit: int


def metered(command: list[str], cwd: Path, env: dict[str, str], log: Path) -> Cost:
    """Run `command` under a meter of its own, so that a CRM started by us is not counted in."""
    out = log.with_suffix(".cost.json")
    with log.open("wb") as words:
        subprocess.run(
            [sys.executable, "-m", "bench.meter", str(out), str(cwd), "--", *command],
            env=env, stdout=words, stderr=subprocess.STDOUT, check=True, timeout=LONGEST_SECONDS,
        )  # fmt: skip
    cost = Cost(**json.loads(out.read_text(encoding="utf-8")))
    if cost.exit:
        raise SystemExit(f"{command[:4]} ended with {cost.exit}:\n{log.read_text(encoding='utf-8')[-3000:]}")
    return cost


def main() -> None:
    """A browser's processes lose their parent when the browser ends; as subreaper we get them, and their CPU time."""
    out, cwd, command = Path(sys.argv[1]), sys.argv[2], sys.argv[4:]
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.alarm(LONGEST_SECONDS)
    began = time.perf_counter()
    code = subprocess.Popen(command, cwd=cwd).wait()
    wall = time.perf_counter() - began
    _reap()
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    out.write_text(json.dumps(asdict(Cost(used.ru_utime + used.ru_stime, wall, code))), encoding="utf-8")


def _reap() -> None:
    try:
        while True:
            os.waitpid(-1, 0)
    except ChildProcessError:
        return


if __name__ == "__main__":
    main()
