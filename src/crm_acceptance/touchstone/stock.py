"""What stock schemathesis notices of planted defects: real `schemathesis run --checks all` processes against boots of
the reference CRM, the same seconds with and without the defects. Only 127.0.0.1; every process has its last moment."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import threading
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, Protocol

from crm_acceptance.errors import Unproven, WrongUse
from crm_acceptance.systems import CanLaunch, find

WAYS = ("login", "peers")
PEOPLE = ("lina", "wangqiang")
"""Two salespeople whose records are none of each other's business."""
SHORTEST = 45.0
"""Seconds below which a boot is not worth its start: defects rather share one."""
BOOTS = 8
GRACE = 60.0
"""Seconds that a process gets beyond its own budget before it is ended."""
SIZE = "50"
RIGHTS = "ST4"
"""Codes of schemathesis' failures about authentication and authorisation."""
Failure = tuple[str, str, str]
"""Code, check, operation."""


class Touching(Protocol):
    """A planted defect as far as it matters here: patterns of "METHOD /path", without them it may show anywhere."""

    @property
    def name(self) -> str: ...

    @property
    def paths(self) -> tuple[str, ...]: ...


@dataclass(frozen=True)
class StockFigure:
    """`caught`: names of defects. `seconds`, `cpu`, `cases`: of the boots with defects. `alarms`: failures about rights
    on the clean CRM, which are none."""

    way: str
    caught: tuple[str, ...]
    seconds: float
    cases: int
    cpu: float = 0.0
    boots: int = 0
    alarms: int = 0


@dataclass(frozen=True)
class Heard:
    """One process: what it reported and what it took."""

    failures: frozenset[Failure]
    cases: int
    seconds: float
    cpu: float


def measure(defects: Sequence[Touching], seconds: float, way: str = "login", seed: int = 1) -> StockFigure:
    """The figure for these defects in that many seconds altogether, attributed generously: a defect counts as caught
    when any failure that two clean boots do not show is on an operation that the defect touches."""
    if way not in WAYS:
        raise WrongUse(f"没有这种做法 no such way: {way}. known: {', '.join(WAYS)}")
    boots = shared(defects, max(1, min(BOOTS, int(seconds // SHORTEST))))
    each = max(seconds / max(1, len(boots)), 10.0)
    clean = [heard((), each, way, seed + n) for n in range(2)]
    known = frozenset[Failure]().union(*(one.failures for one in clean))
    told = [(boot, heard([one.name for one in boot], each, way, seed)) for boot in boots]
    caught = {name for boot, one in told for name in noticed(boot, one.failures - known)}
    return StockFigure(
        way,
        tuple(sorted(caught)),
        sum(one.seconds for _, one in told),
        sum(one.cases for _, one in told),
        sum(one.cpu for _, one in told),
        len(told),
        len({one for one in known if one[0].startswith(RIGHTS)}),
    )


def noticed(defects: Sequence[Touching], failures: Collection[Failure]) -> Iterator[str]:
    """The names of the defects that these failures speak for. Those without paths are credited with failures about
    rights on operations that no other defect of the boot touches."""
    placed = [one for one in defects if one.paths]
    yield from (one.name for one in placed if any(_touches(one, failure) for failure in failures))
    rest = [failure for failure in failures if not any(_touches(one, failure) for one in placed)]
    if any(code.startswith(RIGHTS) for code, _, _ in rest):
        yield from (one.name for one in defects if not one.paths)


def _touches(defect: Touching, failure: Failure) -> bool:
    _, _, operation = failure
    return any(fnmatchcase(operation, pattern) for pattern in defect.paths)


def shared(defects: Sequence[Touching], most: int) -> list[list[Touching]]:
    """Defects spread over at most that many boots, those with the same paths apart as long as there is room."""
    boots: list[list[Touching]] = []
    for one in defects:
        free = [boot for boot in boots if not any(set(one.paths) & set(other.paths) for other in boot)]
        if one.paths and free:
            free[0].append(one)
        elif len(boots) < most:
            boots.append([one])
        else:
            min(boots, key=len).append(one)
    return boots


def heard(defects: Collection[str], seconds: float, way: str, seed: int) -> Heard:
    """One boot, one process. Unproven when schemathesis ended without a report."""
    system, password = find("refcrm"), secrets.token_urlsafe(12)
    assert isinstance(system, CanLaunch)
    options = {"size": SIZE, **({"defects": ",".join(defects)} if defects else {})}
    with tempfile.TemporaryDirectory() as name, system.launch(password=password, options=options) as site:
        folder = Path(name)
        _configure(folder, way, password)
        cpu = _run(_command(f"{site.url}/openapi.json", seconds, seed), folder, seconds + GRACE)
        return _read(folder / "report.json", cpu)


def _command(url: str, seconds: float, seed: int) -> list[str]:
    tool = Path(sys.executable).with_name("schemathesis")
    limits = ["--max-time", str(max(1, round(seconds))), "--seed", str(seed), "--workers", "1", "--continue-on-failure"]
    report = ["--report", "json", "--report-json-path", "report.json", "--warnings", "off"]
    return [str(tool), "run", url, "--checks", "all", *limits, *report]


def _configure(folder: Path, way: str, password: str) -> None:
    """The identities as the tool's own documents say: one login, or two peers who must not see each other's objects."""
    people = PEOPLE if way == "peers" else PEOPLE[:1]
    (folder / "auth.json").write_text(json.dumps({"auth": [_login(one, password) for one in people]}), encoding="utf-8")
    who = f"peers = {json.dumps(people)}" if way == "peers" else f'user = "{people[0]}"'
    (folder / "schemathesis.toml").write_text(f'[auth.wfc]\npath = "auth.json"\n{who}\n', encoding="utf-8")


def _login(person: str, password: str) -> dict[str, Any]:
    sent = json.dumps({"username": person, "password": password})
    taken = {"extractFrom": "body", "extractSelector": "/token"}
    given = {"sendIn": "header", "sendName": "Authorization", "sendTemplate": "Bearer {token}"}
    endpoint = {"endpoint": "/api/v1/login", "verb": "POST", "contentType": "application/json", "payloadRaw": sent}
    return {"name": person, "loginEndpointAuth": {**endpoint, "token": {**taken, **given}}}


def _run(command: list[str], folder: Path, longest: float) -> float:
    """CPU seconds of the process, which is ended when it outlives its budget."""
    with (folder / "words.log").open("wb") as words:
        process = subprocess.Popen(command, cwd=folder, stdin=subprocess.DEVNULL, stdout=words, stderr=words)
        last = threading.Timer(longest, process.kill)
        last.start()
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        finally:
            last.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def _read(report: Path, cpu: float) -> Heard:
    if not report.is_file():
        raise Unproven("schemathesis 没有留下报告就结束了，没有可以比较的数字。It ended without a report.")
    body = json.loads(report.read_text(encoding="utf-8"))
    failures = {(one["code"], one["type"], where) for one in body["failures"] for where in one["operations"]}
    return Heard(frozenset(failures), int(body["test_cases"]["generated"]), float(body["running_time"]), cpu)
