"""A workspace small enough to run in a second, with a guest CRM of its own that comes in by the entry-point door."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

REQUIREMENTS = """id,department,criticality,dimension,text,text_en
SALES-001,sales,critical,functional,登记线索各项资料齐全,A lead keeps what was entered
SALES-002,sales,major,functional,线索转客户,A lead becomes a customer
FIN-001,finance,minor,abnormal,回款减少未收,A payment lowers what is due
"""
PEOPLE = "key,name,department,role,login\nlina,李娜,sales,sales_rep,lina\nwufang,吴芳,finance,accountant,wufang\n"
STEPS = """
import os, signal, time
import pytest
from pytest_bdd import given, parsers, then, when
from crm_acceptance.errors import Refused, SiteOutOfReach, Unproven, Unsupported


@given(parsers.parse("{who} 在公司"))
@given(parsers.parse("{who} is at work"))
def at_work(who): ...


@when(parsers.parse("{who} 登记线索 {name}"))
def register(who, name): ...


@then(parsers.parse("线索共 {count:d} 条"))
def leads(count):
    assert count < 5, f"{count} 条太多"


@then("资料是")
def table(datatable): ...


@then("备注是")
def text(docstring): ...


@then("系统不支持")
def unsupported():
    raise Unsupported("这个系统没有公海 no public pool")


@then("样本太少")
def unproven():
    raise Unproven("样本太少 too few samples")


@then("直接跳过")
def skipped():
    pytest.skip("直接跳过了")


@then("CRM 拒绝")
def refused():
    raise Refused("denied", "没有权限", 403)


@then("站点断开")
def unreachable():
    raise SiteOutOfReach("站点断开了")


@then("程序出错")
def bug():
    raise KeyError("nonsense")


@then("泄露密码")
def leak():
    print("密码", os.environ.get("CRM_ACCEPTANCE_PASSWORD"))
    raise AssertionError(f"password={os.environ.get('CRM_ACCEPTANCE_PASSWORD')} 手机 13812345678")


@then("进程崩溃")
def crash():
    os.kill(os.getpid(), signal.SIGKILL)


@then("一直等待")
def wait():
    open(os.environ["TINY_SIGNAL"], "a").write(f"{os.getpid()}\\n")
    time.sleep(600)
"""
GUEST = """
import contextlib, http.server, os, threading
from crm_acceptance.errors import Refused
from crm_acceptance.model import Site
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import Call


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.send_header("Content-Length", "2"); self.end_headers(); self.wfile.write(b"ok")
    def log_message(self, *words): ...


class Door:
    def login(self, person, password):
        answer = yield Call("POST", "/login", json={"u": person.login, "p": password})
        if answer.status == 401:
            raise Refused("denied", "密码不对", 401)
        return Session(person, {"token": answer.json()["token"]})


class Tiny:
    name, title = "tiny", "小系统 Tiny"
    def supports(self, action, object): return True
    def records(self, site): return Door()
    @contextlib.contextmanager
    def launch(self, *, port=0, password="", options=None):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield Site("tiny", f"http://127.0.0.1:{server.server_port}", "sandbox")
        finally:
            server.shutdown(); server.server_close()


class Apart:
    name, title = "apart", "不能启动 Apart"
    def supports(self, action, object): return True


SYSTEM, APART = Tiny(), Apart()
"""
POINTS = "[crm_acceptance.systems]\ntiny = tiny_guest:SYSTEM\napart = tiny_guest:APART\n"
LEADS = """# language: zh-CN
@SALES-001 @销售部
功能: 线索
  场景: 登记线索
    假如 李娜 在公司
    当 李娜 登记线索 甲
    那么 线索共 1 条
"""


@dataclass(frozen=True)
class Workspace:
    """A workspace on disk and what can be run in it; every process is a real one."""

    path: Path

    def feature(self, text: str, name: str = "features/sales/leads.feature") -> Path:
        return self.file(name, text)

    def file(self, name: str, text: str | bytes) -> Path:
        to = self.path / name
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_bytes(text if isinstance(text, bytes) else text.encode())
        return to

    def environment(self, **more: str) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("PYTEST_", "CRM_ACCEPTANCE_"))}
        kept.pop("PYTHONDONTWRITEBYTECODE", None)
        return {**kept, "PYTHONPATH": str(self.path.parent / "guest"), "PYTHONUTF8": "1", "COLUMNS": "300", **more}

    def pytest(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return self._run([sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words], env)

    def cli(self, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
        return self._run([sys.executable, "-c", "from crm_acceptance.cli import main; main()", *words], env)

    def start(self, *words: str, **env: str) -> subprocess.Popen[str]:
        """A run in the background; the caller ends it."""
        command = [sys.executable, "-c", "from crm_acceptance.cli import main; main()", *words]
        return subprocess.Popen(
            command, cwd=self.path, env=self.environment(**env), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def results(self, folder: str = "results") -> dict[str, dict[str, Any]]:
        """Allure results by title."""
        read = (json.loads(file.read_text()) for file in (self.path / folder).glob("*-result.json"))
        return {body["name"]: body for body in read}

    def run_dir(self) -> Path:
        [folder] = [path.parent for path in (self.path / "reports").glob("*/run.json")]
        return folder

    def gate(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads((self.run_dir() / "gate.json").read_text())
        return body

    def _run(self, command: list[str], env: dict[str, str]) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command, cwd=self.path, env=self.environment(**env), text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=240, check=False,
        )  # fmt: skip
        assert "Traceback (most recent call last)" not in done.stdout or "pytest" in command, done.stdout
        return done


def make(folder: Path, feature: str = LEADS) -> Workspace:
    """A fresh workspace below `folder`, with one passing scenario unless told otherwise."""
    made = Workspace(folder / "ws")
    made.file("acceptance.toml", 'system = "tiny"\n')
    made.file("features/requirements.csv", REQUIREMENTS)
    made.file("fixtures/people.csv", PEOPLE)
    made.file("conftest.py", STEPS)
    made.file("pytest.ini", "[pytest]\naddopts = --strict-markers -p no:locust\n")
    made.file("../guest/tiny_guest.py", GUEST)
    made.file("../guest/tiny_guest-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tiny_guest\nVersion: 1.0\n")
    made.file("../guest/tiny_guest-1.0.dist-info/entry_points.txt", POINTS)
    if feature:
        made.feature(feature)
    return made
