"""What is known at this moment: silence is no zero, no batch hides another, and nothing of a broken journal counts."""

from __future__ import annotations

from pathlib import Path

import pytest
from greenrun import GreenRun

from crm_acceptance import changes, circumstances, logbook
from crm_acceptance.circumstances import LOOKED, known
from crm_acceptance.running.facts import gathered


def note(workspace: Path, journal: str, kind: str, **body: object) -> Path:
    file = workspace / logbook.FOLDER / journal
    logbook.append(file, kind, body)
    return file


def defect(workspace: Path, kind: str, name: str, **more: object) -> Path:
    told = {"system": "refcrm", "tracker": "jira", "fingerprint": name, "key": name, "criticality": "critical", **more}
    return note(workspace, circumstances.DEFECTS, kind, **told)


def test_nothing_is_known_of_a_workspace_that_is_silent(tmp_path: Path) -> None:
    assert known(tmp_path, "refcrm") == {}


def test_no_defect_is_known_only_after_somebody_looked_at_this_very_system(tmp_path: Path) -> None:
    defect(tmp_path, "opened", "CRM-1", system="tryton")
    assert "open_critical_defects" not in known(tmp_path, "refcrm")
    note(tmp_path, circumstances.DEFECTS, LOOKED, system="refcrm", run="r")
    assert known(tmp_path, "refcrm")["open_critical_defects"] == []
    assert known(tmp_path, "tryton")["open_critical_defects"] == ["CRM-1"]


def test_what_was_closed_and_came_back_is_open(tmp_path: Path) -> None:
    for kind in ("opened", "closed", "reopened"):
        defect(tmp_path, kind, "CRM-1")
    defect(tmp_path, "opened", "CRM-2", criticality="minor")
    defect(tmp_path, "opened", "CRM-3")
    defect(tmp_path, "closed", "CRM-3")
    assert known(tmp_path, "refcrm")["open_critical_defects"] == ["CRM-1"]


def test_a_whole_batch_hides_no_other_and_a_count_anew_replaces_its_own(tmp_path: Path) -> None:
    for batch, lost in (("客户", 0), ("订单", 3), ("回款", 0.5)):
        note(tmp_path, circumstances.GOLIVE, "migration", batch=batch, difference=lost)
    assert known(tmp_path, "refcrm")["migration"]["difference"] == 3.5
    note(tmp_path, circumstances.GOLIVE, "migration", batch="订单", difference=0)
    assert known(tmp_path, "refcrm")["migration"]["difference"] == 0.5
    note(tmp_path, circumstances.GOLIVE, "migration", batch="产品")
    assert known(tmp_path, "refcrm")["migration"]["difference"] is None


@pytest.mark.parametrize("how", ["edited", "cut", "head gone"])
def test_nothing_of_a_broken_journal_is_known(how: str, tmp_path: Path) -> None:
    note(tmp_path, circumstances.GOLIVE, "drill", ended="2026-11-01T00:00:00Z", ok=False)
    file = note(tmp_path, circumstances.GOLIVE, "drill", ended="2026-11-02T00:00:00Z", ok=True)
    assert known(tmp_path, "refcrm")["drill"]["ok"] is True
    if how == "head gone":
        logbook.head_of(file).unlink()
    else:
        raw = file.read_bytes()
        file.write_bytes(raw.replace(b"false", b"true", 1) if how == "edited" else raw.splitlines(keepends=True)[0])
    assert known(tmp_path, "refcrm") == {}


def test_a_journal_of_changes_that_was_lost_makes_no_fewer_checks_enough(tmp_path: Path) -> None:
    reports = tmp_path / "reports"
    for number, before in enumerate(({"SALES-001": 9}, {"SALES-001": 3}, {})):
        green = GreenRun()
        green.run |= {"id": f"r{number}", "started": green.run["started"] + number, "facts": {"before": before}}
        green.lay(reports / f"r{number}")
    assert changes.counted_before(reports, "refcrm") == {"SALES-001": 3}
    assert gathered(reports / "r2", tmp_path, "refcrm")["before"] == {"SALES-001": 3}
    assert "before" not in gathered(reports / "r2", tmp_path, "tryton")
