"""Tryton's adapter, installer and launcher where no Tryton is needed; the answers were taken from a real 8.0.12."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm_acceptance.errors import Refused, SiteOutOfReach, Unsupported, WrongUse
from crm_acceptance.model import Action, Person
from crm_acceptance.systems import CanLaunch, HasRecords, HasScreens, Session, find
from crm_acceptance.systems.flow import Answer, Call, perform
from crm_acceptance.systems.tryton import SYSTEM
from crm_acceptance.systems.tryton.adapter import TrytonRecords
from crm_acceptance.systems.tryton.codec import decode, encode
from crm_acceptance.systems.tryton.dropping import check
from crm_acceptance.systems.tryton.mapping import SHAPES, domain, order
from crm_acceptance.systems.tryton.rpc import result
from crm_acceptance.systems.tryton.shows import SHOWS
from crm_acceptance.systems.tryton.staff import Staff

LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")
STAFF = Staff({2: "lina", 3: "wangqiang"}, {1: "lina", 2: "wangqiang"}, {"李娜": "lina", "王强": "wangqiang"})
SESSION = Session(LINA, {"Authorization": "Session x"}, memory={"context": {"company": 1}, "staff": STAFF})
DENIED = ["UserError", ['You are not allowed to read records "12" of "Party" because …', "Within groups: Sales", None]]
GONE = ["UserError", ['You are trying to read records "999999" of "Party" that don\'t exist.', "", None]]
TWICE = ["UserError", ["The code on party must be unique.", "", None]]
NOT_NOW = ["UserError", ['You can not call "cancel" on "91" of "Sale".', "", None]]
CHINESE = ["UserError", ['不允许读取模型 "Party" 的记录 "12" ， 由于下面的规则（至少一条）:', "", None]]
STALE = ["ConcurrencyException", ["Record modified since you read it"]]


def answer(status: int = 200, **body: Any) -> Answer:
    """An answer of Tryton's JSON-RPC door."""
    return Answer(status, {"content-type": "application/json"}, json.dumps(body).encode(), "http://tryton/crm/rpc/")


def replay(action: Action, *answers: Any) -> tuple[Any, list[Call]]:
    """The action's outcome when Tryton answers its calls with these results, and the calls."""
    sent: list[Call] = []
    waiting: Iterator[Any] = iter(answers)

    def send(call: Call) -> Answer:
        sent.append(call)
        return answer(id=0, result=encode(next(waiting)))

    return perform(TrytonRecords().flow(SESSION, action), send), sent


def test_tryton_comes_through_the_same_door_as_any_system_and_offers_all_three_abilities() -> None:
    assert find("tryton") is SYSTEM
    assert isinstance(SYSTEM, HasRecords)
    assert isinstance(SYSTEM, HasScreens)
    assert isinstance(SYSTEM, CanLaunch)


@pytest.mark.parametrize(
    ("error", "kind"),
    [(DENIED, "denied"), (CHINESE, "denied"), (GONE, "missing"), (TWICE, "duplicate"), (NOT_NOW, "conflict"),
     (STALE, "conflict"), (["UserError", ["A value is required.", "", None]], "invalid")],
)  # fmt: skip
def test_tryton_answers_200_to_every_refusal_and_only_its_words_tell_them_apart(error: list[Any], kind: str) -> None:
    with pytest.raises(Refused) as no:
        result(answer(id=0, error=error))
    assert no.value.kind == kind


def test_an_exception_inside_tryton_is_a_break_down_and_no_refusal() -> None:
    with pytest.raises(SiteOutOfReach, match="Tryton"):
        result(answer(id=0, error=["unhashable type: 'dict'", "Traceback …"]))


def test_a_dead_session_is_expired_and_a_wrong_password_is_denied() -> None:
    with pytest.raises(Refused) as no:
        result(Answer(401, {}, b"<h1>Unauthorized</h1>"))
    assert no.value.kind == "expired"
    with pytest.raises(Refused) as no:
        perform(TrytonRecords().login(LINA, "wrong"), lambda call: Answer(401, {}, b"<h1>Unauthorized</h1>"))
    assert no.value.kind == "denied"


def test_an_html_page_instead_of_json_is_a_site_out_of_reach() -> None:
    with pytest.raises(SiteOutOfReach):
        result(Answer(200, {"content-type": "text/html"}, b"<html>proxy</html>"))


def test_money_dates_and_bytes_survive_the_way_to_tryton_and_back() -> None:
    values = {"amount": Decimal("1234.50"), "data": b"\x00\xff", "lines": [Decimal(1)], "note": "备注"}
    assert decode(json.loads(json.dumps(encode(values)))) == values
    assert decode(encode(date(2026, 11, 22))) == "2026-11-22"


def test_a_field_that_tryton_has_no_place_for_is_unsupported_and_named() -> None:
    with pytest.raises(Unsupported, match="campaign"):
        replay(Action("create", "lead", fields={"name": "王建国", "campaign": "7"}))


@pytest.mark.parametrize("verb", ["campaign.create", "report.read", "customer.check_duplicate", "lead.import"])
def test_what_tryton_cannot_do_says_so_in_two_languages(verb: str) -> None:
    name, action = verb.split(".")
    assert not SYSTEM.supports(action, name)
    with pytest.raises(Unsupported, match=f"没有.*{verb}.*has no {verb}"):
        replay(Action(action, name))


def test_every_mapped_object_can_be_shown() -> None:
    assert set(SHAPES) == set(SHOWS)


def test_canonical_questions_become_tryton_domains() -> None:
    asked = Action("list", "opportunity", options={"where": {"owner": "lina", "stage": "qualify"}, "q": "环保"})
    found = domain(asked, STAFF)
    assert ["employee.party.name", "=", "李娜"] in found
    assert ["state", "in", ["lead", "opportunity"]] in found
    assert ["OR", ["description", "ilike", "%环保%"], ["party.name", "ilike", "%环保%"]] in found
    assert order(Action("list", "opportunity", options={"sort": "-amount"})) == [["amount", "DESC"], ["id", "ASC"]]


def test_sorting_by_what_tryton_only_computes_is_unsupported() -> None:
    with pytest.raises(Unsupported, match=r"order\.amount"):
        order(Action("list", "order", options={"sort": "amount"}))


def test_an_id_that_is_no_number_is_missing_and_nothing_is_sent() -> None:
    with pytest.raises(Refused) as no:
        replay(Action("read", "customer", "1 or 1=1"))
    assert no.value.kind == "missing"


def test_an_owner_is_whom_the_category_names_else_who_entered_it_and_nobody_in_the_pool() -> None:
    def party(*kinds: str) -> dict[str, Any]:
        under = [{"name": kind, "parent.": {"name": "负责人"} if kind != "公海" else None} for kind in kinds]
        return {"create_uid": 2, "categories.": under}

    assert STAFF.owner(party("王强")) == "wangqiang"
    assert STAFF.owner(party()) == "lina"
    assert STAFF.owner(party("公海")) is None


def test_every_call_is_counted_under_the_action_that_it_serves() -> None:
    count, calls = replay(Action("count", "customer", options={"q": "苏州"}), 7)
    assert count == 7
    assert [call.verb for call in calls] == ["customer.count"]


def test_an_unknown_launch_option_is_refused_before_anything_is_installed() -> None:
    with pytest.raises(WrongUse, match="size"), SYSTEM.launch(options={"size": "3"}):
        pass


def test_only_a_record_rule_that_there_is_can_be_dropped() -> None:
    check("lina/sale.opportunity")
    with pytest.raises(WrongUse, match=r"lina/party\.party"), SYSTEM.launch(options={"drop_rule": "lina/party"}):
        pass


def test_nothing_of_tryton_itself_is_imported_or_packed() -> None:
    """GPL code runs in processes of its own; we speak to it by HTTP."""
    sources = sorted(Path(str(sys.modules[SYSTEM.__module__].__file__)).parent.rglob("*.py"))
    assert sources
    for source in sources:
        text = source.read_text("utf-8")
        assert "import trytond" not in text
        assert "from trytond" not in text
        assert "proteus" not in text


def test_pinned_versions_are_exact_and_name_no_registry() -> None:
    folder = Path(str(sys.modules[SYSTEM.__module__].__file__)).parent
    lines = (folder / "requirements.txt").read_text("utf-8").splitlines()
    pins = [line.split(" ")[0] for line in lines if not line.startswith(" ")]
    assert {"trytond==8.0.12", "trytond-sale-opportunity==8.0.1"} <= set(pins)
    assert all("==" in pin for pin in pins)
    assert len([line for line in lines if "--hash=sha256:" in line]) >= len(pins)
    lock = (folder / "web" / "package-lock.json").read_text("utf-8")
    assert "resolved" not in lock
    assert '"integrity": "sha512-' in lock
