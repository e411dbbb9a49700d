"""Rules for paging, totals, envelopes and signing in, each on a small document in words that no table knows."""

from __future__ import annotations

import json
from typing import Any

import pytest
from map_pieces import TEXT, WHOLE, answer, asked, asks, drafted, one, records, table, thing


def cursored(*parameters: Any, beside: Any = None) -> dict[str, Any]:
    """A list whose answer has rows, a total, and what else is told."""
    beside = {"fortsatt": {"anyOf": [TEXT, {"type": "null"}]}} if beside is None else beside
    held = {"type": "array", "items": thing()}
    listed = {"type": "object", "required": ["items", "total"], "properties": {"items": held, "total": WHOLE, **beside}}
    paging = table(drafted(records("/customers", thing(), parameters, listed)), "paging")
    return {name: value for name, value in paging.items() if name != "first"}


SIZE = asked("antall", {"type": "integer", "maximum": 50})


def test_a_cursor_in_words_of_no_table_is_found_by_where_things_stand() -> None:
    found = cursored(asked("felt_x"), asked("fra"), SIZE, asked("sort"))
    assert found == {"kind": "cursor", "cursor": "fra", "next": "fortsatt", "size": "antall", "largest": 50}


@pytest.mark.parametrize(
    "parameters",
    [
        (SIZE,),
        (asked("fra"),),
        (asked("search"), SIZE),
        (asked("fra", {"enum": ["a", "b"], "type": "string"}), SIZE),
        (asked("fra", TEXT, required=True), SIZE),
        (asked("phone"), SIZE),
    ],
)
def test_a_parameter_with_another_meaning_is_no_cursor(parameters: tuple[Any, ...]) -> None:
    assert cursored(*parameters)["kind"] == "none"


@pytest.mark.parametrize("beside", [{}, {"message": TEXT}, {"a": TEXT, "b": TEXT}, {"at": {**TEXT, "format": "date"}}])
def test_without_one_text_that_may_be_the_next_cursor_there_is_none(beside: Any) -> None:
    assert cursored(asked("fra"), SIZE, beside=beside)["kind"] == "none"


@pytest.mark.parametrize(
    ("parameters", "kind", "most"),
    [
        ((asked("page", WHOLE), asked("size", {"type": "integer", "maximum": 200})), "page", 200),
        ((asked("offset", WHOLE), asked("limit", {"type": "integer", "exclusiveMaximum": 501})), "offset", 500),
        ((asked("page", WHOLE), asked("size", WHOLE, description="每页条数，最大 80")), "page", 80),
        ((asked("page", WHOLE), asked("size", WHOLE, description="rows a page")), "page", 100),
    ],
)
def test_the_most_rows_a_page_are_those_of_the_document(parameters: Any, kind: str, most: int) -> None:
    found = cursored(*parameters, beside={})
    assert (found["kind"], found["largest"]) == (kind, most)


def test_a_start_that_is_a_text_is_the_cursor_where_answers_point_to_the_next() -> None:
    assert cursored(asked("start"), SIZE, beside={"next": TEXT})["cursor"] == "start"
    assert cursored(asked("start", WHOLE), SIZE, beside={})["kind"] == "offset"


LOGIN = {"type": "object", "properties": {"grant_type": TEXT, "username": TEXT, "password": TEXT}}
HEADER = {"name": "authorization", "in": "header", "schema": TEXT}


def signed(body: Any, media: str, token: Any) -> dict[str, Any]:
    """[auth] of a CRM whose calls have a header authorization."""
    paths = records("/customers", thing())
    for item in paths.values():
        item["parameters"] = [HEADER]
    paths["/session/login"] = {"post": {"requestBody": asks(body, media), "responses": answer(token)}}
    return table(drafted(paths), "auth")


def test_a_form_with_a_grant_type_is_oauth_and_its_token_a_bearer() -> None:
    token = {"type": "object", "properties": {"access_token": TEXT, "token_type": TEXT}}
    auth = signed(LOGIN, "application/x-www-form-urlencoded", token)
    assert auth["kind"] == "oauth2_password"
    assert auth["headers"] == {"Authorization": "Bearer {token}"}


def test_a_header_authorization_takes_a_bearer_even_if_nothing_says_so_and_the_guess_is_told() -> None:
    body = {"type": "object", "properties": {"username": TEXT, "password": TEXT}}
    auth = signed(body, "application/json", {"type": "object", "properties": {"token": TEXT}})
    assert (auth["kind"], auth["headers"]) == ("bearer", {"Authorization": "Bearer {token}"})


def test_calls_with_a_header_for_a_token_are_no_cookie_session_though_no_answer_shows_the_token() -> None:
    body = {"type": "object", "properties": {"username": TEXT, "password": TEXT}}
    auth = signed(body, "application/json", {"type": "object", "properties": {"code": WHOLE, "data": {}}})
    assert (auth["kind"], auth["login"]["save"]) == ("bearer", {"token": "data.token"})


def test_a_list_that_counts_on_demand_is_told_to() -> None:
    held = {"type": "object", "properties": {"results": {"type": "array", "items": thing()}, "__count": TEXT}}
    listed = {"type": "object", "properties": {"d": held}}
    counting = asked("$inlinecount", {"type": "string", "enum": ["none", "allpages"]})
    call = one(records("/customers", thing(), (counting,), listed), "customer").calls["list"].table
    assert (call["rows"], call["total"], call["params"]) == ("d.results", "d.__count", {"$inlinecount": "allpages"})


def flagged(flag: str, everywhere: bool) -> dict[str, Any]:
    """[errors] of a CRM that answers a yes or no: in every answer, or in its lists only."""
    yes = {flag: {"type": "boolean"}}
    listed = {"type": "object", "properties": {**yes, "rader": {"type": "array", "items": thing()}}}
    whole = {"type": "object", "properties": {**(yes if everywhere else {}), "rad": thing()}}
    paths = {**records("/customers", thing(), (), listed), **records("/leads", thing(), (), listed)}
    for item in paths.values():
        for method, call in item.items():
            if method != "get" or "rader" not in json.dumps(call):
                call["responses"] = answer(whole)
    return table(drafted(paths), "errors")


@pytest.mark.parametrize("flag", ["ok", "sucesso", "lyckades"])
def test_a_flag_in_every_answer_is_an_envelope_whatever_it_is_called(flag: str) -> None:
    assert flagged(flag, everywhere=True)["success"] == {"path": flag, "values": [True]}


def test_a_flag_of_lists_only_says_something_else() -> None:
    assert "success" not in flagged("finns_mer", everywhere=False)


@pytest.mark.parametrize(
    ("beside", "total"),
    [
        ({"antal": WHOLE}, "antal"),
        ({"radernas_total": WHOLE, "tid": WHOLE}, "radernas_total"),
        ({"antal": WHOLE, "sedan": WHOLE}, None),
        ({"page": WHOLE}, None),
        ({"code": WHOLE}, None),
    ],
)
def test_the_only_number_beside_the_rows_is_their_total(beside: Any, total: str | None) -> None:
    listed = {"type": "object", "properties": {"rader": {"type": "array", "items": thing()}, **beside}}
    assert one(records("/customers", thing(), (), listed), "customer").calls["list"].table.get("total") == total


def test_two_texts_for_a_token_are_a_login_in_any_language() -> None:
    body = {"type": "object", "properties": {"anvandare": TEXT, "losenord": TEXT}}
    paths = records("/customers", thing())
    paths["/slapp-in"] = {
        "post": {"requestBody": asks(body), "responses": answer({"type": "object", "properties": {"token": TEXT}})}
    }
    auth = table(drafted(paths), "auth")
    assert auth["login"]["body"] == {"anvandare": "{login}", "losenord": "{password}"}
    paths["/slapp-in"]["post"]["responses"] = answer({"type": "object", "properties": {"id": WHOLE}})
    assert table(drafted(paths), "auth")["kind"] == "none"
