"""The doctor: one finding per tool, one sentence per finding, and a fix for whatever is wrong."""

from __future__ import annotations

import shutil
import socket
from collections import namedtuple
from pathlib import Path

import pytest

from crm_acceptance.tools import doctor

NAMES = ["python", "browser", "fonts", "node", "allure", "reports", "disk", "ports"]


def by_name(reports: Path) -> dict[str, doctor.Finding]:
    """A diagnosis, to be asked by name."""
    return {finding.name: finding for finding in doctor.diagnose(reports)}


@pytest.mark.browser
def test_every_look_gives_one_sentence_in_the_order_of_repair(tmp_path: Path) -> None:
    found = doctor.diagnose(tmp_path)
    assert [finding.name for finding in found] == NAMES
    assert all(finding.sentence and "\n" not in finding.sentence for finding in found)
    assert all(finding.ok for finding in found if finding.needed), [f.sentence for f in found if not f.ok]


def test_whatever_is_missing_comes_with_a_fix(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_ACCEPTANCE_BROWSER", str(tmp_path / "absent"))
    monkeypatch.setenv("CRM_ACCEPTANCE_NODE", str(tmp_path / "absent"))
    monkeypatch.setenv("CRM_ACCEPTANCE_CACHE", str(tmp_path / "empty"))
    found = by_name(tmp_path)
    for name in ("browser", "node", "allure"):
        assert not found[name].ok
        assert found[name].fix == "crm-acceptance doctor --install"


def test_a_python_nobody_tried_is_said_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.version_info", (3, 14, 0))
    assert not doctor.look_at_python().ok


def test_a_reports_folder_that_cannot_be_written_is_found_by_writing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    finding = doctor.look_at_reports(tmp_path / "file" / "reports")
    assert not finding.ok
    assert finding.fix


def test_looking_at_the_reports_folder_leaves_no_trace_in_it(tmp_path: Path) -> None:
    assert doctor.look_at_reports(tmp_path).ok
    assert doctor.look_at_reports(tmp_path / "not" / "there" / "yet").ok
    assert list(tmp_path.iterdir()) == []


def test_a_nearly_full_disk_is_said_before_the_run_and_not_after(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**9, 9 * 10**8, 10**8))
    finding = doctor.look_at_disk(tmp_path / "not" / "there" / "yet")
    assert not finding.ok
    assert "100 MB" in finding.sentence


def test_a_machine_that_may_not_listen_is_said_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(1, "not permitted")

    monkeypatch.setattr(socket, "create_server", refuse)
    monkeypatch.setenv("CRM_ACCEPTANCE_BROWSER", "/absent")
    finding = by_name(tmp_path)["ports"]
    assert not finding.ok
    assert "not permitted" in finding.sentence


def test_chinese_fonts_are_wanted_but_their_absence_stops_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.fonts, "has_chinese_font", lambda: False)
    finding = doctor.look_at_fonts()
    assert not finding.ok
    assert not finding.needed
