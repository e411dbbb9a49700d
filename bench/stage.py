"""Where both sides play: a reference CRM of its own, and a small workspace with the repository's own steps."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from bench.meter import Cost, metered
from crm_acceptance.model import Site
from crm_acceptance.systems import CanLaunch, find

REPOSITORY = Path(__file__).parent.parent
ROOMS = ("acceptance.toml", "conftest.py", "fixtures", "steps")
PASSWORD = "CRM_ACCEPTANCE_PASSWORD"


@dataclass(frozen=True)
class Stage:
    """One CRM and one folder, for both sides; `env` holds site and password."""

    site: Site
    folder: Path
    env: dict[str, str]

    def run(self, command: list[str], cwd: Path, name: str) -> Cost:
        """Run `command` under the meter. Its words are kept in <name>.log of the folder."""
        return metered(command, cwd, self.env, self.folder / f"{name}.log")

    def harness(self, feature: str, name: str) -> Cost:
        """pytest over one feature file, as `crm-acceptance run` starts it, in one process, with its ledger."""
        cost = self._pytest(feature, name)
        passed = f"{feature.count('场景:')} passed"
        words = (self.folder / f"{name}.log").read_text(encoding="utf-8")
        if passed not in words:  # a skip costs nothing and proves nothing, here as anywhere
            raise SystemExit(f"expected {passed}:\n{words[-2000:]}")
        return cost

    def _pytest(self, feature: str, name: str) -> Cost:
        workspace = self.folder / "workspace"
        (workspace / "features" / "bench.feature").write_text(feature, encoding="utf-8")
        options = ["-q", "-n", "0", "-p", "no:locust", "-p", "no:cacheprovider", f"--alluredir={self.folder / name}"]
        return self.run([sys.executable, "-m", "pytest", *options, "features/bench.feature"], workspace, name)


@contextlib.contextmanager
def stage() -> Iterator[Stage]:
    """A CRM that runs, and a workspace below a temporary folder; both are gone afterwards."""
    system = find("refcrm")
    assert isinstance(system, CanLaunch)
    password = os.environ.setdefault(PASSWORD, secrets.token_urlsafe(12))
    with (
        tempfile.TemporaryDirectory() as name,
        system.launch(port=0, password=password, options={"size": "50"}) as site,
    ):
        folder = Path(name)
        workspace = _workspace(folder / "workspace")
        told = {"CRM_ACCEPTANCE_SITE": json.dumps(asdict(site)), "CRM_ACCEPTANCE_WORKSPACE": str(workspace)}
        paths = os.pathsep.join([str(REPOSITORY), str(workspace)])
        quiet = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
        yield Stage(site, folder, {**quiet, **told, "PYTHONPATH": paths, "PYTHONUTF8": "1"})


def _workspace(folder: Path) -> Path:
    (folder / "features").mkdir(parents=True)
    for room in ROOMS:
        copy = shutil.copytree if (REPOSITORY / room).is_dir() else shutil.copy
        copy(REPOSITORY / room, folder / room)
    shutil.copy(REPOSITORY / "features" / "requirements.csv", folder / "features")
    return folder
