"""Rules for references, money, steps and choices, each on a small document."""

from __future__ import annotations

import pytest
from map_pieces import TEXT, WHOLE, answer, asked, asks, drafted, one, records, thing

from crm_acceptance.drafting import writing


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


def envelope(data: dict[str, object]) -> dict[str, object]:
    return {
        "type": "object",
        "properties": {"code": {"type": "integer", "description": "0 成功"}, "msg": TEXT, "data": data},
    }


def test_an_envelope_tells_code_and_message_where_the_document_has_but_the_422_of_its_framework() -> None:
    detail = {"type": "array", "items": {"type": "object", "properties": {"msg": TEXT, "type": TEXT}}}
    paths = records("/customers", thing())
    for item in paths.values():
        for operation in item.values():
            operation["responses"] = answer(envelope(thing()))
            operation["responses"] |= {"422": answer({"type": "object", "properties": {"detail": detail}})["200"]}
    errors = next(section for section in drafted(paths).sections if section.header == "errors")
    told = {entry.key: entry.value for entry in errors.entries}
    assert (told["code"], told["message"], told["success"]) == ("code", "msg", {"path": "code", "values": [0]})


def test_a_put_with_required_fields_gets_the_whole_record_when_it_is_shown_as_it_is_written() -> None:
    whole = {**thing(owner_id=WHOLE), "required": ["name"]}
    calls = one(records("/customers", whole), "customer").calls
    assert calls["change"].table["body"] == {"...": ["{old}", "{fields}"]}
    assert calls["transfer"].table["body"] == {"...": "{old}", "owner_id": "{to}"}
    paths = records("/customers", whole)
    paths["/customers/{id}"]["get"]["responses"] = answer(thing(owner_id=thing()))
    paths["/customers"]["get"]["responses"] = answer({"type": "array", "items": thing(owner_id=thing())})
    paths["/customers"]["post"]["responses"] = answer(thing(owner_id=thing()))
    assert one(paths, "customer").calls["change"].table["body"] == "{fields}"


def test_the_login_of_a_person_is_known_by_its_title_where_its_name_says_nothing() -> None:
    staff = {
        "type": "object",
        "properties": {"id": WHOLE, "gh": {**TEXT, "title": "工号"}, "xm": {**TEXT, "title": "姓名"}},
    }
    owned = records("/customers", thing(owner_id=WHOLE))
    made = drafted({**owned, "/users": {"get": {"responses": answer({"type": "array", "items": staff})}}})
    told = next(section for section in made.sections if section.header == "people").entries
    assert {entry.key: entry.value for entry in told}["login"] == "gh"


def test_every_draft_of_these_can_be_written() -> None:
    assert "[objects.customer]" in writing.written(drafted(records("/customers", thing())), "made")
