"""The doctor at CRMs that agree and do nothing, and at right lines that look odd: no green, no blame."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import kontor_crm
import pytest
from doctor_rounds import WHOLE, examined

from crm_acceptance.doctoring import answers, ordering, refusing, sessions
from crm_acceptance.doctoring.findings import BROKEN, WORKS
from crm_acceptance.doctoring.visit import Exchange, Visit
from crm_acceptance.model import Site
from crm_acceptance.systems.flow import Answer, Call
from crm_acceptance.systems.rest.mapping import load

RIGHT = WHOLE.read_text(encoding="utf-8")
ADVANCE = """
[objects.opportunity.calls.advance]
call = "PUT {path}/{id}"
body = { phase = "{stage}" }
record = "antwort"
"""


class Kept(dict[str, Any]):
    """Rows that nothing deletes."""

    def __delitem__(self, key: str) -> None:
        """Agrees, and keeps the row."""


def test_a_deletion_that_is_agreed_to_and_does_nothing_is_broken_and_everything_is_left_over(tmp_path: Path) -> None:
    with kontor_crm.running() as (url, crm):
        before = sum(len(rows) for rows in crm.records.values())
        crm.records.update({table: Kept(rows) for table, rows in crm.records.items()})
        chart, _ = examined(RIGHT, url, tmp_path)
        made = sum(len(rows) for rows in crm.records.values()) - before
    assert "calls.delete.call" in [one.where for one in chart.findings]
    assert chart.cells["customer", "delete", "anna"].outcome == BROKEN
    assert len(set(chart.left_over)) == made


def test_a_transfer_by_the_only_one_who_may_is_looked_at_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def pretends(crm: kontor_crm.Crm, table: str, id: str, who: str, body: dict[str, Any]) -> dict[str, Any]:
        if who != "cora":
            raise kontor_crm.Fault(400, "E2", "kein Recht")
        return crm.one(table, id, who)

    monkeypatch.setattr(kontor_crm.Crm, "hand_over", pretends)
    with kontor_crm.running() as (url, _):
        chart, _mapping = examined(RIGHT, url, tmp_path, "anna bert cora")
    assert [one.where for one in chart.findings] == ["calls.transfer"]


def test_a_total_that_never_moves_is_not_proven(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page = kontor_crm.Crm.page

    def fixed(*asked: Any) -> dict[str, Any]:
        told = page(*asked)
        told["ergebnis"]["blatt"]["anzahl"] = 7000
        return told

    monkeypatch.setattr(kontor_crm.Crm, "page", fixed)
    with kontor_crm.running() as (url, _):
        chart, _mapping = examined(RIGHT, url, tmp_path)
    assert "customer.total" in chart.gaps() and ordering.exit_code(chart) != 0


def test_a_condition_on_a_reference_that_is_ignored_shows_in_the_rows_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = kontor_crm.Crm._found

    def deaf(crm: kontor_crm.Crm, table: str, who: str, params: dict[str, str]) -> list[dict[str, Any]]:
        return found(crm, table, who, {name: value for name, value in params.items() if name != "f_firma"})

    monkeypatch.setattr(kontor_crm.Crm, "_found", deaf)
    with kontor_crm.running() as (url, _):
        chart, _mapping = examined(RIGHT, url, tmp_path)
    assert "objects.opportunity.fields.customer.query" in [one.where for one in chart.findings]


def test_a_move_to_the_stage_that_the_step_names_is_accused_of_nothing(tmp_path: Path) -> None:
    text = RIGHT + '\n[objects.opportunity.moves]\nadvance = { field = "stage", to = "{stage}" }\n'
    with kontor_crm.running() as (url, _):
        chart, _mapping = examined(text, url, tmp_path)
    assert chart.findings == [] and chart.cells["opportunity", "advance", "anna"].outcome == WORKS


@pytest.mark.parametrize(
    ("right", "wrong", "where"),
    [
        ("phase = ", "stufe = ", "objects.opportunity.calls.advance"),
        ('= "verhandlung"', '= "verhandelt"', "objects.opportunity.fields.stage.choices.negotiation"),
    ],
    ids=["wrong key", "unknown stage"],
)
def test_a_step_that_leads_nowhere_is_named(right: str, wrong: str, where: str, tmp_path: Path) -> None:
    text = RIGHT + ADVANCE
    assert right in text
    with kontor_crm.running() as (url, _):
        chart, _mapping = examined(text.replace(right, wrong), url, tmp_path)
    assert where in [one.where for one in chart.findings]


def test_the_id_of_a_record_made_by_an_experiment_has_all_its_parts(tmp_path: Path) -> None:
    file = tmp_path / "mapping.toml"
    file.write_text(
        RIGHT.replace('path = "/firmen"\nid = "nr"', 'path = "/firmen"\nid = ["land", "nr"]'), encoding="utf-8"
    )
    object = load(file).objects["customer"]
    assert answers.whole_id(object.id, {"land": "DE/1", "nr": 7}) == "DE%2F1,7"
    assert answers.whole_id(object.id, {"nr": 7}) is answers.MISSING


def test_pages_say_goodbye_with_a_redirect() -> None:
    page = {"content-type": "text/html"}
    assert not sessions._did_not_leave(Answer(302, {**page, "location": "/login"}, b""))
    assert sessions._did_not_leave(Answer(404, page, b""))


def test_a_throttled_answer_accuses_no_line(tmp_path: Path) -> None:
    file = tmp_path / "mapping.toml"
    file.write_text(RIGHT, encoding="utf-8")
    visit = Visit(load(file), object(), Site("odd", "http://x"), (), str)  # type: ignore[arg-type]
    call = Call("GET", "/x")
    found = refusing.refusal(visit, [Exchange(call, Answer(429, {}, b"slow"))], "expired", "throttled", "here")
    assert not found.where and "429" in found.sentence
    assert refusing.refusal(visit, [Exchange(call, Answer(400, {}, b"no"))], "expired", "invalid", "here").where
