"""The run folder: its name, run.json and the snapshot of the requirements. Results are written by the checks."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from crm_acceptance import manifest, strength
from crm_acceptance.catalogue import Catalogue
from crm_acceptance.checks.promise import write_json
from crm_acceptance.errors import WrongUse
from crm_acceptance.evidence import hide_secrets
from crm_acceptance.model import Site
from crm_acceptance.profile import Profile
from crm_acceptance.running.facts import gathered

UNWANTED = ("PYTEST_", "PYTHONDONTWRITEBYTECODE", "CRM_ACCEPTANCE_PASSPHRASE")
"""Variables of a pytest around us, one that triples pytest's start-up, and what opens a person's key."""
ROOM_MB = 200
"""Free space without which a run is not begun: results, screenshots and the report of a full run."""


class Folder:
    """One run's folder from its beginning to its end; run.json is rewritten at every step."""

    def __init__(self, path: Path, profile: Profile, seed: str, faults: Sequence[str] = ()) -> None:
        self.path = path
        self._workspace = profile.workspace
        self._proved = (path.parent / strength.FILE, profile.workspace / "reports" / strength.FILE)
        self._exits: dict[str, int | None] = {}
        self._body: dict[str, Any] = {
            "id": path.name,
            "system": profile.system,
            "site": None,
            "started": _now(),
            "finished": None,
            "departments": list(profile.departments),
            "gate": {"rule": list(profile.rule), "tolerate": list(profile.tolerate)},
            "profile_digest": profile.digest,
            "suite": strength.digest(profile.workspace),
            "seed": seed,
            "faults": dict.fromkeys(faults),
        }

    @property
    def results(self) -> Path:
        """The ledger."""
        return self.path / "allure-results"

    def log(self, name: str) -> Path:
        """Where a process's own words go."""
        return self.path / "logs" / f"{name}.log"

    def begin(self, catalogue: Catalogue) -> None:
        """Everything the gate needs to say "unproven" even if nothing else is ever written."""
        for name in ("logs", "allure-results", "expected"):
            (self.path / name).mkdir()
        write_json(self.path / "requirements.json", [asdict(one) for one in catalogue.requirements.values()])
        self._bring_strength()
        self._write()

    def at(self, site: Site) -> None:
        """Where the CRM turned out to be."""
        self._write(site={"url": site.url, "kind": site.kind})

    def note(self, **news: Any) -> None:
        """Something else that the run has to say of itself."""
        self._write(**news)

    def phases(self, names: list[str]) -> None:
        """The phases that must come; each without an exit code until it ended."""
        self._exits = dict.fromkeys(names)
        self._write()

    def ended(self, phase: str, exit_code: int | None) -> None:
        """One phase is over; None: it did not end by itself."""
        self._exits[phase] = exit_code
        self._write()

    def finish(self, interrupted: str = "") -> None:
        """The last word. An interrupted run never gets a time of finishing, so the gate cannot say yes."""
        told = gathered(self.path, self._workspace, str(self._body["system"]))
        self._write(interrupted=interrupted, facts=told) if interrupted else self._write(finished=_now(), facts=told)

    def _bring_strength(self) -> None:
        """How strong the suite has proved so far, as the page shows it; the folder stays whole when it is copied."""
        kept = next((file for file in self._proved if file.is_file()), None)
        if kept is not None:
            shutil.copyfile(kept, self.path / strength.FILE)

    def _write(self, **news: Any) -> None:
        self._body |= news
        phases = [{"name": name, "exit": code} for name, code in self._exits.items()]
        body = json.dumps({**self._body, "phases": phases}, ensure_ascii=False)
        write_json(self.path / "run.json", json.loads(hide_secrets(body)))


def fresh(base: Path, system: str) -> Path:
    """A new, empty run folder under `base`. WrongUse when it cannot be made or there is no room."""
    try:
        base.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(base).free // 1_000_000
        if free < ROOM_MB:
            raise WrongUse(
                f"磁盘只剩 {free} MB，报告目录 {base} 至少要 {ROOM_MB} MB。Only {free} MB left for the reports."
            )
        return _made(base, f"{datetime.now():%Y%m%d-%H%M%S}-{system}")
    except OSError as refused:
        raise WrongUse(
            f"报告目录写不进去：{base}（{refused.strerror}）。请换一个目录 --out，或修改权限。"
            "The reports folder cannot be written: choose another with --out, or change its rights."
        ) from None


def newest(base: Path) -> Path:
    """The run under `base` that was begun last. WrongUse when there is none."""
    runs = sorted((path.parent for path in base.glob("*/run.json")), key=_begun)
    if not runs:
        raise WrongUse(f"{base} 下还没有任何运行。先执行 run first: crm-acceptance run。No run yet.")
    return runs[-1]


def _begun(run: Path) -> tuple[float, float]:
    """Milliseconds. Whoever looks at an old run again touches its folder, and that makes it no newer; a run that does
    not say when it began is as new as its folder, so that nobody overlooks it."""
    touched = run.stat().st_mtime
    return manifest.read(run).run.started or touched * 1000, touched


def remove(folder: Path) -> None:
    """Takes back a folder of a run that never began. Only ever called on one made by fresh()."""
    shutil.rmtree(folder, ignore_errors=True)


def environment(folder: Folder, profile: Profile, more: Mapping[str, str]) -> dict[str, str]:
    """What a pytest process of this run finds in its environment."""
    told = {
        "CRM_ACCEPTANCE_RUN_DIR": str(folder.path),
        "CRM_ACCEPTANCE_SYSTEM": profile.system,
        "CRM_ACCEPTANCE_WORKSPACE": str(profile.workspace),
        "CRM_ACCEPTANCE_LIFELINE": str(os.getpid()),
        "PYTHONUTF8": "1",
    }
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(UNWANTED)}
    return {**inherited, **told, **more}


def _made(base: Path, name: str) -> Path:
    for number in range(1, 1000):
        folder = base / (name if number == 1 else f"{name}-{number}")
        try:
            folder.mkdir()
            return folder
        except FileExistsError:
            continue
    raise WrongUse(f"{base} 里同名的运行太多了（too many runs of that name）：{name}。")


def _now() -> str:
    """With the offset of the clock on the wall: people read it on paper."""
    return datetime.now().astimezone().isoformat(timespec="milliseconds")
