"""Starting any launched system: ports, boot limits, and that nothing outlives the harness, not even what detached."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import psutil
import pytest

from crm_acceptance.errors import SiteOutOfReach, WrongUse
from crm_acceptance.systems.serving import Server, asks, free_port, serving, workplace

WAITING = "import threading; threading.Event().wait()"
DETACHING = f"""
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", {WAITING!r}], start_new_session=True,
                         stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
open(sys.argv[1], "w").write(str(child.pid))
"""


def server(tmp_path: Path, code: str, *args: str, limit: float = 30) -> Server:
    """A server that is this Python program."""
    command = [sys.executable, "-c", code, *args]
    return Server("示例", command, tmp_path / "server.log", "http://127.0.0.1:1", boot_limit=limit)


def test_a_taken_port_is_wrong_use_and_named() -> None:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(WrongUse, match=str(port)):
            free_port(port)


def test_a_server_that_ends_by_itself_is_a_sentence_with_its_last_word(tmp_path: Path) -> None:
    with (
        pytest.raises(SiteOutOfReach, match=r"示例 没有启动成功.*no database"),
        serving(server(tmp_path, "import sys; sys.exit('no database')"), lambda: False),
    ):
        pass


def test_a_server_that_never_answers_is_given_up_and_ended(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    code = f"import os, sys; open(sys.argv[1], 'w').write(str(os.getpid())); {WAITING}"
    with (
        pytest.raises(SiteOutOfReach, match="did not come up"),
        serving(server(tmp_path, code, str(told), limit=3), lambda: False),
    ):
        pass
    assert not psutil.pid_exists(int(told.read_text("utf-8")))


def test_what_a_server_detached_ends_with_it(tmp_path: Path) -> None:
    told = tmp_path / "pid"
    code = f"{DETACHING}\n{WAITING}"
    with serving(server(tmp_path, code, str(told)), lambda: told.exists() and told.read_text("utf-8") != ""):
        child = int(told.read_text("utf-8"))
        assert psutil.pid_exists(child)
    assert not psutil.pid_exists(child)


def test_what_a_launcher_left_behind_ends_when_the_launcher_does(tmp_path: Path) -> None:
    """The command detaches its server and leaves at once: that is a server that ended, and nothing stays."""
    told = tmp_path / "pid"
    with pytest.raises(SiteOutOfReach), serving(server(tmp_path, DETACHING, str(told)), lambda: False):
        pass
    assert not psutil.pid_exists(int(told.read_text("utf-8")))


def test_the_keeper_ends_its_server_when_the_harness_is_gone() -> None:
    waiting = f"print('up', flush=True); {WAITING}"
    keeper = [sys.executable, "-m", "crm_acceptance.systems.keeper", sys.executable, "-c", waiting]
    with subprocess.Popen(keeper, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"up\n"
        assert process.stdin is not None
        process.stdin.close()
        assert process.stdout.read() == b""  # ends only when the server, which holds it too, has ended
        process.wait(30)


def test_nobody_answers_where_nobody_listens() -> None:
    assert not asks("GET", f"http://127.0.0.1:{free_port()}/")


def test_a_workplace_is_gone_afterwards() -> None:
    with workplace("test") as folder:
        (folder / "database").write_text("x", "utf-8")
        assert os.listdir(folder) == ["database"]
    assert not folder.exists()
