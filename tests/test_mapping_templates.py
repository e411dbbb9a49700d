"""Templates of a mapping file: filled in, left out, and which names they ask for."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crm_acceptance.model import Record
from crm_acceptance.systems.rest.templates import MISSING, fill, names, open_braces, whole

KNOWN: dict[str, Any] = {
    "id": "7", "n": 5, "amount": Decimal("1.50"), "none": None, "yes": True, "field": "due",
    "fields": {"a": 1}, "quote": Record("quote", "9", {"total": Decimal("12")}),
}  # fmt: skip


def known(name: str) -> Any:
    return KNOWN.get(name, MISSING)


def test_a_single_name_keeps_its_type() -> None:
    assert fill({"x": "{n}", "y": "{fields}", "z": "{amount}"}, known) == {"x": 5, "y": {"a": 1}, "z": Decimal("1.50")}


def test_names_within_a_text_become_text() -> None:
    assert fill("/a/{id}/{n}-{yes}-{none}.", known) == "/a/7/5-true-."


def test_keys_are_templates_too() -> None:
    assert fill({"filter[{field}]": ["{n}"]}, known) == {"filter[due]": [5]}


def test_several_tables_are_spread_into_one_and_the_last_has_the_last_word() -> None:
    known_too = {**KNOWN, "old": {"a": 0, "b": 2}}
    template = {"...": ["{old}", "{fields}", "{nothing}"], "id": "{id}"}
    assert fill(template, lambda name: known_too.get(name, MISSING)) == {"a": 1, "b": 2, "id": "7"}


def test_what_has_no_value_is_left_out_and_null_stays() -> None:
    assert fill({"a": "{nothing}", "b": ["{nothing}", 1], "c": "{none}", "d": "x{nothing}"}, known) == {
        "b": [1],
        "c": None,
    }
    assert fill("{nothing}", known) is MISSING


def test_a_text_with_one_known_name_stays() -> None:
    assert fill("{n}{nothing}", known) == "5"


def test_doubled_braces_are_braces() -> None:
    assert fill('{{"q": {n}}}', known) == '{"q": 5}'


def test_dotted_names_reach_into_records_and_tables() -> None:
    assert fill(["{quote.id}", "{quote.total}", "{fields.a}"], known) == ["9", Decimal(12), 1]


def test_the_names_that_a_template_asks_for_come_in_order_once() -> None:
    assert names({"{b}": ["{a} {b}", {"x": "{secret.T}"}], "n": 1}) == ("b", "a", "secret.T")
    assert whole("{fields}") == "fields" and whole("x{fields}") == ""


def test_braces_left_open_are_noticed() -> None:
    assert open_braces("{id") and open_braces("a}") and open_braces("{a b!}") and not open_braces("{{ok}} {id}")
