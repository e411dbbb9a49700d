"""The whole way on the command line: a real run, keys, signatures, a changed requirement, and everything back again."""

from __future__ import annotations

import io
import json
import signal
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
import requests
import tiny_workspace
import typer
from tiny_workspace import Workspace

from crm_acceptance import cli

LEADS = """# language: zh-CN
@销售部
功能: 线索
  @SALES-001
  场景: 登记线索
    假如 李娜 在公司
    当 李娜 登记线索 甲
    那么 线索共 1 条
  @SALES-002
  场景: 转客户
    假如 李娜 在公司
    那么 线索共 1 条
"""
PAYMENTS = """# language: zh-CN
@FIN-001 @财务部
功能: 回款
  场景: 登记回款
    假如 吴芳 在公司
    那么 线索共 2 条
"""
PASSPHRASE = "一个足够长的口令"


class Desk:
    """The tiny workspace with two people who have keys; commands run in this process, which is cheaper."""

    def __init__(self, made: Workspace) -> None:
        self.workspace = made
        made.feature(PAYMENTS, "features/finance/payments.feature")
        guest = str(made.path.parent / "guest")
        self.env = {
            "CRM_ACCEPTANCE_KEYS": str(made.path.parent / "keys"), "CRM_ACCEPTANCE_PASSPHRASE": PASSPHRASE,
            "COLUMNS": "300", "PYTHONPATH": guest,
        }  # fmt: skip

    def cli(self, *words: str, code: int = 0, **env: str) -> str:
        told = io.StringIO()
        with pytest.MonkeyPatch.context() as set, redirect_stdout(told), redirect_stderr(told):
            for name, value in {**self.env, **env}.items():
                set.setenv(name, value)
            set.syspath_prepend(self.env["PYTHONPATH"])
            set.chdir(self.workspace.path)
            set.setattr(sys, "argv", ["crm-acceptance", *words])
            with pytest.raises(SystemExit) as ended:
                cli.main()
        assert int(ended.value.code or 0) == code, told.getvalue()
        return told.getvalue()

    def run(self) -> str:
        self.cli("run", "--no-allure")
        return max(path.parent.name for path in (self.workspace.path / "reports").glob("*/run.json"))

    def named(self) -> None:
        for person, department in (("chenjing", "销售"), ("wufang", "finance")):
            self.cli("keys", "create", person)
            lines = self.cli("keys", "register", person, "--department", department).split("\n\n", 1)[1]
            with (self.workspace.path / "acceptance.toml").open("a", encoding="utf-8") as file:
                file.write(lines)

    def sign(self, person: str, *more: str, code: int = 0, **env: str) -> str:
        department = {"chenjing": "sales", "wufang": "finance"}[person]
        words = ("signoff", "sign", "--department", department, "--as", person, *(more or ("--answer", "yes")))
        return self.cli(*words, code=code, **env)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    made = Desk(tiny_workspace.make(tmp_path_factory.mktemp("desk"), LEADS))
    made.named()
    made.run()
    return made


def test_changing_one_requirement_voids_its_department_alone_until_run_and_signed_again(desk: Desk) -> None:
    assert "待签字" in desk.cli("signoff", "status", code=3)
    desk.sign("chenjing")
    desk.sign("wufang")
    assert desk.cli("signoff", "status").count("已签字 signed") == 2

    table = desk.workspace.path / "features" / "requirements.csv"
    table.write_text(table.read_text("utf-8").replace("登记线索各项资料齐全", "登记线索各项资料齐全且不重复"), "utf-8")
    said = desk.cli("signoff", "status", code=3)
    assert "签字失效 void  销售" in said and "已签字 signed  财务" in said
    assert "SALES-001：需求原文改了" in said and "SALES-002" not in said and "FIN-001" not in said
    assert "changed since the run" in desk.sign("chenjing", code=3)

    desk.run()
    desk.sign("chenjing")
    said = desk.cli("signoff", "status", code=3)
    assert "已签字 signed  销售" in said and "signed for another run" in said
    desk.sign("wufang")
    assert desk.cli("signoff", "status").count("已签字 signed") == 2
    assert "完好 whole" in desk.cli("signoff", "verify")
    journal = desk.workspace.path / "reports" / "journal" / "signoff.jsonl"
    assert len(journal.read_text("utf-8").splitlines()) == 4 and PASSPHRASE not in journal.read_text("utf-8")


def test_wrong_words_are_sentences_with_exit_codes(desk: Desk) -> None:
    assert "口令不对" in desk.sign("chenjing", CRM_ACCEPTANCE_PASSPHRASE="不是这个口令的口令", code=2)
    assert "没有密钥" in desk.sign("chenjing", CRM_ACCEPTANCE_KEYS=str(desk.workspace.path), code=2)
    assert "登记的那把" in desk.sign("chenjing", "--answer", "no", "--reason", "x", "--key", "wufang", code=2)
    for more, words in (
        (("--answer", "ja"), "已知 known: conditional, no, yes"),
        (("--answer", "no"), "要写原因"),
        (("--department", "销售", "--answer", "不同意"), "要写原因"),
        (("--answer", "conditional", "--condition", "只有内容"), "内容;负责人;期限"),
        (("--answer", "conditional", "--condition", "补测;李娜;明天"), "日期应写成"),
        (("--answer", "conditional", "--condition", "补测;李娜;2020-01-01"), "今天之后"),
    ):
        assert words in desk.sign("chenjing", *more, code=2)
    assert "没有这个运行目录" in desk.cli("signoff", "status", "nowhere", code=2)


@pytest.mark.parametrize(
    ("typed", "told"), [((), "CRM_ACCEPTANCE_PASSPHRASE"), (("足够长的口令甲", "足够长的口令乙"), "不一样")]
)
def test_a_passphrase_that_nobody_types_or_that_is_typed_in_two_ways_makes_no_key(
    typed: tuple[str, ...], told: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from crm_acceptance.commands import keys
    from crm_acceptance.errors import WrongUse

    def type_it(*_: object, **__: object) -> str:
        if not words:
            raise typer.Abort
        return words.pop(0)

    words = list(typed)
    monkeypatch.delenv("CRM_ACCEPTANCE_PASSPHRASE", raising=False)
    monkeypatch.setenv("CRM_ACCEPTANCE_KEYS", str(tmp_path))
    monkeypatch.setattr(keys.typer, "prompt", type_it)
    with pytest.raises(WrongUse, match=told):
        keys.create("lina")
    assert not list(tmp_path.iterdir())


def test_an_envelope_from_elsewhere_is_taken_in_once_withdrawn_delegated_and_its_key_revoked(
    desk: Desk, tmp_path: Path
) -> None:
    run = desk.run()
    out = tmp_path / "wufang.signature.json"
    desk.sign("wufang", "--answer", "yes", "--out", str(out))
    assert "已签字 signed  财务" not in desk.cli("signoff", "status", run, code=3)
    taken = desk.cli("signoff", "accept", str(out)).strip().rsplit(" ", 1)[1]
    assert "已经签过" in desk.cli("signoff", "accept", str(out), code=2)
    assert "完好" in desk.cli("signoff", "verify", "--receipt", taken)
    assert "receipt is not there" in desk.cli("signoff", "verify", "--receipt", "0" * 12, code=1)
    desk.cli("bundle", run, str(tmp_path / "a.crmbundle"))
    assert "已签字 signed  财务" in desk.cli("verify", str(tmp_path / "a.crmbundle"))
    out.write_text(json.dumps({"payload": "AAAA"}))
    assert "不是签字文件" in desk.cli("signoff", "accept", str(out), code=2)
    desk.cli("signoff", "withdraw", taken, "--as", "wufang", "--reason", "看错了")
    assert "已撤回：看错了" in desk.cli("signoff", "status", run, code=3)
    assert "后来已撤回" in desk.cli("signoff", "verify", "--receipt", taken)
    desk.cli(
        "signoff", "delegate", "--department", "finance", "--as", "wufang", "--to", "chenjing", "--until", "2099-01-01"
    )
    desk.cli("signoff", "sign", "--department", "finance", "--as", "chenjing", "--for", "wufang", "--answer", "yes")
    assert "已签字 signed  财务" in desk.cli("signoff", "status", run, code=3)
    desk.cli("keys", "revoke", "wufang", "--as", "chenjing", "--reason", "电脑丢了")
    assert "签字失效 void  财务" in desk.cli("signoff", "status", run, code=3)
    assert "已吊销：电脑丢了" in desk.sign("wufang", code=2)
    assert "密钥后来已吊销" in desk.cli("signoff", "verify", "--receipt", taken)


def test_the_page_is_served_until_ctrl_c_on_a_port_that_is_free(desk: Desk) -> None:
    serving = desk.workspace.start("signoff", "serve", **desk.env)
    try:
        assert serving.stdout is not None
        url = next(word for word in serving.stdout.readline().split() if word.startswith("http"))
        assert requests.get(f"{url}finance", timeout=60).status_code == 200
        taken = desk.cli("signoff", "serve", "--port", url.rstrip("/").rpartition(":")[2], code=2)
        assert "请换一个 --port" in taken
    finally:
        serving.send_signal(signal.SIGINT)
        rest, _ = serving.communicate(timeout=60)
    assert (serving.returncode, rest) == (0, "")
