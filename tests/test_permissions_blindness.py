"""A cell that could not have seen a leak is unproven, and values that a CRM writes its own way are recognised."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from toy_crm import HEADER, PEOPLE, Toy

from crm_acceptance.engines.permissions import table
from crm_acceptance.engines.permissions.garden import recognised
from crm_acceptance.engines.permissions.oracle import shown
from crm_acceptance.engines.permissions.replay import as_far_as_possible, replay
from crm_acceptance.engines.permissions.staff import Staff
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Person, Site
from crm_acceptance.systems.flow import Answer, Call


class Rewriting(Toy):
    """Keeps names and phones as it likes."""

    def __init__(self, *leaks: str, **ways: Any) -> None:
        super().__init__(*leaks)
        self.ways = ways

    def _create(self, who: str, body: dict[str, Any]) -> Answer:
        fields = {name: self.ways.get(name, str)(value) for name, value in body["fields"].items()}
        return super()._create(who, {**body, "fields": fields})


def found(tmp_path: Path, toy: Toy, row: str, people: tuple[Person, ...] = PEOPLE) -> list[str]:
    path = tmp_path / "permissions.csv"
    path.write_text(f"{HEADER}rep,create,customer,own,,SEC-002\n{row},SEC-002\n", encoding="utf-8")
    matrix = table.load(path, {"rep", "boss"}, {"SEC-002"})
    player = replay(toy, Site("toy", "http://toy"), matrix, people, lambda person: "right", toy.send)
    return player.findings(matrix.rules[-1])


@pytest.mark.parametrize("action", ["read", "list", "count", "export"])
def test_own_proves_nothing_where_nobody_else_owns_anything(tmp_path: Path, action: str) -> None:
    alone = (PEOPLE[0], PEOPLE[2])
    with pytest.raises(Unproven, match="范围之外"):
        found(tmp_path, Toy("read", "list", "count", "export"), f"rep,{action},customer,own,", alone)


@pytest.mark.parametrize("leaks", [(), ("read",)])
def test_a_crm_that_replaces_the_planted_name_is_not_judged_by_its_silence(
    tmp_path: Path, leaks: tuple[str, ...]
) -> None:
    with pytest.raises(Unproven, match="认不出金丝雀"):
        found(tmp_path, Rewriting(*leaks, **dict.fromkeys(
            ("name", "phone", "email", "tax_number", "address"), lambda value: "客户"
        )), "rep,read,customer,own,")  # fmt: skip


def test_a_mask_on_a_field_that_takes_no_known_value_is_unproven(tmp_path: Path) -> None:
    with pytest.raises(Unproven, match="手机"):
        found(tmp_path, Rewriting(phone=lambda value: "以后再说"), "rep,read,customer,own,phone:masked")


def test_a_phone_with_a_prefix_and_dots_is_still_seen_in_plain(tmp_path: Path) -> None:
    toy = Rewriting(phone=lambda value: f"+86-{value[:3]}.{value[3:7]}.{value[7:]}")
    assert found(tmp_path, toy, "rep,read,customer,own,phone:masked")


def test_a_name_in_capitals_is_still_seen(tmp_path: Path) -> None:
    assert found(tmp_path, Rewriting("read", name=str.upper, phone=lambda value: "-"), "rep,read,customer,own,")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("59001.3", "35,59001.30,甲"),
        ("59001.3", "59,001.30"),
        ("金丝雀jsqabcdefghi", "金丝雀JSQABCDEFGHI"),
        ("91MLN917T0R6NF9XJ6", "91mln917t0r6nf9xj6"),
        ("金丝雀甲", '"{\\"n\\": \\"\\\\u91d1\\\\u4e1d\\\\u96c0\\\\u7532\\"}"'),
        ("19912345678", "+86 199.1234.5678"),
    ],
)
def test_the_oracle_reads_other_spellings(value: str, text: str) -> None:
    answer = Answer(200, {}, text.encode())
    assert shown([value], [(Call("GET", "/"), answer)]) == {value}


@pytest.mark.parametrize(
    ("theirs", "planted", "known"),
    [
        ("+86 199-1234-5678", "19912345678", "19912345678"),
        (Decimal(1234568), Decimal("1234567.80"), "1234568.00"),
        (Decimal(1234999), Decimal("1234567.80"), ""),
        ("199****5678", "19912345678", ""),
        (None, "19912345678", ""),
        ("", "", ""),
    ],
)
def test_what_a_crm_shows_of_a_planted_value_is_recognised_or_not(theirs: object, planted: object, known: str) -> None:
    assert recognised(theirs, planted) == known


class Lost(Toy):
    """Its address for deleting is wrong in the mapping: whoever asks is told that nothing is there."""

    def _delete(self, who: str, body: dict[str, Any]) -> Answer:
        return Answer(404, {}, b"{}")


SEES = "rep,read,customer,own,,SEC-002\n"


def test_what_nobody_may_do_and_no_address_answers_is_unproven(tmp_path: Path) -> None:
    with pytest.raises(Unproven, match="地址根本不对"):
        found(tmp_path, Lost(), f"{SEES}boss,delete,customer,none,")


def test_what_nobody_may_do_is_proven_where_the_owner_gets_an_answer(tmp_path: Path) -> None:
    assert found(tmp_path, Toy(), f"{SEES}boss,delete,customer,none,") == []


def test_what_was_found_before_it_could_not_go_on_is_kept() -> None:
    def judged() -> Iterator[str]:
        yield "泄露"
        raise Unproven("没有这个字段")

    assert as_far_as_possible(judged()) == ["泄露"]
    with pytest.raises(Unproven):
        as_far_as_possible(one for one in judged() if one != "泄露")


def test_whoever_cannot_sign_in_plants_nothing_so_that_other_roles_go_on(tmp_path: Path) -> None:
    path = tmp_path / "permissions.csv"
    path.write_text(f"{HEADER}rep,create,customer,own,,SEC-002\n", encoding="utf-8")
    matrix = table.load(path, {"rep"}, {"SEC-002"})
    assert [one.key for one in Staff(PEOPLE, matrix, frozenset({"ann"})).families("customer")] == ["bob"]
