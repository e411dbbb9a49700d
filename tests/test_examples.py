"""The examples stand as they are: mappings load, tables are read, npm packages are pinned, the workspace lies down."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from crm_acceptance import catalogue, profile
from crm_acceptance.engines.permissions import table
from crm_acceptance.systems.flow import Answer
from crm_acceptance.systems.rest import mapping
from crm_acceptance.systems.rest.places import Reply
from crm_acceptance.systems.rest.refusals import kind_of
from examples import business
from examples.trial import lay_down

EXAMPLES = Path(__file__).resolve().parent.parent / "examples"
SYSTEMS = ("directus", "strapi")
CORE = {"customer", "contact", "lead", "opportunity", "order", "ticket"}
VERBS = {"create", "read", "list", "count", "change", "delete"}


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_mapping_is_well_formed_and_names_every_core_object_with_every_core_verb(system: str) -> None:
    loaded = mapping.load(EXAMPLES / system / "workspace" / "mapping.toml")
    assert set(loaded.objects) >= CORE
    assert {name: VERBS - set(loaded.objects[name].calls) for name in CORE} == {name: set() for name in CORE}


@pytest.mark.parametrize("system", SYSTEMS)
def test_no_field_of_the_company_has_the_name_of_ours(system: str) -> None:
    """Otherwise the example would prove less than it says: it would fit by chance."""
    loaded = mapping.load(EXAMPLES / system / "workspace" / "mapping.toml")
    same = {
        f"{name}.{field.name}" for name in CORE for field in loaded.objects[name].fields.values()
        if field.path == field.name
    }  # fmt: skip
    assert same <= {"contact.customer"}


@pytest.mark.parametrize("system", SYSTEMS)
def test_every_package_from_npm_is_pinned_with_its_hash_and_names_no_registry(system: str) -> None:
    lock = json.loads((EXAMPLES / system / "npm" / "package-lock.json").read_text("utf-8"))
    packages = {name: one for name, one in lock["packages"].items() if name and not one.get("link")}
    assert len(packages) > 500
    assert [name for name, one in packages.items() if "integrity" not in one and not one.get("inBundle")] == []
    assert [name for name, one in packages.items() if "resolved" in one] == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_what_the_example_asks_of_npm_is_exact(system: str) -> None:
    wanted = json.loads((EXAMPLES / system / "npm" / "package.json").read_text("utf-8"))["dependencies"]
    assert [version for version in wanted.values() if not re.fullmatch(r"\d+\.\d+\.\d+", version)] == []


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_workspace_lies_down_with_the_company_s_own_files_over_it(system: str, tmp_path: Path) -> None:
    folder = tmp_path / "work"
    (folder / "reports" / "earlier").mkdir(parents=True)
    (folder / "stale.txt").write_text("old")
    lay_down(system, folder)
    assert (folder / "reports" / "earlier").is_dir()
    assert not (folder / "stale.txt").exists()
    found = profile.load(folder)
    assert found.system == system
    assert found.path("mapping") == folder / "mapping.toml"
    people = catalogue.load(found).people
    assert {"lina", "wangqiang", "chenjing", "sunli", "wufang", "fenglei"} <= set(people)


@pytest.mark.parametrize("system", SYSTEMS)
def test_the_permission_table_speaks_of_people_who_work_there_and_of_known_requirements(
    system: str, tmp_path: Path
) -> None:
    lay_down(system, tmp_path / "work")
    known = catalogue.load(profile.load(tmp_path / "work"))
    roles = {person.role for person in known.people.values()}
    matrix = table.load(tmp_path / "work" / "security" / "permissions.csv", roles, known.requirements)
    assert len(matrix.rules) > 50


def test_the_same_business_is_made_every_time_and_is_about_two_hundred_records() -> None:
    people = business.colleagues(EXAMPLES / "directus" / "workspace" / "fixtures" / "people.csv")
    made, again = business.business(people), business.business(people)
    assert made == again
    kinds = (made.customers, made.contacts, made.leads, made.opportunities, made.orders, made.tickets)
    assert 200 <= sum(len(rows) for rows in kinds) <= 300
    assert {row["owner"] for row in made.customers} == {one.key for one in people if one.role == "sales_rep"}


@pytest.mark.parametrize("body", [
    r'{"errors": [{"message": "Validation failed for field \"fuzeren\"."}]}',
    r'{"errors": [{"message": "\u5b57\u6bb5 field \u0022fuzeren\u0022"}]}',
])  # fmt: skip
def test_words_of_a_refusal_are_found_although_json_writes_them_with_backslashes(body: str) -> None:
    loaded = mapping.load(EXAMPLES / "directus" / "workspace" / "mapping.toml")
    reply = Reply(Answer(400, {"content-type": "application/json"}, body.encode()), {})
    assert kind_of(loaded, reply) == "denied"
