"""The doctor at the pages: a right [screens] is accused of nothing; of a wrong one the broken line is named."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
from screens_rounds import WHOLE, looked_at, part
from typer.testing import CliRunner

from crm_acceptance.cli import app
from crm_acceptance.doctoring import ordering
from crm_acceptance.doctoring.findings import DENIED, UNTRIED, WORKS
from crm_acceptance.model import Action, Person, Record, Site
from crm_acceptance.sending import http_send, line
from crm_acceptance.systems.flow import perform
from crm_acceptance.systems.refcrm import SYSTEM

pytestmark = pytest.mark.browser

PASSWORD = secrets.token_urlsafe(12)


@pytest.fixture(autouse=True)
def _server_side(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is drawn late by these pages: what is missing is missing at once."""
    monkeypatch.setattr("crm_acceptance.systems.rest.screens_page.PATIENT_REST", 1.2)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with SYSTEM.launch(password=PASSWORD, options={"size": "40"}) as running:
        yield running


def test_right_pages_are_accused_of_nothing(site: Site, tmp_path: Path) -> None:
    chart, _ = looked_at(part("lead", "customer", "contact", "audit"), site, PASSWORD, tmp_path, "lina chenjing")
    assert chart.findings == [] and chart.gaps() == ["audit.list 页面"]  # the administrator's
    for verb in ("list", "read", "create", "search", "change", "convert", "delete"):
        assert chart.cells["lead", f"{verb} 页面", "lina"].outcome == WORKS, verb
    assert chart.cells["lead", "assign 页面", "chenjing"].outcome == WORKS
    assert chart.cells["site", "wrong password 页面", "lina"].outcome == WORKS
    assert chart.cells["site", "logout 页面", "chenjing"].outcome == WORKS


def test_what_stays_is_told_by_id_and_what_was_deleted_is_not_there(site: Site, tmp_path: Path) -> None:
    chart, _ = looked_at(part("lead", "customer"), site, PASSWORD, tmp_path)
    assert [one.split()[0] for one in chart.left_over] == ["customer"]
    lina = Person("lina", "李娜", "sales", "sales_rep", "lina")
    records = SYSTEM.records(site)
    with line(site) as connection:
        send = http_send(connection, site, 15)
        session = perform(records.login(lina, PASSWORD), send)
        kept = perform(records.flow(session, Action("read", "customer", chart.left_over[0].split()[1])), send)
        leads = perform(records.flow(session, Action("list", "lead", options={"q": "验收zz"})), send)
    assert isinstance(kept, Record) and str(kept["name"]).startswith("验收zz")
    assert not getattr(leads, "rows", (None,))


# (what is wrong, the object that is tried, the right text, the wrong text, the dotted place of the broken line)
BROKEN = [
    ("login address", "", 'path = "/login"', 'path = "/signin"', "screens.login.path"),
    ("user name", "", 'username = ["用户名", "Username"]', 'username = ["用户", "User"]', "screens.login.username"),
    ("password", "", 'password = ["密码", "Password"]', 'password = ["口令码"]', "screens.login.password"),
    ("login button", "", 'submit = ["登录", "Sign in"]', 'submit = ["登陆"]', "screens.login.submit"),
    ("sign of being inside", "", 'inside = ["退出", "Sign out"]', 'inside = ["退岀"]', "screens.login.inside"),
    ("logout", "", '[screens.logout]\nbutton = ["退出", "Sign out"]', '[screens.logout]\nbutton = ["登出"]',
     "screens.logout.button"),
    ("list", "lead", 'path = "/leads"', 'path = "/leed"', "screens.objects.lead.path"),
    ("record", "lead", 'record = "/leads/{id}"', 'record = "/lead/{id}"', "screens.objects.lead.record"),
    ("new", "lead", 'new = "/leads/new"', 'new = "/leads/create"', "screens.objects.lead.new"),
    ("edit", "lead", 'edit = "/leads/{id}/edit"', 'edit = "/leads/{id}/change"', "screens.objects.lead.edit"),
    ("main label", "lead", 'name = ["姓名", "Name"]', 'name = ["名姓"]', "screens.objects.lead.fields.name"),
    ("label", "lead", 'phone = ["手机", "Phone"]', 'phone = ["手机号"]', "screens.objects.lead.fields.phone"),
    ("button", "lead", 'button = ["转商机", "Convert"]', 'button = ["转成商机"]',
     "screens.objects.lead.buttons.convert.button"),
    ("question", "lead", 'amount = ["金额", "Amount"]', 'amount = ["总金额"]',
     "screens.objects.lead.buttons.convert.asks.amount"),
    ("search", "lead", 'search = ["关键字", "Keyword"]', 'search = ["关键词"]', "screens.list.search"),
    ("save", "lead", "[screens.people]", '[screens.words]\nsave = ["存盘"]\n[screens.people]', "screens.words.save"),
    ("choice", "campaign", '"进行中", "Running"', '"运行中"', "screens.objects.campaign.fields.state.choices.running"),
]  # fmt: skip


SLOW = ("record", "edit", "label", "button", "search", "save")
CASES = [pytest.param(*row[1:], id=row[0], marks=[pytest.mark.slow] if row[0] in SLOW else []) for row in BROKEN]


@pytest.mark.parametrize(("object", "right", "wrong", "where"), CASES)
def test_the_broken_line_is_named_and_no_other(
    object: str, right: str, wrong: str, where: str, site: Site, tmp_path: Path
) -> None:
    text = part(*object.split())
    assert right in text
    chart, mapping = looked_at(text.replace(right, wrong, 1), site, PASSWORD, tmp_path)
    assert {finding.line for finding in chart.findings} == {mapping.lines.of(where)}, "\n".join(
        map(str, chart.findings)
    )
    assert not chart.sound


def test_the_command_ends_with_a_table_and_json_that_names_the_door(
    site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRM_ACCEPTANCE_PASSWORD", PASSWORD)
    (tmp_path / "mapping.toml").write_text(part(), encoding="utf-8")
    (tmp_path / "people.csv").write_text("key,name,department,role,login\nlina,李娜,sales,sales_rep,lina\n", "utf-8")
    told = ["doctor", "--site", site.url, "--mapping", "mapping.toml", "--people", "people.csv", "--json", "out.json"]
    done = CliRunner().invoke(app, told)
    assert done.exit_code == 0 and "login 页面" in done.stdout
    verbs = json.loads((tmp_path / "out.json").read_text(encoding="utf-8"))["verbs"]
    assert {(one["object"], one["verb"], one["door"]) for one in verbs} >= {("site", "login", "screens")}
    left = CliRunner().invoke(app, [*told, "--without-browser"])
    assert left.exit_code == 3 and "--without-browser" in left.stdout
    assert {one["outcome"] for one in json.loads((tmp_path / "out.json").read_text("utf-8"))["verbs"]} == {UNTRIED}


def test_who_may_not_create_is_no_mistake_of_the_mapping(site: Site, tmp_path: Path) -> None:
    chart, _ = looked_at(part("campaign"), site, PASSWORD, tmp_path)
    assert chart.cells["campaign", "create 页面", "lina"].outcome == DENIED
    assert chart.findings == [] and ordering.exit_code(chart) == 3
    assert any("campaign.create" in note and "mapping.toml:" in note for note in chart.notes)
    assert WHOLE.is_file()
