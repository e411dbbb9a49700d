"""What is asked of an operation that nobody listed, read off its document; and what it will take."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crm_acceptance.engines.fuzz import coverage
from crm_acceptance.engines.fuzz.aims import questions, takes_ids, widening
from crm_acceptance.engines.fuzz.contract import pinned
from crm_acceptance.engines.fuzz.each import of_each
from crm_acceptance.engines.fuzz.harmless import harmless
from crm_acceptance.engines.fuzz.naming import Operation, meaning, operations
from crm_acceptance.engines.fuzz.planning import requests_planned, walks_planned
from crm_acceptance.engines.fuzz.shapes import shape_of
from crm_acceptance.engines.permissions.drafts import draft
from crm_acceptance.engines.permissions.garden import Canary
from crm_acceptance.engines.permissions.table import Matrix, Rule
from crm_acceptance.errors import Unproven, WrongUse
from crm_acceptance.model import Person
from crm_acceptance.systems.flow import Answer

PINNED = Path(__file__).parent.parent / "security" / "openapi" / "refcrm.json"
OWNER = Person("bob", "波", "sales", "rep", "bob.login")
ANSWERS = {"responses": {"200": {"description": "ok"}}}
MANY = {"properties": {"ids": {"type": "array", "items": {"type": "integer"}}, "fields": {"type": "object"}}}


def canary(kind: str) -> Canary:
    plan = draft(kind, "7")
    return Canary(kind, {"customer": "51", "order": "62"}.get(kind, "9"), OWNER, {"phone": "19012345678"}, plan)


def asked(method: str, path: str, *names: str, **said: Any) -> tuple[Any, ...]:
    query = [{"name": name, "in": "query", "schema": {"type": "string"}} for name in names]
    in_path = [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}] if "{id}" in path else []
    document = {"paths": {path: {method: {"parameters": [*query, *in_path], **ANSWERS, **said}}}}
    (one,) = operations(document)
    return questions(one, shape_of(document, one), canary)


def test_words_ids_and_all_that_is_around_are_asked_for_and_not_more_than_four_times() -> None:
    found = asked("get", "/everything", "limit", "expand", "keyword", "customerId", "order_id", "colour")
    assert [set(one.query) for one in found] == [{"limit"}, {"expand"}, {"keyword"}, {"customerId"}]
    assert found[3].query["customerId"] == "51"
    assert found[2].query["keyword"].startswith("jsq")


def test_the_id_of_the_path_is_that_of_its_noun() -> None:
    assert asked("get", "/orders/{id}/card")[0].path == {"id": "62"}
    assert asked("get", "/strange/{id}")[0].path == {"id": "51"}


def test_a_body_that_names_records_names_the_canary_and_changes_it_harmlessly() -> None:
    content = {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Many"}}}}
    document = {
        "paths": {"/customers/rewrite": {"post": {"requestBody": content, **ANSWERS}}},
        "components": {"schemas": {"Many": MANY}},
    }
    (one,) = operations(document)
    shape = shape_of(document, one)
    (question,) = questions(one, shape, canary)
    assert takes_ids(shape)
    assert question.body["ids"] == [51]
    assert question.body["fields"]["address"].startswith("改")


def test_a_reference_to_itself_ends() -> None:
    schema = {"$ref": "#/components/schemas/Loop"}
    document = {
        "paths": {"/x": {"post": {"requestBody": {"content": {"application/json": {"schema": schema}}}, **ANSWERS}}},
        "components": {"schemas": {"Loop": schema}},
    }
    assert shape_of(document, operations(document)[0]).body == {}


def test_what_hangs_on_a_record_is_told_by_the_path_and_by_rows_of_what_hangs_there() -> None:
    assert meaning("get", "/api/v1/customers/{id}/orders") == ("order", "list")
    document = {"paths": {"/customers/{id}/orders": {"get": ANSWERS}}}
    (one,) = operations(document)
    matrix = Matrix((Rule("rep", "list", "order", "own", {}, ("SEC-003",)),))
    assert (one.parent, one.related) == ("customer", True)
    assert coverage.requirements(matrix, ("rep",), one, ("SEC-003", "SEC-019")) == ("SEC-019",)
    assert coverage.requirements(matrix, ("rep",), one, ("SEC-003",)) == ("SEC-003",)


def test_an_operation_about_everything_is_said_by_the_contract() -> None:
    (one,) = operations({"paths": {"/search": {"get": {"x-crm-acceptance": "*.search", **ANSWERS}}}})
    matrix = Matrix((Rule("rep", "search", "order", "own", {}, ("SEC-003",)),))
    assert one.broad
    assert coverage.silent(matrix, ("boss", "rep"), one) == ("boss",)
    assert coverage.requirements(matrix, ("rep",), one, ("SEC-012",)) == ("SEC-012",)
    with pytest.raises(WrongUse):
        operations({"paths": {"/search": {"get": {"x-crm-acceptance": "*.explode"}}}})


def test_a_role_that_cannot_be_tried_hides_nothing_of_the_others() -> None:
    def findings(role: str) -> list[str]:
        if role == "mute":
            raise Unproven("cannot sign in")
        return ["leak"] if role == "leaky" else []

    assert of_each(["mute", "leaky", "leaky"], findings) == ["leak"]
    with pytest.raises(Unproven, match="sign in"):
        of_each(["mute", "fine"], findings)


def test_two_operations_of_one_name_stay_two_checks() -> None:
    said = {"operationId": "list", **ANSWERS}
    found = operations({"paths": {"/customers": {"get": said}, "/orders": {"get": said}}})
    assert [one.name for one in found] == ["list", "list_2"]


@pytest.mark.parametrize(
    ("body", "empty"),
    [
        (b"", True),
        (b'{"data": [], "total": 0, "page": 1}', True),
        (b'{"items": [], "total": 3}', False),
        (b'{"items": [{"id": 1}], "total": 1}', False),
        (b'{"count": 0}', False),
        (b"<html>", False),
    ],
)
def test_an_answer_is_harmless_only_when_it_neither_shows_nor_counts_anything(body: bytes, empty: bool) -> None:
    assert harmless(Operation("GET", "/x", "x", "customer", "list"), Answer(200, {}, body)) is empty


def test_eight_roles_and_three_hundred_operations_are_planned_in_under_fifteen_thousand_requests() -> None:
    roles = [f"role{number}" for number in range(8)]
    found = operations(pinned(PINNED))
    each = sum(requests_planned(one, roles) for one in found) / len(found)
    assert 300 * each + walks_planned(roles) < 15_000


def test_the_reference_crm_shows_what_is_around_a_record_to_whoever_asks() -> None:
    document = pinned(PINNED)
    wide = {one.name: widening(shape_of(document, one)) for one in operations(document)}
    assert wide["readOrder"] == {"expand": "customer"}
    assert wide["listOrders"] == {}
