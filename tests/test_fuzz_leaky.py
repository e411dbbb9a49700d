"""The four classic leaks of a CRM, and leaks in operations that nobody listed: matrix and net find every one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests
from leaky_api import PEOPLE, REQUIREMENTS, leaky

from crm_acceptance.engines.fuzz import coverage
from crm_acceptance.engines.fuzz.contract import renew
from crm_acceptance.engines.fuzz.naming import operations
from crm_acceptance.engines.fuzz.net import Net
from crm_acceptance.engines.fuzz.planning import requests_planned, walks_planned
from crm_acceptance.engines.permissions import table
from crm_acceptance.engines.permissions.replay import Replay, replay
from crm_acceptance.model import Site
from crm_acceptance.sending import http_send
from crm_acceptance.systems import find

Cast = tuple[Replay, Net, list[str]]
CLASSIC = ("read", "write", "function", "excess", "assign")
UNLISTED = ("dashboard", "finder", "card", "rewrite")


@contextmanager
def cast(folder: Path, *leaks: str) -> Iterator[Cast]:
    with leaky(folder, *leaks) as (url, asked, mapping, rows):
        site, system = Site("leaky", url), find("leaky", mapping)
        matrix = table.load(rows, {one.role for one in PEOPLE}, REQUIREMENTS)
        judge = replay(
            system,
            site,
            matrix,
            PEOPLE,
            lambda one: f"key-{one.login}",
            lambda one: http_send(requests.Session(), site),
        )
        renew(url, folder / "openapi.json")
        asked.clear()
        yield judge, Net(judge.garden, folder / "openapi.json", url), asked


def by_matrix(judge: Replay) -> set[tuple[str, str, str]]:
    rules = judge.garden.staff.matrix.rules
    return {rule.cell for rule in rules if judge.findings(rule)}


def by_net(net: Net) -> set[str]:
    found: set[str] = set()
    for one in operations(net.document):
        ids = coverage.requirements(net.staff.matrix, net.roles, one)
        silent = coverage.silent(net.staff.matrix, net.roles, one)
        if any(net.as_roles(one, id) for id in ids) or (silent and net.uncovered(one, silent)):
            found.add(one.name)
    return found


def test_the_healthy_crm_gives_no_finding_within_the_planned_requests(tmp_path: Path) -> None:
    with cast(tmp_path) as (judge, net, asked):
        assert by_matrix(judge) == set()
        asked.clear()
        each = operations(net.document)
        assert [one.name for one in each if net.stranger(one)] == []
        assert by_net(net) == set()
        assert [net.walked(role).leaks for role in net.roles] == [{}, {}]
        planned = sum(requests_planned(one, net.roles) for one in each) + walks_planned(net.roles)
        assert 50 < len(asked) <= planned


@pytest.mark.parametrize(
    ("leak", "cell"),
    [
        ("read", ("rep", "read", "customer")),
        ("write", ("rep", "change", "customer")),
        ("function", ("rep", "delete", "customer")),
        ("excess", ("agent", "list", "customer")),
        ("assign", ("rep", "tamper", "customer")),
    ],
)
def test_the_matrix_finds_each_classic_leak_at_its_cell(tmp_path: Path, leak: str, cell: tuple[str, str, str]) -> None:
    with cast(tmp_path, leak) as (judge, _, _):
        assert cell in by_matrix(judge)


@pytest.mark.parametrize("leak", UNLISTED)
def test_a_leak_in_an_operation_that_nobody_listed_is_found(tmp_path: Path, leak: str) -> None:
    with cast(tmp_path, leak) as (judge, net, _):
        assert by_matrix(judge) == set()
        assert {name.partition("_")[0] for name in by_net(net)} == {leak}


def test_all_classic_leaks_at_once_take_few_requests(tmp_path: Path) -> None:
    with cast(tmp_path, *CLASSIC) as (judge, _, asked):
        actions = {action for _, action, _ in by_matrix(judge)}
        assert {"read", "change", "delete", "list", "tamper"} <= actions
        assert len(asked) < 100


def test_links_lead_to_what_hangs_on_a_record(tmp_path: Path) -> None:
    with cast(tmp_path, "card") as (_, net, _):
        seen = {one.path for role in net.roles for one in net.walked(role).leaks}
        assert seen == {"/customers/{id}/card"}
