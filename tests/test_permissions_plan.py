"""The plan of a matrix: counted before anything is sent, and what is sent then."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
from toy_crm import HEADER, PEOPLE, Toy
from typer.testing import CliRunner

from crm_acceptance import catalogue, profile, systems
from crm_acceptance.cli import app
from crm_acceptance.engines.permissions import table
from crm_acceptance.engines.permissions.planning import plan
from crm_acceptance.engines.permissions.rehearsal import Rehearsal, rehearsed
from crm_acceptance.engines.permissions.replay import replay
from crm_acceptance.engines.permissions.table import Matrix, Rule
from crm_acceptance.engines.permissions.vocabulary import OBJECT_FIELDS, actions_of
from crm_acceptance.errors import Unsupported
from crm_acceptance.model import Person, Site
from crm_acceptance.sending import http_send, line
from crm_acceptance.systems.flow import Answer, Call, Send

ROOT = Path(__file__).resolve().parents[1]
PASSWORD = "Acceptance-2026"
LIMIT = 15_000
LIVE = ("customer", "payment")
"""Objects whose cells are sent for the comparison: a root and a grandchild of it."""


class Everything:
    """A system that can do whatever a table names, and takes the usual fields."""

    name = title = "everything"

    def supports(self, action: str, object: str) -> bool:
        return True

    def fields(self, object: str) -> Collection[str] | None:
        return ("name", "phone", "amount") if object.startswith("x_") else None


def company() -> list[Person]:
    """Eight roles in four departments, forty people."""
    departments = ("sales", "sales", "sales", "marketing", "service", "finance", "management", "it")
    return [
        Person(f"p{role}{number}", f"人{role}{number}", department, f"role{role}", f"p{role}{number}", f"t{number % 3}")
        for role, department in enumerate(departments)
        for number in range(5)
    ]


def operations(count: int) -> list[tuple[str, str]]:
    kinds = [kind for kind in OBJECT_FIELDS if kind != "session"]
    kinds += [f"x_{number}" for number in range(20)]
    return [(action, kind) for kind in kinds for action in actions_of(kind) if action != "tamper"][:count]


def scope(role: int, action: str) -> str:
    """Three roles that own, a manager, readers, and some who see nothing: as companies are."""
    scopes = ("own", "own", "team", "department", "none", "all", "all", "none")
    reading = action in ("read", "list", "search", "sort", "count", "sum", "export", "audit", "attachments", "download")
    if action in ("exists", "related"):
        return "own"
    return scopes[role] if role < 4 or reading else "none"


def test_eight_roles_and_three_hundred_operations_are_planned_below_fifteen_thousand_requests() -> None:
    asked = operations(300)
    rules = [Rule(f"role{role}", *one, scope(role, one[0])) for role in range(8) for one in asked]
    made = plan(Matrix(tuple(rules)), company(), Everything())
    assert (len(asked), len(made.cells)) == (300, 2400)
    assert len([cell for cell in made.cells if cell.requests]) > 2100
    assert 2400 < made.requests() < LIMIT


def test_more_people_and_more_departments_do_not_make_a_cell_dearer() -> None:
    rules = tuple(
        Rule(f"role{role}", action, "customer", scope(role, action))
        for role in range(8)
        for action in ("read", "list", "create", "change")
    )
    few = [one for one in company() if one.key[-1] in "012"]
    many = [*company(), *(Person(f"q{n}", f"多{n}", "sales", "role0", f"q{n}", f"t{n % 9}") for n in range(60))]
    cheap, dear = (plan(Matrix(rules), people, Everything()) for people in (few, many))
    assert dear.counted <= cheap.counted * 1.2


@pytest.fixture(scope="module")
def sent() -> Iterator[tuple[int, int]]:
    """(requests planned, requests really sent) for some objects of the reference CRM's own matrix."""
    told = profile.load(ROOT, "refcrm")
    cast = catalogue.load(told)
    whole = table.declared(told, cast)
    assert whole is not None
    rules = [rule for rule in whole.rules if rule.object in LIVE]
    preparing = [rule for rule in whole.rules if rule.object not in LIVE]  # who may do what else decides who prepares
    system, people, count = systems.find("refcrm"), tuple(cast.people.values()), [0]
    planned = plan(Matrix((*rules, *preparing)), people, system)
    assert isinstance(system, systems.CanLaunch)
    options = {"size": "40", "seed": "11", "people": str(told.workspace / told.people)}
    with system.launch(password=PASSWORD, options=options) as site:

        def send(person: Person) -> Send:
            inner = http_send(line(site), site, 15)

            def counted(call: Call) -> Answer:
                count[0] += 1
                return inner(call)

            return counted

        player = replay(system, site, whole, people, lambda person: PASSWORD, send)
        findings = {rule.cell: player.findings(rule) for rule in rules}
    assert not {cell: said for cell, said in findings.items() if said}
    yield sum(cell.requests for cell in planned.cells[: len(rules)]), count[0]


def test_what_is_sent_is_what_was_planned(sent: tuple[int, int]) -> None:
    planned, really = sent
    assert planned * 0.8 <= really <= planned * 1.1


def played(leak: str) -> Matrix:
    """A matrix with one cell wider than the one that is asked about."""
    wide = Rule("rep", leak, "customer", "all", requirements=("SEC-002",))
    return Matrix(tuple(wide if rule.action == leak and rule.role == "rep" else rule for rule in narrow().rules))


def narrow() -> Matrix:
    actions = ("read", "list", "count", "export", "create", "change", "delete", "attach", "attachments", "exists")
    own = [Rule("rep", action, "customer", "own", requirements=("SEC-002",)) for action in actions]
    return Matrix((*own, Rule("boss", "read", "customer", "all", requirements=("SEC-003",))))


@pytest.mark.parametrize("leak", ["read", "list", "count", "export", "change", "delete"])
def test_a_site_with_one_cell_flipped_is_found_out_by_exactly_that_cell(leak: str) -> None:
    player = rehearsed(narrow(), PEOPLE, kept=played(leak))
    assert {rule.action for rule in narrow().rules if player.findings(rule)} == {leak}


def test_a_site_that_keeps_the_matrix_has_no_finding() -> None:
    player = rehearsed(narrow(), PEOPLE)
    assert [rule.cell for rule in narrow().rules if player.findings(rule)] == []
    assert isinstance(player.garden.system, Rehearsal)
    assert player.garden.system.sent > 20


def test_what_a_system_cannot_do_costs_nothing_and_says_why() -> None:
    cells = plan(Matrix((Rule("rep", "claim", "customer", "own"),)), PEOPLE, Toy()).cells
    assert (cells[0].requests, "toy" in cells[0].reason) == (0, True)
    with pytest.raises(Unsupported):
        replay(Toy(), Site("toy", "http://toy"), Matrix(()), PEOPLE, lambda person: "right", Toy().send).findings(
            Rule("rep", "claim", "customer", "own")
        )


def test_further_processes_plant_and_sign_in_for_themselves() -> None:
    made = plan(narrow(), PEOPLE)
    assert 0 < made.preparing < made.counted
    assert made.requests(4) > made.requests() + 2 * made.preparing


def test_the_command_prints_a_table_and_json_and_sends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "acceptance.toml").write_text(
        'system = "refcrm"\n[tables]\nrequirements = "r.csv"\npeople = "p.csv"\npermissions = "m.csv"\n', "utf-8"
    )
    (tmp_path / "r.csv").write_text("id,department,criticality,dimension,text\nSEC-002,sales,critical,security,看\n")
    (tmp_path / "p.csv").write_text("key,name,department,role,login\nann,安,sales,rep,ann\nbob,波,sales,rep,bob\n")
    (tmp_path / "m.csv").write_text(HEADER + "rep,read|create|list,customer,own,,SEC-002\n")
    monkeypatch.chdir(tmp_path)
    told = json.loads(CliRunner().invoke(app, ["permissions", "plan", "--json"]).stdout)
    assert (told["cells_planned"], told["roles"], told["net"]["requests"]) == (3, 1, 0)
    assert told["requests"] >= sum(cell["requests"] for cell in told["cells"]) > 10
    shown = CliRunner().invoke(app, ["permissions", "plan"]).stdout
    assert "客户" in shown
    assert "没有发送任何请求" in shown
    assert CliRunner().invoke(app, ["permissions", "sheet", "m.xlsx"]).exit_code == 0
    assert CliRunner().invoke(app, ["permissions", "plan"]).exit_code == 0  # the same table side by side
    (tmp_path / "m.csv").write_text(HEADER + "rep,read,boat,own,,SEC-002\n")
    assert CliRunner().invoke(app, ["permissions", "plan"]).exception is not None
