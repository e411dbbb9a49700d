"""Collects the live workspace as pytest sees it, in a process of its own; nothing is run and no site is asked."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from crm_acceptance import catalogue, contents
from crm_acceptance.checks.session import RUN_DIR_ENV, SYSTEM_ENV, WORKSPACE_ENV
from crm_acceptance.contents import Contents
from crm_acceptance.errors import WrongUse
from crm_acceptance.model import Expected, Requirement
from crm_acceptance.profile import Profile

ROOMS = ("features", "security", "load")
PATIENCE = 600.0
"""Seconds for collecting everything; a whole workspace takes a few."""
NOTHING = 5
_UNWANTED = (
    "PYTEST_",
    "CRM_ACCEPTANCE_SELECTION",
    "CRM_ACCEPTANCE_PHASE",
    "CRM_ACCEPTANCE_SEED",
    "CRM_ACCEPTANCE_PASSPHRASE",
)


@dataclass(frozen=True)
class Collected:
    """The requirements and every check as they stand, and what is wrong with them, a sentence each."""

    requirements: tuple[Requirement, ...]
    items: tuple[Expected, ...]
    problems: tuple[str, ...] = ()


def workspace(profile: Profile) -> Contents:
    """What the workspace says now, for the profile's system. WrongUse lists every mistake in it; takes seconds."""
    found = collected(profile)
    if found.problems:
        listed = "\n".join(found.problems)
        raise WrongUse(f"检查收集不起来，先改好这些（mend these first）：\n{listed}")
    return contents.of(found.requirements, found.items)


def collected(profile: Profile) -> Collected:
    """The same, mistakes and all. WrongUse when the tables cannot be read or pytest tells nothing at all."""
    known = catalogue.load(profile)
    rooms = [room for room in ROOMS if (profile.workspace / room).is_dir()]
    if not rooms:
        return Collected(tuple(known.requirements.values()), ())
    with tempfile.TemporaryDirectory(prefix="crm-acceptance-") as folder:
        done = _pytest(profile, rooms, Path(folder))
        bodies = [json.loads(file.read_text("utf-8")) for file in sorted((Path(folder) / "expected").glob("*.json"))]
    problems = dict.fromkeys(str(error) for body in bodies for error in body["errors"])
    if done.returncode not in (0, NOTHING) and not problems:
        raise WrongUse(f"检查收集不起来（pytest exit {done.returncode}）：{_last(done.stdout)}。Nothing was collected.")
    items = tuple(_item(item) for body in bodies for item in body["items"])
    return Collected(tuple(known.requirements.values()), items, tuple(problems))


def _pytest(profile: Profile, rooms: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    home = profile.workspace.resolve()
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_UNWANTED)}
    told = {
        RUN_DIR_ENV: str(folder), SYSTEM_ENV: profile.system, WORKSPACE_ENV: str(home), "PYTHONUTF8": "1",
    }  # fmt: skip
    quiet = ["-p", "no:locust", "-p", "no:cacheprovider", f"--rootdir={home}", "--collect-only", "-q"]
    command = [sys.executable, "-m", "pytest", *quiet, "--no-header", *rooms]
    try:
        return subprocess.run(
            command, cwd=home, env={**inherited, **told}, text=True, encoding="utf-8", errors="replace",
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=PATIENCE, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        raise WrongUse(f"收集检查超过 {PATIENCE:.0f} 秒还没有结束。Collecting takes too long.") from None


def _item(body: Mapping[str, Any]) -> Expected:
    told = str(body["nodeid"]), str(body["title"]), tuple(map(str, body["requirements"])), str(body["engine"])
    return Expected(*told, selected=True, content=str(body["content"]))


def _last(said: str) -> str:
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    told = [line.removeprefix("ERROR: ") for line in lines if line.startswith("ERROR: ")]
    return "；".join(told)[:1000] or (lines[-1][:300] if lines else "(no output)")
