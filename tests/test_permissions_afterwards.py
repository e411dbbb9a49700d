"""What is left of rights afterwards, accounts, notifications, reports: at a real reference CRM, sound and not."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from permission_rows import Bench, bench

from crm_acceptance import evidence

ROLES = ("sales_rep", "accountant", "it_admin", "executive")
AFTERWARDS = ("after_logout", "after_disabling", "after_handover", "after_role_change", "after_password_change")
ON_USERS = ("create", "change", "disable", "enable", "handover", "list")


@pytest.fixture(scope="module")
def site() -> Iterator[Bench]:
    with bench() as made:
        yield made


@pytest.mark.parametrize("action", AFTERWARDS)
def test_a_sound_crm_leaves_nothing_to_anybody_afterwards(site: Bench, action: str) -> None:
    for role in ROLES:
        if (role, action) != ("accountant", "after_handover"):  # nobody else is in that department
            assert site.findings(role, action, "session") == []


@pytest.mark.parametrize(
    ("defect", "action"),
    [("logout_keeps_token", "after_logout"), ("session_survives_disabling", "after_disabling")],
)
def test_what_is_left_is_found_in_its_own_row(site: Bench, defect: str, action: str) -> None:
    with site.crm.defect(defect):
        found = site.findings("sales_rep", action, "session")
    assert len(found) == 1 and "仍然看得到" in found[0]
    assert site.findings("sales_rep", action, "session") == []


def test_accounts_are_closed_to_ordinary_staff_and_open_to_it(site: Bench) -> None:
    for role in ("sales_rep", "it_admin", "executive"):
        for action in ON_USERS:
            assert site.findings(role, action, "user") == [], (role, action)


def test_accounts_made_for_the_purpose_are_disabled_afterwards(site: Bench) -> None:
    site.findings("sales_rep", "after_password_change", "session")
    site.findings("it_admin", "create", "user")
    rows = site.crm["fenglei"].get("/users").json()["items"]
    ours = [row for row in rows if row["login"].startswith("jsq")]
    assert ours and not any(row["active"] for row in ours)


def test_passwords_of_accounts_made_for_the_purpose_are_in_no_report(site: Bench) -> None:
    site.findings("sales_rep", "after_password_change", "session")
    made = [call.json["password"] for call in site.calls if call.path.endswith("/users") and call.method == "POST"]
    assert made and all(password in evidence.known_secrets() for password in made)
    assert not any(password in evidence.mask(f'"password": "{password}" and {password}') for password in made)


def test_notifications_and_reports_tell_nothing_out_of_reach(site: Bench) -> None:
    for role in ("sales_rep", "sales_manager", "service_agent", "it_admin"):
        assert site.findings(role, "list", "notification") == []
        for name in ("sales_summary", "pipeline", "receivables", "campaign_roi"):
            assert site.findings(role, "read", f"report:{name}") == []


def test_a_whole_role_costs_few_requests(site: Bench) -> None:
    before = len(site.calls)
    for action in AFTERWARDS:
        site.findings("sales_rep", action, "session")
    for action in ON_USERS:
        site.findings("sales_rep", action, "user")
    assert len(site.calls) - before < 150
