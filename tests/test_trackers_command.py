"""`crm-acceptance defects`: what would be done, what was done, how it stands; exit codes; no traceback, no secret."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from standins.serving import Says, Trouble
from trackers_stage import REASON, Stage, stage
from typer.testing import CliRunner

from crm_acceptance import cli, profile
from crm_acceptance.messages.channels import SHAPES, channels
from crm_acceptance.trackers import journal
from crm_acceptance.trackers.trackers import trackers

FAILS = {"test_lead": REASON}


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    with stage("jira", tmp_path, monkeypatch) as made:
        lines = ["[trackers.bugs]", *(f'{name} = "{value}"' for name, value in made.profile.trackers["bugs"].items())]
        (tmp_path / "acceptance.toml").write_text("\n".join(lines), "utf-8")
        monkeypatch.chdir(tmp_path)
        yield made


def asked(*words: str) -> tuple[int, str]:
    """Exit code and words."""
    found = CliRunner().invoke(cli.app, [*words])
    told = getattr(found.exception, "exit_code", None)
    return (told if isinstance(told, int) else found.exit_code), found.output + str(found.exception or "")


def test_a_dry_run_shows_and_touches_nothing(room: Stage) -> None:
    room.run(**FAILS)
    code, said = asked("defects", "file", "--dry-run")
    assert code == 0 and "[SALES-001] 销售" in said and room.there.asked == [] and room.moves() == []


def test_filing_says_what_was_done_and_status_how_it_stands(room: Stage) -> None:
    room.run(**FAILS)
    code, said = asked("defects", "file")
    assert code == 0 and "CRM-1" in said and room.there.url in said
    assert "CRM-1  打开 open  critical" in asked("defects", "status")[1]
    assert asked("defects", "file") == (0, "没有要登记的 nothing to file\n")


def test_a_green_run_has_nothing_to_file(room: Stage) -> None:
    room.run()
    assert asked("defects", "file") == (0, "没有要登记的 nothing to file\n")
    assert "nothing was filed" in asked("defects", "status")[1]


def test_a_busy_tracker_is_exit_3_and_the_outbox_brings_it_later(room: Stage) -> None:
    room.run(**FAILS)
    room.trouble.append(Trouble(says=Says(503, "maintenance")))
    assert asked("defects", "file")[0] == 3 and room.states() == []
    key = asked("notify", "outbox")[1].split()[0]
    assert asked("notify", "outbox", "--again", key)[0] == 0 and room.states() == [True] and room.moves() == ["opened"]


def test_a_wrong_token_is_exit_2_and_never_shown(room: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    room.run(**FAILS)
    monkeypatch.setenv("J_TOKEN", "falsches-token-77")
    code, said = asked("defects", "file")
    assert code == 2 and "401" in said and "falsches" not in said and "Traceback" not in said


def test_a_missing_token_names_its_variable(room: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    room.run(**FAILS)
    monkeypatch.delenv("J_TOKEN")
    code, said = asked("defects", "file")
    assert code == 3 and "J_TOKEN" in said


def test_an_edited_journal_is_said_and_nothing_is_filed(room: Stage) -> None:
    room.run(**FAILS)
    asked("defects", "file")
    file = journal.file(room.profile.workspace)
    file.write_bytes(file.read_bytes()[:-20])
    code, said = asked("defects", "file")
    assert code == 3 and "缺陷簿" in said and asked("defects", "status")[0] == 3


def test_a_profile_without_trackers_says_how_to_add_one(room: Stage) -> None:
    room.run(**FAILS)
    (room.profile.workspace / "acceptance.toml").write_text("", "utf-8")
    code, said = asked("defects", "file")
    assert code == 2 and "[trackers." in said and "jira | tapd | trello" in said


def test_the_example_of_the_guide_is_a_right_profile(tmp_path: Path) -> None:
    guide = Path(__file__).resolve().parent.parent / "docs" / "guides" / "messages.md"
    (tmp_path / "acceptance.toml").write_text(guide.read_text("utf-8").split("```toml")[1].split("```")[0], "utf-8")
    told = profile.load(tmp_path)
    assert {one.kind for one in channels(told)} == set(SHAPES)
    assert [one.kind for one in trackers(told)] == ["jira", "tapd", "trello"]
