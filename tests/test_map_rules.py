"""Single rules of the drafting, each on a small document in words that no table knows where the rule needs none."""

from __future__ import annotations

import json
from typing import Any

import pytest

from crm_acceptance.drafting import assembling, document, writing
from crm_acceptance.drafting.drafts import Draft, ObjectDraft

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}


def thing(**properties: Any) -> dict[str, Any]:
    """An object schema with an id and these properties."""
    return {"type": "object", "properties": {"id": WHOLE, "name": TEXT, "phone": TEXT, **properties}}


def answer(schema: Any) -> dict[str, Any]:
    """A 200 that answers this."""
    return {"200": {"description": "", "content": {"application/json": {"schema": schema}}}}


def asks(schema: Any, media: str = "application/json") -> dict[str, Any]:
    """A body of this schema."""
    return {"content": {media: {"schema": schema}}}


def asked(name: str, schema: Any = TEXT, **told: Any) -> dict[str, Any]:
    """A parameter of the query."""
    return {"name": name, "in": "query", "schema": schema, **told}


def records(path: str, schema: Any, parameters: Any = (), listed: Any = None) -> dict[str, Any]:
    """The everyday calls of one thing."""
    listed = listed or {"type": "array", "items": schema}
    return {
        path: {
            "get": {"parameters": list(parameters), "responses": answer(listed)},
            "post": {"requestBody": asks(schema), "responses": answer(schema)},
        },
        f"{path}/{{id}}": {
            "get": {"responses": answer(schema)},
            "put": {"requestBody": asks(schema), "responses": answer(schema)},
            "delete": {"responses": {"204": {"description": ""}}},
        },
    }


def drafted(paths: dict[str, Any]) -> Draft:
    """The draft of a document with these paths."""
    raw = json.dumps({"openapi": "3.1.0", "info": {"title": "x"}, "paths": paths})
    return assembling.drafted(document.read(raw, "made.json"), "x")


def one(paths: dict[str, Any], name: str) -> ObjectDraft:
    """One object of that draft."""
    return next(each for each in drafted(paths).objects if each.name == name)


def table(draft: Draft, header: str) -> dict[str, Any]:
    """A table of the file."""
    section = next(each for each in draft.sections if each.header == header)
    return {entry.key: entry.value for entry in section.entries}


@pytest.mark.parametrize("key", ["guid", "uuid", "code", "id", "kennung", "idFirma"])
def test_a_reference_with_nothing_but_an_id_is_read_and_written_at_it(key: str) -> None:
    ref = {"anyOf": [{"type": "object", "title": "Ref", "properties": {key: TEXT}}, {"type": "null"}]}
    field = one(records("/contacts", thing(customer=ref)), "contact").fields["customer"]
    assert (field.path, field.write) == (f"customer.{key}", "customer")
    assert field.table["wrap"] == {key: "{value}"}
    assert "label" not in field.table


def test_the_title_of_a_type_is_no_label_and_that_of_a_property_is() -> None:
    fields = one(
        records("/leads", thing(state={"enum": ["new"], "title": "LeadStatus"}, note={**TEXT, "title": "Bemerkung"})),
        "lead",
    ).fields
    assert "label" not in fields["state"].table
    assert fields["note"].table["label"] == ["Bemerkung"]


def test_an_owner_of_which_nothing_is_shown_is_only_read() -> None:
    drawn = one(records("/customers", thing(owner={"type": "object", "additionalProperties": True})), "customer")
    assert (drawn.fields["owner"].path, drawn.fields["owner"].write) == ("owner", "")
    assert "read only" in drawn.fields["owner"].why
    assert "transfer" not in drawn.calls


@pytest.mark.parametrize(
    "name", ["betrag_cent", "amountCents", "amountInCents", "amount_fen", "amount_minor", "amountcents", "金额_分"]
)
def test_amounts_that_are_named_after_their_unit_are_money_in_cents(name: str) -> None:
    field = one(records("/opportunities", thing(stage=TEXT, **{name: WHOLE})), "opportunity").fields["amount"]
    assert (field.path, field.table["unit"]) == (name, "cent")


@pytest.mark.parametrize("name", ["amount", "amount_eur", "discount_percent"])
def test_amounts_in_whole_units_are_not_taken_for_cents(name: str) -> None:
    fields = one(records("/quotes", thing(total={"type": "number"}, **{name: {"type": "number"}})), "quote").fields
    assert [each.name for each in fields.values() if "unit" in str(each.table)] == []


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


@pytest.mark.parametrize(
    ("path", "word", "verb"),
    [
        ("/customers", "uebergabe", "transfer"),
        ("/customers", "zhuanyi", "transfer"),
        ("/customers", "zhuanjiao", "transfer"),
        ("/customers", "transferer", "transfer"),
        ("/customers", "reasignar", "transfer"),
        ("/tickets", "zuweisen", "assign"),
        ("/tickets", "zuteilung", "assign"),
        ("/tickets", "fenpei", "assign"),
        ("/tickets", "affecter", "assign"),
        ("/tickets", "asignar", "assign"),
    ],
)
def test_a_step_that_hands_over_wins_over_a_change_and_fills_its_one_field(path: str, word: str, verb: str) -> None:
    paths = records(path, thing(owner_id=WHOLE, title=TEXT))
    body = {"type": "object", "properties": {"an": TEXT}}
    paths[f"{path}/{{id}}/{word}"] = {"post": {"requestBody": asks(body), "responses": answer(thing())}}
    call = one(paths, path.strip("/").rstrip("s")).calls[verb].table
    assert (call["call"], call["body"]) == (f"POST {{path}}/{{id}}/{word}", {"an": "{to}"})


@pytest.mark.parametrize(
    ("path", "word", "verb"),
    [
        ("/quotes", "genehmigung", "approve"), ("/quotes", "tongguo", "approve"), ("/quotes", "valider", "approve"),
        ("/quotes", "aprobar", "approve"), ("/quotes", "ablehnen", "reject"), ("/quotes", "bohui", "reject"),
        ("/quotes", "rechazar", "reject"), ("/quotes", "refuser", "reject"), ("/orders", "stornieren", "cancel"),
        ("/orders", "quxiao", "cancel"), ("/orders", "annuler", "cancel"), ("/orders", "anular", "cancel"),
        ("/orders", "bestaetigung", "confirm"), ("/orders", "confirmer", "confirm"),
        ("/tickets", "abschliessen", "close"), ("/tickets", "guanbi", "close"), ("/tickets", "cloturer", "close"),
        ("/tickets", "cerrar", "close"), ("/customers", "renling", "claim"), ("/customers", "lingqu", "claim"),
        ("/customers", "uebernahme", "claim"), ("/customers", "tuihui", "release"),
    ],
)  # fmt: skip
def test_steps_are_known_in_other_languages(path: str, word: str, verb: str) -> None:
    paths = records(path, thing(title=TEXT, state=TEXT, amount=WHOLE, priority=TEXT, product=TEXT))
    paths[f"{path}/{{id}}/{word}"] = {"post": {"responses": answer(thing())}}
    assert one(paths, path.strip("/").rstrip("s")).calls[verb].table["call"] == f"POST {{path}}/{{id}}/{word}"


def test_a_step_of_unknown_name_that_asks_for_a_person_only_hands_over() -> None:
    paths = records("/customers", thing(owner_id=WHOLE))
    for word, name in (("blorp", "newOwnerId"), ("other", "color")):
        body = {"type": "object", "properties": {name: TEXT}}
        paths[f"/customers/{{id}}/{word}"] = {"post": {"requestBody": asks(body), "responses": answer(thing())}}
    call = one(paths, "customer").calls["transfer"]
    assert (call.table["call"], call.table["body"]) == ("POST {path}/{id}/blorp", {"newOwnerId": "{to}"})


def test_a_body_whose_names_nobody_tells_is_drafted_with_a_warning() -> None:
    paths = records("/customers", thing())
    blank = {"type": "object", "additionalProperties": TEXT}
    paths["/customers/{id}/transfer"] = {"post": {"requestBody": asks(blank), "responses": answer(thing())}}
    call = one(paths, "customer").calls["transfer"]
    assert call.table["body"] == {"to": "{to}"}
    assert "not in the document" in call.why


def test_steps_beside_a_collection_belong_to_what_they_are_about() -> None:
    paths = records("/svc/QuoteSet", thing(product=TEXT, total=WHOLE))
    paths["/svc/ApproveQuote"] = {
        "post": {"parameters": [asked("IdQuote", TEXT, required=True)], "responses": answer(thing())}
    }
    drawn = one(paths, "quote")
    assert (drawn.path, drawn.calls["approve"].table["params"]) == ("/QuoteSet", {"IdQuote": "{id}"})
    assert drawn.calls["approve"].table["call"] == "POST /ApproveQuote"


@pytest.mark.parametrize("key", ["({id})", "('{id}')", "(Id='{id}')"])
def test_keys_in_brackets_name_a_record_with_and_without_quotes(key: str) -> None:
    paths = records("/CustomerSet", thing())
    paths[f"/CustomerSet{key}"] = paths.pop("/CustomerSet/{id}")
    drawn = one(paths, "customer")
    assert (drawn.path, drawn.calls["read"].table["call"]) == ("/CustomerSet", f"GET {{path}}{key}")


def test_a_list_that_counts_on_demand_is_told_to() -> None:
    held = {"type": "object", "properties": {"results": {"type": "array", "items": thing()}, "__count": TEXT}}
    listed = {"type": "object", "properties": {"d": held}}
    counting = asked("$inlinecount", {"type": "string", "enum": ["none", "allpages"]})
    call = one(records("/customers", thing(), (counting,), listed), "customer").calls["list"].table
    assert (call["rows"], call["total"], call["params"]) == ("d.results", "d.__count", {"$inlinecount": "allpages"})


def test_a_flag_in_every_answer_is_an_envelope_whatever_stands_beside_it() -> None:
    listed = {"type": "object", "properties": {"ok": {"type": "boolean"}, "rader": {"type": "array", "items": thing()}}}
    whole = {"type": "object", "properties": {"ok": {"type": "boolean"}, "rad": thing()}}
    paths = records("/customers", thing(), (), listed)
    paths["/customers/{id}"]["get"]["responses"] = answer(whole)
    assert table(drafted(paths), "errors")["success"] == {"path": "ok", "values": [True]}


def test_choices_agree_with_the_gender_of_their_noun() -> None:
    offered = {"type": "string", "enum": ["Calificada", "Ganadas", "Perdida"]}
    stage = one(records("/opportunities", thing(amount=WHOLE, stage=offered)), "opportunity").fields["stage"]
    assert stage.choices["won"] == "Ganadas" and stage.choices["lost"] == "Perdida"


@pytest.mark.parametrize("name", ["ansprechpartner", "contact_person", "contactName", "lianxiren"])
def test_a_lead_is_called_after_the_person(name: str) -> None:
    schema = {"type": "object", "properties": {"id": WHOLE, name: TEXT, "company": TEXT, "phone": TEXT}}
    assert one(records("/leads", schema), "lead").fields["name"].path == name


def test_a_lead_that_a_conversion_answers_is_no_list_of_what_was_made() -> None:
    lead = thing(contact_name=TEXT, company=TEXT, source=TEXT, email=TEXT)
    paths = records("/leads", lead)
    paths["/leads/{id}/convert"] = {"post": {"responses": answer(lead)}}
    assert "steps" not in one(paths, "lead").calls["convert"].table
    made = {"type": "object", "properties": {"customer_id": WHOLE, "contact_id": WHOLE}}
    paths["/leads/{id}/convert"] = {"post": {"responses": answer(made)}}
    assert one(paths, "lead").calls["convert"].table["result"]["contact"] == "{contact}"


def test_every_draft_of_these_can_be_written() -> None:
    assert "[objects.customer]" in writing.written(drafted(records("/customers", thing())), "made")
