"""The doctor at right mappings: no false accusation, nothing stays, exit codes, JSON; what is untried is said to be."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import kontor_crm
import pytest
from doctor_rounds import WHOLE, examined
from typer.testing import CliRunner

from crm_acceptance.cli import app
from crm_acceptance.doctoring import ordering, visit
from crm_acceptance.doctoring.examination import examine
from crm_acceptance.doctoring.findings import BROKEN, DENIED, WORKS, Chart, Finding
from crm_acceptance.errors import SiteOutOfReach, WrongUse
from crm_acceptance.model import Person, Site
from crm_acceptance.systems import CanLaunch, find
from crm_acceptance.systems.rest import described, mapping

RIGHT = WHOLE.read_text(encoding="utf-8")
REFCRM = Path(__file__).with_name("refcrm_mapping.toml")
STAFF = Path(__file__).parent.parent / "fixtures" / "people.csv"


@pytest.mark.parametrize("strict", [False, True], ids=["ignores unknown keys", "refuses unknown keys"])
def test_a_right_mapping_is_accused_of_nothing_and_nothing_stays(strict: bool, tmp_path: Path) -> None:
    with kontor_crm.running(strict) as (url, crm):
        before = {table: set(rows) for table, rows in crm.records.items()}
        chart, _ = examined(RIGHT, url, tmp_path, "anna bert cora dora")
        after = {table: set(rows) for table, rows in crm.records.items()}
    assert chart.sound and chart.findings == [] and chart.gaps() == [] and chart.left_over == []
    assert after == before


def test_what_somebody_may_not_do_is_no_mistake_of_the_mapping(tmp_path: Path) -> None:
    with kontor_crm.running() as (url, _):
        chart, _mapping = examined(RIGHT, url, tmp_path, "anna dora")
    assert chart.cells["customer", "create", "dora"].outcome == DENIED
    assert chart.cells["customer", "read", "dora"].outcome == WORKS
    assert chart.cells["customer", "download", "anna"].outcome == WORKS


@pytest.mark.slow
def test_the_reference_crm_described_by_tables_alone_is_sound(tmp_path: Path) -> None:
    file = tmp_path / "mapping.toml"
    file.write_text(REFCRM.read_text(encoding="utf-8"), encoding="utf-8")
    with STAFF.open(encoding="utf-8") as told:
        rows = [row for row in csv.DictReader(told) if row["key"] in ("lina", "chenjing", "zhaomin", "sunli", "wufang")]
    people = tuple(Person(*(row[key] for key in ("key", "name", "department", "role", "login"))) for row in rows)
    refcrm = find("refcrm")
    assert isinstance(refcrm, CanLaunch)
    with refcrm.launch(password="table-only-1") as site:
        round = visit.Visit(mapping.load(file), described("own", file, people), site, people, lambda _: "table-only-1")
        examine(round)
    assert round.chart.findings == [] and round.chart.gaps() == []
    assert round.chart.cells["quote", "approve", "chenjing"].outcome == WORKS
    assert round.chart.cells["quote", "approve", "lina"].outcome == DENIED


def test_an_interruption_removes_what_was_created_and_is_no_success(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("crm_acceptance.doctoring.filing.attachments", stop)
    with kontor_crm.running() as (url, crm):
        before = {table: len(rows) for table, rows in crm.records.items()}
        chart, _ = examined(RIGHT, url, tmp_path)
        assert {table: len(rows) for table, rows in crm.records.items()} == before
    assert chart.interrupted and not chart.sound and ordering.exit_code(chart) == 3


def test_what_cannot_be_removed_is_named_by_id(tmp_path: Path) -> None:
    text = RIGHT.replace('delete = "DELETE {path}/{id}"\n', "")
    with kontor_crm.running() as (url, crm):
        before = {id for rows in crm.records.values() for id in rows}
        chart, _ = examined(text, url, tmp_path)
        stayed = {id for rows in crm.records.values() for id in rows} - before
    assert {one.partition(" ")[2] for one in chart.left_over} == stayed != set()


def test_a_site_that_is_not_there_is_out_of_reach(tmp_path: Path) -> None:
    with pytest.raises(SiteOutOfReach):
        examined(RIGHT, "http://127.0.0.1:9", tmp_path)


@pytest.mark.parametrize("part", ["/chancen", "/anlagen", "/uebergabe", "/faelle/"])
def test_a_busy_site_is_no_mistake_of_the_mapping_and_proves_nothing(part: str, tmp_path: Path) -> None:
    with kontor_crm.running() as (url, crm):
        crm.busy = part
        chart, _ = examined(RIGHT, url, tmp_path)
    assert chart.findings == [] and not chart.sound and ordering.exit_code(chart) == 3
    assert any("503" in note for note in chart.notes)


def test_a_verb_that_is_refused_for_everybody_is_not_proven(tmp_path: Path) -> None:
    with kontor_crm.running() as (url, _):
        chart, _mapping = examined(RIGHT, url, tmp_path, "dora")
    assert chart.findings == [] and "customer.create" in chart.gaps() and ordering.exit_code(chart) == 3


def test_wrong_passwords_are_told_apart_from_nothing_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kontor_crm, "PASSWORD", "another-one-2")
    with kontor_crm.running() as (url, _):
        monkeypatch.undo()
        monkeypatch.setattr("kontor_crm.Crm.login", _refuse)
        chart, _mapping = examined(RIGHT, url, tmp_path)
    assert [one.where for one in chart.findings] == ["auth.login.body"]
    assert "CRM_ACCEPTANCE_PASSWORD" in chart.findings[0].sentence


def _refuse(*_: object) -> None:
    raise kontor_crm.Fault(400, "E100", "falsches Kennwort")


def test_a_cell_that_was_broken_is_not_made_good_by_a_later_trial() -> None:
    chart = Chart()
    chart.mark("customer", "list", "anna", BROKEN, Finding("calls.list", 3, "m:3 [calls] list", "no"))
    chart.mark("customer", "list", "anna", WORKS)
    assert chart.cells["customer", "list", "anna"].outcome == BROKEN and not chart.sound


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder without a workspace, with a people table and a mapping."""
    rows = ["key,name,department,role,login", "anna,安娜,sales,sales_rep,anna", "bert,伯特,sales,sales_rep,bert"]
    (tmp_path / "people.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    (tmp_path / "mapping.toml").write_text(RIGHT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CRM_ACCEPTANCE_PASSWORD", kontor_crm.PASSWORD)
    return tmp_path


def run(url: str, *more: str) -> tuple[int, str]:
    asked = ["doctor", "--site", url, "--mapping", "mapping.toml", "--people", "people.csv", *more]
    done = CliRunner().invoke(app, asked)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    return done.exit_code, done.output


def test_the_command_ends_with_0_and_a_table_when_all_is_well(desk: Path) -> None:
    with kontor_crm.running() as (url, _):
        code, output = run(url, "--json", "out.json", "--as", "安娜", "--as", "bert")
    told = json.loads((desk / "out.json").read_text(encoding="utf-8"))
    assert code == 0, output
    assert "映射可用" in output and told["sound"] and told["requests"] > 50
    assert {cell["person"] for cell in told["verbs"]} == {"anna", "bert"} and told["left_over"] == []


def test_the_command_ends_with_2_and_names_the_line(desk: Path) -> None:
    (desk / "mapping.toml").write_text(RIGHT.replace('phone = "mobil"', 'phone = "tel"'), encoding="utf-8")
    with kontor_crm.running() as (url, _):
        code, output = run(url, "--json", "out.json", "--as", "anna")
    line = RIGHT[: RIGHT.index('phone = "mobil"')].count("\n") + 1
    assert code == 2 and f"mapping.toml:{line} " in output
    told = json.loads((desk / "out.json").read_text(encoding="utf-8"))
    assert [finding["line"] for finding in told["findings"]] == [line]


def test_a_mistake_in_the_file_is_told_before_anything_is_sent(desk: Path) -> None:
    (desk / "mapping.toml").write_text(RIGHT.replace("[paging]", "[pages]"), encoding="utf-8")
    with kontor_crm.running() as (url, crm):
        with pytest.raises(WrongUse, match="did you mean paging"):
            run(url)
        assert crm.asked == []


def test_an_unknown_person_is_told_with_the_known_ones(desk: Path) -> None:
    with kontor_crm.running() as (url, _), pytest.raises(WrongUse, match="did you mean anna"):
        run(url, "--as", "ana")


def test_a_site_under_a_path_is_examined_there(tmp_path: Path) -> None:
    text = RIGHT.replace('prefix = "/rest/v2"', 'prefix = "/v2"')
    with kontor_crm.running() as (url, _):
        chart, _mapping = examined(text, f"{url}/rest", tmp_path)
    assert chart.sound
    assert Site("odd", f"{url}/rest").url.endswith("/rest")
