"""Every planted defect shows while it is on and is gone when it is off; the list of them is whole and well-formed."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import refcrm_probes
import refcrm_probes_done
import refcrm_probes_everyday
import refcrm_probes_losses
import refcrm_probes_rights
import refcrm_probes_safety
import refcrm_probes_seen
from refcrm_process import Crm, running

from crm_acceptance.refcrm.defects import DEFECTS

PROBED = [defect.name for defect in DEFECTS if defect.kind != "performance"]  # those are tried by load alone


def probe_of(name: str) -> Callable[[Crm], bool]:
    rooms = (
        refcrm_probes,
        refcrm_probes_seen,
        refcrm_probes_done,
        refcrm_probes_everyday,
        refcrm_probes_losses,
        refcrm_probes_rights,
        refcrm_probes_safety,
    )
    found = next((getattr(room, name) for room in rooms if hasattr(room, name)), None)
    assert found, f"no probe for {name}"
    probe: Callable[[Crm], bool] = found
    return probe


@pytest.fixture(scope="module")
def crm() -> Iterator[Crm]:
    with running() as crm:
        yield crm


@pytest.mark.parametrize("name", PROBED)
def test_a_defect_shows_exactly_while_it_is_on(crm: Crm, name: str) -> None:
    probe = probe_of(name)
    with crm.defect(name):
        assert not probe(crm), "the defect is on and nobody can see it"
    assert probe(crm), "unhealthy although the defect is off"


def test_a_defect_can_be_on_from_the_start_until_a_reset_brings_back_the_seed_and_health() -> None:
    with running("--defects", "quote_ignores_discount, approval_skipped", "--size", "5") as crm:
        before = crm["chenjing"].get("/customers/count").json()["count"]
        assert not refcrm_probes.quote_ignores_discount(crm)
        assert not refcrm_probes.approval_skipped(crm)
        assert refcrm_probes.stage_reopens(crm)
        assert crm.control("POST", "/reset").json() == {"reset": True}
        crm.people.clear()
        assert crm["chenjing"].get("/customers/count").json()["count"] == before
        assert refcrm_probes.quote_ignores_discount(crm) and refcrm_probes.approval_skipped(crm)


def test_the_list_names_kind_and_requirements_of_each() -> None:
    command = [sys.executable, "-m", "crm_acceptance.refcrm", "--list-defects"]
    listed = json.loads(subprocess.run(command, capture_output=True, check=True, timeout=60).stdout)
    kinds = Counter(defect["kind"] for defect in listed)
    assert set(kinds) == {"functional", "permission", "performance", "data-loss"}
    assert len({defect["name"] for defect in listed}) == len(listed) >= 24
    assert all(defect["requirements"] and defect["title_zh"] and defect["title_en"] for defect in listed)


def test_an_unknown_defect_is_refused_with_the_known_ones() -> None:
    command = [sys.executable, "-m", "crm_acceptance.refcrm", "--defects", "no_such"]
    said = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60)
    assert said.returncode == 2
    assert "no_such" in said.stderr and "stage_reopens" in said.stderr and "Traceback" not in said.stderr


def test_the_control_door_wants_its_key(crm: Crm) -> None:
    assert crm.control("GET", "/defects", key="wrong").status_code == 403
    assert crm.control("PUT", "/defects/no_such", {"on": True}).status_code == 404
    assert not any(defect["on"] for defect in crm.control("GET", "/defects").json())


def test_the_reference_page_lists_every_defect_with_its_requirements() -> None:
    page = (Path(__file__).parent.parent / "docs" / "reference" / "reference-crm.md").read_text("utf-8")
    for defect in DEFECTS:
        assert f"| `{defect.name}` | {defect.kind} | {' '.join(defect.requirements)} |" in page
