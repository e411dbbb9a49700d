"""The net over the reference CRM: quiet when it is clean, loud about a leak, under the requirement of the row."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from crm_acceptance.catalogue import PERSON_COLUMNS, REQUIREMENT_COLUMNS, read_table
from crm_acceptance.engines.fuzz.contract import differences, live, pinned
from crm_acceptance.engines.fuzz.naming import Operation, operations
from crm_acceptance.engines.fuzz.net import Net
from crm_acceptance.engines.permissions import table
from crm_acceptance.engines.permissions.replay import replay
from crm_acceptance.model import Person, Site
from crm_acceptance.sending import http_send
from crm_acceptance.systems.refcrm import SYSTEM

ROOT = Path(__file__).parent.parent
CONTRACT = ROOT / "security" / "openapi" / "refcrm.json"
OPERATIONS = {one.name: one for one in operations(pinned(CONTRACT))}
KEY, PASSWORD = secrets.token_hex(8), secrets.token_hex(8)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with SYSTEM.launch(password=PASSWORD, options={"size": "20", "seed": "1", "control_key": KEY}) as launched:
        yield launched


@pytest.fixture
def net(site: Site) -> Net:
    rows = read_table(ROOT / "fixtures" / "people.csv", PERSON_COLUMNS, ("team",)).rows
    people = [Person(*(row.cells[name] for name in PERSON_COLUMNS), team=row.cells.get("team", "")) for row in rows]
    known = read_table(ROOT / "features" / "requirements.csv", REQUIREMENT_COLUMNS, ("text_en",)).rows
    path = ROOT / "security" / "permissions.csv"
    matrix = table.load(path, {one.role for one in people}, [row.cells["id"] for row in known])
    made = replay(SYSTEM, site, matrix, people, lambda one: PASSWORD, lambda one: http_send(requests.Session(), site))
    return Net(made.garden, CONTRACT, site.url)


@pytest.fixture
def defect(site: Site, request: pytest.FixtureRequest) -> Iterator[str]:
    address, headers = f"{site.url}/__control/defects/{request.param}", {"X-Control-Key": KEY}
    requests.put(address, json={"on": True}, headers=headers, timeout=10).raise_for_status()
    yield request.param
    requests.put(address, json={"on": False}, headers=headers, timeout=10).raise_for_status()


def test_the_pinned_contract_is_the_one_that_the_reference_crm_publishes(site: Site) -> None:
    before = pinned(CONTRACT)
    assert list(differences(before, live(site.url, before))) == []


@pytest.mark.parametrize("name", ["listCustomers", "readCustomer", "exportCustomers", "downloadAttachment", "me"])
def test_a_clean_site_is_quiet(net: Net, name: str) -> None:
    operation = OPERATIONS[name]
    assert [*net.stranger(operation), *net.conform(operation)] == []
    assert [one for id in ("SEC-002", "SEC-003", "SEC-006", "SEC-011") for one in net.as_roles(operation, id)] == []


@pytest.mark.parametrize(
    ("defect", "name", "requirement"),
    [
        ("list_ignores_scope", "listCustomers", "SEC-003"),
        ("read_ignores_scope", "readCustomer", "SEC-002"),
        ("export_ignores_scope", "exportCustomers", "SEC-004"),
        ("mask_missing_in_export", "exportCustomers", "SEC-006"),
        ("update_ignores_scope", "deleteLead", "SEC-005"),
        ("attachment_open", "downloadAttachment", "SEC-011"),
        ("approve_by_anyone", "approveQuote", "SEC-009"),
    ],
    indirect=["defect"],
)
def test_a_leak_is_found_under_the_requirement_of_its_row(net: Net, defect: str, name: str, requirement: str) -> None:
    assert net.as_roles(OPERATIONS[name], requirement)


@pytest.mark.parametrize("defect", ["export_without_login"], indirect=True)
def test_a_stranger_who_is_let_in_is_found(net: Net, defect: str) -> None:
    operation: Operation = OPERATIONS["exportCustomers"]
    assert net.stranger(operation)
    assert net.as_roles(operation, "SEC-004") == []
