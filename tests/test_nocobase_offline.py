"""NocoBase's tables, mapping and launcher where no NocoBase is needed; the answers were taken from a real 2.2.15."""

from __future__ import annotations

import csv
import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from crm_acceptance.engines.fuzz.naming import operations
from crm_acceptance.errors import Refused, WrongUse
from crm_acceptance.model import Action, Person, Record, Site
from crm_acceptance.systems import CanLaunch, HasRecords, HasScreens, find
from crm_acceptance.systems.flow import Answer, Call, perform
from crm_acceptance.systems.nocobase import SYSTEM, seed_rules
from crm_acceptance.systems.nocobase.seed_collections import COLLECTIONS, field_names
from crm_acceptance.systems.nocobase.seed_pages import PAGES
from crm_acceptance.systems.nocobase.seed_people import PEOPLE
from crm_acceptance.systems.nocobase.seed_roles import TABLE
from crm_acceptance.systems.nocobase.widening import check

ROOT = Path(__file__).parent.parent
HERE = Path(str(sys.modules[SYSTEM.__module__].__file__)).parent
LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")
SIGNED_IN = {"data": {"user": {"id": 2, "username": "lina"}, "token": "eyJ.eyJ.abcdefghijklmnop"}}
USERS = {"data": [{"id": 2, "username": "lina"}, {"id": 3, "username": "wangqiang"}], "meta": {"count": 2}}
MINE = {"id": 73, "company_name": "苏州华东机械有限公司", "mobile": "13812345678", "owner_id": 2, "status": "正常"}


def answer(status: int, body: Any) -> Answer:
    """An answer of NocoBase's API."""
    said = json.dumps(body, ensure_ascii=False).encode()
    return Answer(status, {"content-type": "application/json"}, said, "http://nocobase/api")


def no_as(message: str, status: int = 400) -> tuple[int, Any]:
    """A refusal with NocoBase's, or the company's own, words."""
    return status, {"errors": [{"message": message}]}


def replay(action: Action, *answers: tuple[int, Any]) -> tuple[Any, list[Call]]:
    """The action's outcome when NocoBase answers in this order, and the calls after signing in."""
    records = SYSTEM.records(Site("nocobase", "http://nocobase", "sandbox"))
    waiting = iter(answers)
    sent: list[Call] = []

    def send(call: Call) -> Answer:
        if call.path == "/api/auth:signIn":
            return answer(200, SIGNED_IN)
        if call.path == "/api/users:list":
            return answer(200, USERS)
        sent.append(call)
        return answer(*next(waiting))

    session = perform(records.login(LINA, "geheim"), send)
    return perform(records.flow(session, action), send), sent


def test_nocobase_comes_through_the_same_door_as_any_system() -> None:
    assert find("nocobase") is SYSTEM
    assert isinstance(SYSTEM, HasRecords)
    assert isinstance(SYSTEM, HasScreens)
    assert isinstance(SYSTEM, CanLaunch)


@pytest.mark.parametrize(
    ("action", "said", "kind"),
    [
        (Action("read", "customer", "73"), (200, {"data": None}), "missing"),
        (Action("change", "customer", "73", {"level": "A"}), (200, {"data": []}), "denied"),
        (Action("claim", "customer", "73"), (200, {"data": []}), "denied"),
        (Action("delete", "lead", "7"), no_as("No permissions", 403), "denied"),
        (Action("list", "payment"), no_as("No permissions", 403), "denied"),
        (Action("create", "customer", None, {"name": "x"}), no_as("客户已存在"), "duplicate"),
        (Action("change", "lead", "7", {"note": "x"}), no_as("线索已转化，不能再改"), "conflict"),
        (Action("create", "lead", None, {"company": "x"}), no_as("姓名 is required"), "invalid"),
    ],
)  # fmt: skip
def test_the_ways_in_which_nocobase_says_no_are_told_apart(action: Action, said: tuple[int, Any], kind: str) -> None:
    with pytest.raises(Refused) as no:
        replay(action, said)
    assert no.value.kind == kind


def test_a_blocked_token_is_an_expired_session() -> None:
    blocked = {"errors": [{"message": "Your session has expired. Please sign in again.", "code": "BLOCKED_TOKEN"}]}
    with pytest.raises(Refused) as no:
        replay(Action("list", "lead"), (401, blocked), (401, blocked))
    assert no.value.kind == "expired"


def test_a_customer_is_read_in_canonical_words() -> None:
    found, calls = replay(Action("read", "customer", "73"), (200, {"data": MINE}))
    assert isinstance(found, Record)
    assert (found["name"], found["phone"]) == ("苏州华东机械有限公司", "13812345678")
    assert (found["owner"], found["state"]) == ("lina", "active")
    assert (calls[0].path, calls[0].params) == ("/api/crm_customers:get", {"filterByTk": "73"})


def test_a_search_asks_in_nocobases_filter_language() -> None:
    page = {"data": [MINE], "meta": {"count": 1}}
    _, calls = replay(Action("list", "customer", options={"q": "华东", "where": {"owner": "lina"}}), (200, page))
    asked = json.loads(str(calls[0].params["filter"]))
    assert {"owner_id": {"$eq": 2}} in asked["$and"]
    assert {"$or": [{"company_name": {"$includes": "华东"}}, {"mobile": {"$includes": "华东"}}]} in asked["$and"]


def test_what_only_the_company_lacks_says_which_line_would_give_it() -> None:
    assert not SYSTEM.supports("disable", "user")
    assert SYSTEM.supports("convert", "lead")
    assert SYSTEM.supports("order", "quote")


def test_roles_speak_of_collections_and_fields_that_there_are() -> None:
    for role in TABLE["roles"].values():
        assert set(role["rights"]) <= set(COLLECTIONS)
        assert {of for rights in role["rights"].values() for of in rights.values()} <= {"all", *TABLE["scopes"]}
        for kind in ("hides", "writes"):
            for collection, fields in role.get(kind, {}).items():
                assert set(fields) <= set(field_names(collection))
    assert {role for _, _, role in PEOPLE.values()} == set(TABLE["roles"])


def test_pages_show_fields_that_there_are() -> None:
    assert set(PAGES) == set(COLLECTIONS)
    for collection, page in PAGES.items():
        assert {name for names in page.values() for name in names} <= set(field_names(collection))


def test_rules_fill_in_the_results_of_earlier_steps_and_nothing_else() -> None:
    filled = seed_rules._filled(
        {"a": "{sum}", "b": "{{keys.name}}", "c": "{{$context.data.id}}"}, {"sum": "k1", "keys": "k2"}
    )
    assert filled == {
        "a": "{{$jobsMapByNodeKey.k1}}",
        "b": "{{$jobsMapByNodeKey.k2.name}}",
        "c": "{{$context.data.id}}",
    }


def test_a_rule_about_a_reference_knows_how_forms_send_it_and_how_programs_do() -> None:
    asked = [json.dumps(rule["steps"], ensure_ascii=False) for rule in seed_rules.TABLE["refuse"]]
    by_id = re.compile(r"params\.values\.(customer|order|quote)_id\}\}")
    found = [(steps, name) for steps in asked for name in by_id.findall(steps)]
    assert len(found) >= 8
    assert all(f"{{{{$context.params.values.{name}}}}}" in steps for steps, name in found)


def test_the_seeded_people_are_those_of_the_workspace() -> None:
    with (ROOT / "fixtures" / "people.ten.csv").open(encoding="utf-8-sig", newline="") as table:
        rows = {row["key"]: (row["name"], row["department"]) for row in csv.DictReader(table)}
    assert {key: (name, department) for key, (name, department, _) in PEOPLE.items()} == rows


def test_only_a_right_with_a_scope_can_be_widened() -> None:
    check("r_sales/crm_customers:view")
    with pytest.raises(WrongUse, match="r_sales/crm_customers:view"):
        check("r_sales/crm_customers:views")
    with pytest.raises(WrongUse, match="widen"), SYSTEM.launch(options={"widne": "x"}):
        pass
    with pytest.raises(WrongUse, match="可放宽"), SYSTEM.launch(options={"widen": "crm_customers:list"}):
        pass


def test_the_pinned_contract_says_of_every_operation_what_it_is() -> None:
    found = operations(json.loads((ROOT / "security" / "openapi" / "nocobase.json").read_text("utf-8")))
    assert len(found) > 20
    assert all(one.action for one in found)
    keys = {one.action: one.key for one in found}
    assert keys["read"] == keys["change"] == "filterByTk"
    assert keys["list"] == ""


def test_every_package_is_pinned_with_its_checksum_and_names_no_registry() -> None:
    lock = json.loads((HERE / "packages" / "package-lock.json").read_text("utf-8"))
    packages = [row for name, row in lock["packages"].items() if name]
    assert len(packages) > 1000
    assert all(row.get("integrity", "").startswith("sha512-") for row in packages)
    assert not any("resolved" in row for row in packages)


def test_nothing_of_nocobase_itself_is_packed_and_the_adapter_needs_little_code() -> None:
    """AGPL code runs in processes of its own; we speak to it by HTTP. The description is the mapping file."""
    assert not [*HERE.rglob("*.js"), *HERE.rglob("*.ts")]
    assert len((HERE / "__init__.py").read_text("utf-8").splitlines()) < 150
