"""The whole way of one change, by the command line alone: run, sign, change, approve, run and sign again."""

from __future__ import annotations

from pathlib import Path

import pytest
import tiny_workspace
from test_changes_stale import CONVERTED, PAID
from tiny_workspace import LEADS, Workspace
from typer.testing import CliRunner

from crm_acceptance.cli import app

PASSPHRASE = "一个足够长的口令"
SIGNATORIES = (("chenjing", "陈静", "sales"), ("wufang", "吴芳", "finance"))
PEOPLE = (
    "key,name,department,role,login\nlina,李娜,sales,sales_rep,lina\n"
    "chenjing,陈静,sales,manager,chenjing\nwufang,吴芳,finance,accountant,wufang\n"
)
TERMS = 'system = "tiny"\n[changes]\nrequired = true\napprovers = ["陈静", "吴芳"]\n'


class Company:
    """A workspace, and what its people type; runs are processes of their own, the rest is typed here."""

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    def runs(self) -> None:
        done = self.workspace.cli("run", "--no-allure", CRM_ACCEPTANCE_PASSWORD="pw")
        assert done.returncode == 0, done.stdout

    def does(self, code: int, *words: str) -> str:
        done = CliRunner().invoke(app, list(words), catch_exceptions=False)
        assert done.exit_code == code, done.output
        return done.output

    def signs(self) -> None:
        for person, _, department in SIGNATORIES:
            self.does(0, "signoff", "sign", "--department", department, "--as", person, "--answer", "yes")

    def edit(self, name: str, old: str, new: str) -> None:
        file = self.workspace.path / name
        text = file.read_text("utf-8")
        assert old in text
        file.write_text(text.replace(old, new, 1), "utf-8")


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Company:
    made = tiny_workspace.make(tmp_path, LEADS)
    made.feature(PAID, "features/finance/paid.feature")
    made.feature(CONVERTED, "features/sales/converted.feature")
    made.file("fixtures/people.csv", PEOPLE)
    made.file("acceptance.toml", TERMS)
    for name, value in (
        ("CRM_ACCEPTANCE_PASSPHRASE", PASSPHRASE),
        ("CRM_ACCEPTANCE_KEYS", str(tmp_path / "keys")),
        ("PYTHONPATH", str(made.path.parent / "guest")),
    ):
        monkeypatch.setenv(name, value)
    monkeypatch.chdir(made.path)
    found = Company(made)
    told = TERMS
    for person, name, department in SIGNATORIES:
        key = found.does(0, "keys", "create", person).rpartition("fingerprint: ")[2].strip()
        found.does(0, "keys", "register", person)
        told += f'[[signatories.{department}.people]]\nname = "{name}"\nperson = "{person}"\nkey = "{key}"\n'
    made.file("acceptance.toml", told)
    return found


@pytest.mark.slow
def test_a_change_takes_exactly_its_own_signature_and_brings_it_back(company: Company) -> None:
    company.runs()
    company.signs()
    company.does(0, "signoff", "status")
    company.edit("features/requirements.csv", "线索转客户", "线索转为客户")

    lost = company.does(3, "signoff", "status")
    assert "运行之后改过" in lost and "SALES-002" in lost and "FIN-001" not in lost
    company.does(3, "gate")
    assert "结论 证据不足" in company.does(0, "documents")  # paper is patient, but says what the gate says
    asked = company.does(0, "changes", "request", "--by", "李娜", "--why", "统一用语")
    assert "SALES-002" in asked and "陈静" in asked.partition("void signatures")[2].splitlines()[0]
    assert "吴芳" not in asked.partition("void signatures")[2].splitlines()[0]
    company.does(0, "changes", "approve", "CR-1", "--by", "吴芳")
    company.does(3, "gate")

    company.runs()
    company.signs()
    company.does(0, "signoff", "status")
    company.does(0, "gate")
    assert "没有落空的" in company.does(0, "trace")
