"""What is delivered: the wheel with its workspace, locked versions, and files that name no machine and no registry."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import entry_points
from pathlib import Path
from urllib.parse import urlsplit

import pytest

REPO = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((REPO / "pyproject.toml").read_text(encoding="utf-8"))
LOCKS = sorted(REPO.glob("src/crm_acceptance/tools/pinned/*/package-lock.json"))
REGISTRIES = (
    "registry" + ".npmjs.org",
    "registry" + ".npmmirror.com",
    "files.python" + "hosted.org",
    "pypi" + ".org/simple",
)


def tracked() -> Iterator[tuple[str, str]]:
    """Every tracked text file of the repository: its path and its text."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=REPO, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        body = (REPO / name).read_bytes() if (REPO / name).is_file() else b""
        if b"\0" not in body[:8000]:
            yield name, body.decode("utf-8", errors="replace")


def hosts_of_this_machine() -> set[str]:
    """The package servers that this machine is set up with; a lock made here must not carry them away."""
    asked = [value for key, value in os.environ.items() if re.search(r"(INDEX|REGISTRY|FIND_LINKS)", key.upper())]
    command = [sys.executable, "-m", "pip", "config", "list"]
    asked += subprocess.run(command, capture_output=True, text=True, check=False).stdout.split("'")
    places = {word for value in asked for word in value.split() if "://" in word}
    return {host for place in places if (host := urlsplit(place).hostname)} - {"localhost", "127.0.0.1"}


def names_in(patterns: list[str]) -> list[str]:
    """Which tracked files hold one of these, with the line."""
    wanted = re.compile("|".join(patterns))
    return [
        f"{name}: {line.strip()[:120]}" for name, text in tracked() for line in text.splitlines() if wanted.search(line)
    ]


def test_no_tracked_file_names_a_package_registry() -> None:
    hosts = [re.escape(host) for host in (*REGISTRIES, *hosts_of_this_machine())]
    assert names_in([*hosts, r'"resolved"\s*:\s*"[a-z+]*://', r"--(extra-)?index-url\s+\S*://"]) == []


def test_no_tracked_file_names_a_folder_of_somebodys_machine() -> None:
    folders = ["/" + "root/", "/" + "work/", "C:\\\\" + "Users\\\\"]
    assert names_in([re.escape(str(REPO)), *(re.escape(folder) for folder in folders)]) == []


def canonical(requirement: str) -> str:
    """The name of a requirement as locks spell it."""
    return re.split(r"[\s<>=!~;\[]", requirement)[0].lower().replace("_", "-")


def test_every_dependency_is_locked_with_its_hashes() -> None:
    lock = (REPO / "constraints.txt").read_text(encoding="utf-8")
    pinned = dict(re.findall(r"^([A-Za-z0-9_.-]+)==(\S+) .*\\\n    --hash=sha256:", lock, re.M))
    project = PROJECT["project"]
    asked = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    assert {canonical(one) for one in asked} - {canonical(name) for name in pinned} == set()


def test_the_lock_holds_versions_and_hashes_and_nothing_else() -> None:
    allowed = re.compile(r"#.*|[A-Za-z0-9_.-]+==\S+( ; .*)? \\|    --hash=sha256:[0-9a-f]{64}( \\)?")
    lines = (REPO / "constraints.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not allowed.fullmatch(line)] == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.parent.name)
def test_npm_locks_keep_integrity_and_no_address(lock: Path) -> None:
    text = lock.read_text(encoding="utf-8")
    packages = len(re.findall(r'^    "node_modules/', text, re.M))
    assert packages > 10
    assert text.count('"integrity": "sha512-') == packages
    assert '"resolved"' not in text


def test_there_is_a_lock_for_each_pinned_npm_package() -> None:
    assert [lock.parent.name for lock in LOCKS] == ["allure", "chromium"]


@pytest.mark.parametrize("group", ["console_scripts", "pytest11", "crm_acceptance.systems"])
def test_every_door_of_the_package_opens(group: str) -> None:
    doors = [door for door in entry_points(group=group) if door.value.startswith("crm_acceptance")]
    declared = (
        PROJECT["project"]["scripts"] if group == "console_scripts" else PROJECT["project"]["entry-points"][group]
    )
    assert {door.name: door.value for door in doors} == declared
    for door in doors:
        assert door.load() is not None


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the checkout with the installed build backend."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=REPO, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stdout + built.stderr
    return next(folder.glob("*.whl"))


def test_the_wheel_carries_the_whole_workspace_and_no_leftovers(wheel: Path) -> None:
    inside = set(zipfile.ZipFile(wheel).namelist())
    folders = (
        "features",
        "steps",
        "load",
        "security",
        "fixtures",
        "conftest.py",
        "acceptance.toml",
        "reports/README.md",
        "docs/guides",
        "deploy",
    )
    workspace = [name for name, _ in tracked() if name.startswith(tuple(f"{folder}/" for folder in folders) + folders)]
    assert len(workspace) > 20
    assert {f"crm_acceptance/workspace/{name}" for name in workspace} - inside == set()
    assert [name for name in inside if re.search(r"__pycache__|\.pyc$|\.db$|allure-results", name)] == []


def test_the_wheel_carries_the_pins_and_the_licence(wheel: Path) -> None:
    inside = zipfile.ZipFile(wheel).namelist()
    for name in ("allure/package-lock.json", "chromium/package-lock.json", "chromium/unpack.mjs"):
        assert f"crm_acceptance/tools/pinned/{name}" in inside
    assert any(name.endswith("licenses/LICENSE") for name in inside)


def test_the_wheel_says_the_version_the_package_says(wheel: Path) -> None:
    from crm_acceptance import __version__

    assert wheel.name.startswith(f"crm_acceptance-{__version__}-")
    assert PROJECT["project"]["version"] == __version__


def test_the_wheel_declares_what_the_project_declares(wheel: Path) -> None:
    archive = zipfile.ZipFile(wheel)
    text = archive.read(next(name for name in archive.namelist() if name.endswith("entry_points.txt"))).decode()
    doors = configparser.ConfigParser()
    doors.read_string(text)
    assert {"console_scripts", "pytest11", "crm_acceptance.systems"} <= set(doors.sections())


def test_every_make_target_says_what_it_does() -> None:
    text = (REPO / "Makefile").read_text(encoding="utf-8")
    phony = re.search(r"^\.PHONY: (.*)$", text, re.M)
    assert phony
    said = subprocess.run(["make", "help"], cwd=REPO, capture_output=True, text=True, check=True).stdout
    assert [target for target in phony[1].split() if f"make {target} " not in said] == []
