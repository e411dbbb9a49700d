"""The permission engine against a CRM whose every leak is known."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from toy_crm import HEADER, PEOPLE, Toy

from crm_acceptance.engines.permissions import table
from crm_acceptance.engines.permissions.replay import Replay, replay
from crm_acceptance.errors import Unproven, Unsupported
from crm_acceptance.model import Person, Site
from crm_acceptance.systems.flow import Answer

ROWS = (
    "rep,read|list|count|export|create|change|delete,customer,own,,SEC-002\n"
    "boss,read|list|count|export,customer,all,,SEC-003\n"
    "boss,create|change|delete,customer,none,,SEC-005\n"
)


def played(tmp_path: Path, toy: Toy, rows: str = ROWS, password: str = "right") -> Replay:
    path = tmp_path / "permissions.csv"
    path.write_text(HEADER + rows, encoding="utf-8")
    matrix = table.load(path, {"rep", "boss"}, {"SEC-002", "SEC-003", "SEC-005"})
    return replay(toy, Site("toy", "http://toy"), matrix, PEOPLE, lambda person: password, toy.send)


def guilty(player: Replay) -> set[tuple[str, str]]:
    rules = player.garden.staff.matrix.rules
    return {(rule.role, rule.action) for rule in rules if rule.action != "create" and player.findings(rule)}


def test_a_crm_that_keeps_the_table_has_no_finding(tmp_path: Path) -> None:
    toy = Toy()
    toy_create_for_boss_is_refused(toy)
    player = played(tmp_path, toy)
    assert {rule.cell: player.findings(rule) for rule in player.garden.staff.matrix.rules} == {
        rule.cell: [] for rule in player.garden.staff.matrix.rules
    }


class Plain(Toy):
    """A CRM whose customers have a name and a phone, and nothing else."""

    def fields(self, object: str) -> frozenset[str]:
        return frozenset({"name", "phone"})

    def _create(self, who: str, body: dict[str, Any]) -> Answer:
        strange = body["fields"].keys() - self.fields("customer")
        return self._read(who, {"id": "-"}) if strange else super()._create(who, body)


@pytest.mark.parametrize(("leaks", "cells"), [((), set()), (("change",), {("rep", "change"), ("boss", "change")})])
def test_a_crm_without_the_usual_fields_is_judged_by_those_that_it_has(
    tmp_path: Path, leaks: tuple[str, ...], cells: set[tuple[str, str]]
) -> None:
    toy = Plain(*leaks)
    toy_create_for_boss_is_refused(toy)
    assert guilty(played(tmp_path, toy)) == cells
    assert all(row.keys() <= {"id", "owner", "name", "phone"} for row in toy.rows.values())


def toy_create_for_boss_is_refused(toy: Toy) -> None:
    create = toy._create
    toy._create = lambda who, body: toy._read(who, {"id": "-"}) if who == "may" else create(who, body)  # type: ignore[method-assign]


@pytest.mark.parametrize(
    ("leak", "cells"),
    [
        ("read", {("rep", "read")}),
        ("list", {("rep", "list")}),
        ("count", {("rep", "count")}),
        ("export", {("rep", "export")}),
        ("total", {("rep", "list")}),
        ("header", {("rep", "read")}),
        ("change", {("rep", "change"), ("boss", "change")}),
        ("delete", {("rep", "delete"), ("boss", "delete")}),
        ("refuse", {("rep", "read"), ("boss", "read")}),
    ],
)
def test_each_leak_is_found_in_its_own_cell_and_in_no_other(
    tmp_path: Path, leak: str, cells: set[tuple[str, str]]
) -> None:
    player = played(tmp_path, Toy(leak))
    if leak == "refuse":  # nobody can read, so the changing cells have no witness: unproven, not passed
        rules = [rule for rule in player.garden.staff.matrix.rules if rule.action == "read"]
        assert {(rule.role, rule.action) for rule in rules if player.findings(rule)} == cells
        return
    assert guilty(player) == cells


def test_a_denial_with_status_200_and_no_content_is_no_leak(tmp_path: Path) -> None:
    assert guilty(played(tmp_path, Toy("polite"))) == set()


def test_a_broken_filter_is_not_taken_for_a_leak(tmp_path: Path) -> None:
    assert guilty(played(tmp_path, Toy("filter"))) == set()


def test_a_person_who_cannot_log_in_makes_the_role_unproven(tmp_path: Path) -> None:
    player = played(tmp_path, Toy(), password="wrong")
    with pytest.raises(Unproven, match="登录失败"):
        player.findings(player.garden.staff.matrix.rules[0])


def test_an_action_that_the_system_lacks_is_unsupported(tmp_path: Path) -> None:
    player = played(tmp_path, Toy(), ROWS + "rep,attach,customer,own,,SEC-002\n")
    with pytest.raises(Unsupported, match="attach"):
        player.findings(player.garden.staff.matrix.rules[-1])


def test_a_table_in_which_nobody_creates_proves_nothing(tmp_path: Path) -> None:
    player = played(tmp_path, Toy(), "rep,read,customer,own,,SEC-002\n")
    with pytest.raises(Unproven, match="金丝雀"):
        player.findings(player.garden.staff.matrix.rules[0])


def test_a_system_without_any_door_is_unsupported(tmp_path: Path) -> None:
    class Screens:
        name = title = "screens only"

        def supports(self, action: str, object: str) -> bool:
            return True

    people: tuple[Person, ...] = PEOPLE
    matrix = played(tmp_path, Toy()).garden.staff.matrix
    with pytest.raises(Unsupported, match="没有接口也没有可用的界面"):
        replay(Screens(), Site("x", "http://x"), matrix, people, lambda person: "", Toy().send)
