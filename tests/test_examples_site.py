"""The examples' systems as they run, where somebody has installed them: the mapping stands, nothing stays behind."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from crm_acceptance.systems.installing import folder_of
from examples.serve import starter
from examples.trial import COMMAND, lay_down

INSTALLED = {"directus": "directus-11", "strapi": "strapi-5"}
PASSWORD = "only-for-this-test-1"


@pytest.mark.slow
@pytest.mark.parametrize("system", INSTALLED)
def test_doctor_finds_nothing_wrong_and_leaves_nothing_behind(system: str, tmp_path: Path) -> None:
    if not (folder_of(INSTALLED[system]) / "seeded.sqlite").exists():
        pytest.skip(f"not installed here: {sys.executable} -m examples.serve {system} fetches some 650 MB")
    lay_down(system, tmp_path / "work")
    told = tmp_path / "doctor.json"
    words = ["doctor", "--as", "lina", "--as", "wangqiang", "--as", "chenjing", "--as", "sunli", "--json", str(told)]
    with starter(system)(0, PASSWORD) as url:
        environ = os.environ | {"CRM_ACCEPTANCE_PASSWORD": PASSWORD}
        command = [*COMMAND, *words, "--site", url]
        done = subprocess.run(command, cwd=tmp_path / "work", env=environ, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
    found = json.loads(told.read_text("utf-8"))
    outcomes = {(one["object"], one["verb"], one["person"]): one["outcome"] for one in found["verbs"]}
    assert outcomes["customer", "read", "lina"] == "works"
    assert outcomes["customer", "read", "wangqiang"] == "denied"
    assert outcomes["customer", "change", "wangqiang"] == "works"  # one's own
    assert found["findings"] == []
    assert found["left_over"] == []
