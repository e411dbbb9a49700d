"""The acceptance of Tryton, the short way: a few requirements through the whole run, with the decision they must have.

The whole of it (`make accept-tryton`, seven minutes) and its baseline belong to `.ci/nightly`.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from crm_acceptance.systems.tryton.launch import prepare

pytestmark = [pytest.mark.tryton, pytest.mark.slow, pytest.mark.xdist_group("tryton")]

ROOT = Path(__file__).parent.parent
PROVEN = ("E2E-002", "SALES-008", "SVC-003")
DISPROVEN = ("FIN-006",)
"""Tryton books a payment that is sent twice: docs/systems/tryton.md."""
UNPROVEN = ("SEC-006",)
"""Tryton masks no phone numbers, so there is no row for it."""


def test_a_few_requirements_of_tryton_end_as_they_must(tmp_path: Path) -> None:
    prepare()
    asked = [part for one in (*PROVEN, *DISPROVEN, *UNPROVEN) for part in ("--requirement", one)]
    command = [sys.executable, "-m", "crm_acceptance", "run", "--system", "tryton", "--no-allure", "-n", "0", *asked]
    environ = {name: value for name, value in os.environ.items() if not name.startswith(("CRM_ACCEPTANCE_", "PYTEST_"))}
    if "CRM_ACCEPTANCE_CACHE" in os.environ:
        environ["CRM_ACCEPTANCE_CACHE"] = os.environ["CRM_ACCEPTANCE_CACHE"]
    done = subprocess.run(
        [*command, "--out", str(tmp_path)], cwd=ROOT, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1, done.stdout[-3000:] + done.stderr[-1000:]
    decided = json.loads(next(tmp_path.glob("*/gate.json")).read_text("utf-8"))
    proofs = {one["id"]: one["proof"] for one in decided["requirements"]}
    assert {one: proofs[one] for one in (*PROVEN, *DISPROVEN, *UNPROVEN)} == {
        **dict.fromkeys(PROVEN, "proven"),
        **dict.fromkeys(DISPROVEN, "disproven"),
        **dict.fromkeys(UNPROVEN, "unproven"),
    }
    shutil.rmtree(tmp_path)
