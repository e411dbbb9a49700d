"""The command line: every unknown name is a sentence, every ending a documented exit code, no traceback at anybody."""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path

import pytest
import tiny_workspace
from tiny_workspace import Workspace

from crm_acceptance import cli
from crm_acceptance.commands import demo, init
from crm_acceptance.errors import WrongUse

COMMANDS = ("demo", "run", "gate", "report", "doctor", "init", "launch", "refcrm", "defects", "touchstone")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    made = tiny_workspace.make(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path / "guest"))
    monkeypatch.chdir(made.path)
    monkeypatch.setenv("COLUMNS", "200")
    return made


def said(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str) -> tuple[int, str]:
    """Exit code and everything printed, in this process: cheaper than a new one, and as a user sees it."""
    monkeypatch.setattr(sys, "argv", ["crm-acceptance", *words])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    told = capsys.readouterr()
    assert "Traceback" not in told.out + told.err
    return int(ended.value.code or 0), told.out + told.err


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help_with_an_example(
    command: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, told = said(capsys, monkeypatch, command, "--help")
    assert code == 0 and f"crm-acceptance {command}" in told and "例 example" in told


def test_the_help_documents_every_exit_code(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    told = said(capsys, monkeypatch, "--help")[1]
    assert all(re.search(rf"\b{code} \S+ \w+", told) for code in range(5))


@pytest.mark.parametrize(
    ("words", "near"),
    [
        (("run", "--system", "tini"), "did you mean tiny?"),
        (("run", "--department", "sale"), "did you mean sales?"),
        (("run", "--department", "后勤"), "known:"),
        (("run", "--requirement", "SALES-003"), "did you mean SALES-00"),
        (("run", "--system", "apart"), "--site"),
        (("run", "--site", "crm.example"), "http"),
        (("run", "-n", "many"), "-n"),
        (("launch", "tini"), "did you mean tiny?"),
        (("launch", "tiny", "--option", "size"), "KEY=VALUE"),
        (("gate", "no-such-run"), "known:"),
        (("gate",), "run first"),
    ],
)
def test_what_is_unknown_is_told_with_what_is_known(
    workspace: Workspace,
    words: tuple[str, ...],
    near: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    code, told = said(capsys, monkeypatch, *words)
    assert code == 2 and near in told


def test_an_unknown_option_is_exit_code_two(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert said(capsys, monkeypatch, "run", "--sistem", "x")[0] == 2


def test_a_folder_without_profile_says_how_to_get_one(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    code, told = said(capsys, monkeypatch, "run")
    assert code == 2 and "crm-acceptance init" in told


def test_a_site_out_of_reach_is_exit_code_four(workspace: Workspace) -> None:
    done = workspace.cli("run", "--site", "http://127.0.0.1:9", CRM_ACCEPTANCE_PASSWORD="geheim-1")
    assert done.returncode == 4 and "Connection refused" in done.stdout
    assert not list((workspace.path / "reports").glob("*"))


def test_a_bug_of_ours_is_one_sentence_and_a_log_file(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("crm_acceptance.commands.options.workspace", lambda: 1 / 0)
    code, told = said(capsys, monkeypatch, "run")
    assert code == 2 and "ZeroDivisionError" in told
    [log] = re.findall(r"details: (\S+\.log)", told)
    assert "division by zero" in Path(log).read_text()
    Path(log).unlink()


def test_defects_are_what_the_reference_crm_lists(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", ["crm-acceptance", "defects", "--json"])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    listed = json.loads(capsys.readouterr().out)
    assert not ended.value.code and len(listed) >= 24
    assert all(one["name"] and one["kind"] and one["requirements"] for one in listed)


def test_an_unknown_defect_is_refused_before_anything_starts() -> None:
    with pytest.raises(WrongUse, match=r"did you mean sort_amount_as_text\?"):
        demo._checked("sort_amount_as_txt")


def test_init_lays_the_workspace_down_once(tmp_path: Path) -> None:
    count = init.lay_down(tmp_path / "mine")
    for name in ("acceptance.toml", "conftest.py", "steps/__init__.py", "pytest.ini", "docs/guides/zh/写场景.md"):
        assert (tmp_path / "mine" / name).is_file()
    assert (tmp_path / "mine" / "features/requirements.csv").read_bytes().startswith(b"\xef\xbb\xbfid,")
    assert count == sum(1 for path in (tmp_path / "mine").rglob("*") if path.is_file())


def test_no_page_that_init_lays_down_leads_to_nowhere(tmp_path: Path) -> None:
    init.lay_down(tmp_path / "mine")
    for page in (tmp_path / "mine").rglob("*.md"):
        for target in re.findall(r"\]\(([^)#:\s]+)[^)]*\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name} -> {target}"


def test_the_wheel_carries_what_init_lays_down() -> None:
    hook = ast.parse((Path(init.__file__).parents[3] / "hatch_build.py").read_text("utf-8"))
    lists = [ast.literal_eval(one.value) for one in hook.body if isinstance(one, ast.Assign)]
    assert lists == [init.CARRIED]


def test_init_never_overwrites(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    with pytest.raises(WrongUse, match="不是空目录"):
        init.lay_down(tmp_path / "mine")
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["notes.txt"]


def test_init_accepts_a_fresh_repository(tmp_path: Path) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "README.md").write_text("ours")
    init.lay_down(tmp_path)
    assert (tmp_path / "README.md").read_text() == "ours"


def test_launch_tells_address_people_and_password_until_it_is_stopped(workspace: Workspace) -> None:
    running = workspace.start("launch", "tiny")
    assert running.stdout is not None
    lines = [running.stdout.readline() for _ in range(4)]
    running.terminate()
    rest, _ = running.communicate(timeout=60)
    assert running.returncode == 0 and "stopped" in rest
    assert "http://127.0.0.1:" in lines[0] and "李娜 lina (sales_rep)" in lines[1] and "随机 random" in lines[2]


def test_ctrl_c_before_anything_began_is_one_sentence_and_unproven(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from crm_acceptance import cli

    def interrupted(**_: object) -> None:
        raise SystemExit(cli.CTRL_C)  # as typer ends after a KeyboardInterrupt

    monkeypatch.setattr(cli, "app", interrupted)
    with pytest.raises(SystemExit) as ending:
        cli.main()
    assert ending.value.code == 3 and "已中断" in capsys.readouterr().err
