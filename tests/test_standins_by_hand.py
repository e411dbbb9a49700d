"""What a stand-in started by hand prints is a profile that is taken as it is."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from standins.__main__ import KINDS, main, told

from crm_acceptance.messages.channels import channels
from crm_acceptance.profile import Profile
from crm_acceptance.sources.settings import source
from crm_acceptance.trackers.trackers import trackers


@pytest.mark.parametrize("kind", KINDS)
def test_what_it_prints_is_a_profile(kind: str, tmp_path: Path) -> None:
    start, variables, table = KINDS[kind]
    with start() as there:
        exports, _, toml = told(there, variables, table).partition("\n\n")
    said = tomllib.loads(toml)
    profile = Profile(tmp_path, **said)
    assert [line.split("=")[0] for line in exports.splitlines()] == [f"export {name}" for name in variables]
    assert "127.0.0.1" in exports + toml
    if "sources" in said:
        assert source(profile, "jira").at_home
    else:
        assert trackers(profile) if "trackers" in said else channels(profile)


def test_an_unknown_kind_lists_those_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["notion"]) == 2 and "jira | tapd | trello" in capsys.readouterr().err
