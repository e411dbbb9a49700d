"""Drafting a mapping from API documents of many styles: how much is right, and that the file can be read as it is."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path
from typing import Any

import map_shares
import pytest

from crm_acceptance.drafting import assembling, document, writing
from crm_acceptance.drafting.drafts import Draft
from crm_acceptance.systems.rest import mapping

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = map_shares.documents()
ALL = {**SAMPLES, "refcrm": ROOT / "security" / "openapi" / "refcrm.json"}


def drafted(root: dict[str, Any]) -> Draft:
    """The draft of a document that is at hand as a table."""
    return assembling.drafted(document.read(json.dumps(root), "made.json"), "made")


def text_of(path: Path) -> str:
    """The file that is drafted from a document."""
    return writing.written(map_shares.drafted(path), path.name)


def loaded(text: str, folder: Path) -> mapping.Mapping:
    """The mapping in a drafted text, as the program itself reads it."""
    file = folder / "mapping.toml"
    file.write_text(text, encoding="utf-8")
    return mapping.load(file)


@pytest.mark.parametrize("name", SAMPLES)
def test_nearly_every_call_and_field_of_a_sample_is_guessed_right(name: str) -> None:
    told = map_shares.share(name, SAMPLES[name])
    assert told.calls[0] / told.calls[1] >= 0.95, told.wrong
    assert told.fields[0] / told.fields[1] >= 0.9, told.wrong


@pytest.mark.parametrize("name", ALL)
def test_a_draft_can_be_read_without_an_edit(name: str, tmp_path: Path) -> None:
    found = loaded(text_of(ALL[name]), tmp_path)
    assert found.objects


@pytest.mark.parametrize("name", ALL)
def test_every_guess_has_its_reason_beside_it(name: str) -> None:
    lines = text_of(ALL[name]).splitlines()
    guesses = [line for line in lines if line.startswith(("path", "login", "list", "create", "kind", "prefix"))]
    assert guesses
    assert [line for line in guesses if writing.GUESSED not in line] == []


def test_the_reference_crm_is_drafted_whole_without_knowing_it(tmp_path: Path) -> None:
    found = loaded(text_of(ALL["refcrm"]), tmp_path)
    core = [found.objects[name] for name in assembling.CORE]
    for verb in ("list", "read", "create", "change", "delete", "count"):
        assert [one.name for one in core if verb not in one.calls] == []
    assert found.auth.kind == "bearer"
    assert found.auth.login is not None and found.auth.login.save == {"token": "token"}
    assert (found.paging.kind, found.paging.page, found.paging.size, found.paging.largest) == (
        "page",
        "page",
        "size",
        200,
    )
    assert (found.errors.code, found.errors.message) == ("error.code", "error.message")
    assert {"convert", "assign"} <= set(found.objects["lead"].calls)
    assert {"submit", "approve", "reject", "order"} <= set(found.objects["quote"].calls)
    assert found.objects["followup"].calls["create"].call == "POST {parent_path}/{parent_id}/followups"


def test_an_envelope_with_a_code_is_seen_and_what_means_success(tmp_path: Path) -> None:
    found = loaded(text_of(SAMPLES["chinese_rpc"]), tmp_path)
    assert (found.errors.success_path, found.errors.success_values) == ("code", (200,))
    assert found.objects["customer"].calls["list"].rows == "data.list"
    assert found.objects["customer"].calls["list"].total == "data.total"
    assert found.auth.headers == {"X-Access-Token": "{token}"}


def test_money_in_cents_and_german_dates_are_seen(tmp_path: Path) -> None:
    fields = loaded(text_of(SAMPLES["german_rest"]), tmp_path).objects["opportunity"].fields
    assert fields["amount"].unit == "cent"
    assert fields["close_date"].format == "%d.%m.%Y"


def test_codes_that_a_description_explains_become_choices(tmp_path: Path) -> None:
    objects = loaded(text_of(SAMPLES["chinese_rpc"]), tmp_path).objects
    assert objects["lead"].fields["state"].choices == {"new": 0, "contacted": 1, "converted": 2, "lost": 3}
    assert objects["customer"].fields["state"].choices == {"active": 1, "pool": 2}


def test_relations_of_json_api_are_written_with_their_type(tmp_path: Path) -> None:
    field = loaded(text_of(SAMPLES["jsonapi"]), tmp_path).objects["opportunity"].fields["customer"]
    assert (field.path, field.write) == ("relationships.account.data.id", "relationships.account")
    assert field.wrap == {"data": {"type": "accounts", "id": "{value}"}}


def test_what_is_no_canonical_object_is_offered_and_not_drafted() -> None:
    text = text_of(SAMPLES["chinese_rpc"])
    assert "# [objects.x_contract]" in text
    assert "[objects.x_contract]" not in [line for line in text.splitlines() if not line.startswith("#")]


def test_a_purchase_order_is_not_taken_for_an_order() -> None:
    found = {one.name: one.path for one in map_shares.drafted(SAMPLES["enterprise"]).objects}
    assert found["order"].endswith("/sales-orders")


def test_swagger_yaml_and_wrapped_documents_give_the_same_as_plain_json() -> None:
    raw = SAMPLES["actions"].read_text(encoding="utf-8")
    inner = json.loads(raw)["data"]
    plain = drafted(inner)
    wrapped = assembling.drafted(document.read(raw, "made.json"), "made")
    assert writing.written(plain, "x") == writing.written(wrapped, "x")


def test_two_thousand_operations_that_share_their_schema_are_drafted() -> None:
    schema = {"type": "object", "properties": {f"field_{n}": {"type": "string"} for n in range(30)}}
    paths: dict[str, Any] = {}
    for number in range(400):
        item = {
            "200": {"description": "", "content": {"application/json": {"schema": {"$ref": "#/components/schemas/T"}}}}
        }
        paths[f"/things{number}"] = {"get": {"responses": item}, "post": {"responses": item}}
        paths[f"/things{number}/{{id}}"] = {verb: {"responses": item} for verb in ("get", "patch", "delete")}
    paths["/customers"], paths["/customers/{id}"] = paths["/things0"], paths["/things0/{id}"]
    found = drafted({"openapi": "3.0.0", "paths": paths, "components": {"schemas": {"T": schema}}})
    assert found.operations >= 2000
    assert [one.name for one in found.objects] == ["customer"]


def test_the_lines_that_the_summary_names_are_those_of_the_file() -> None:
    text = text_of(SAMPLES["german_rest"])
    for header, line in writing.numbered(text, ("auth", "paging", "objects.customer")).items():
        assert text.splitlines()[line - 1] == f"[{header}]"
    assert tomllib.loads(text)["api"]["prefix"] == "/nord/api/v2"
