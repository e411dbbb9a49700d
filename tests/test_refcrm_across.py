"""What looks across object types at the reference CRM, teams and accounts: shown as far as the reader may see it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from refcrm_process import PASSWORD, Crm, Person, fresh, mobile, running
from refcrm_records import customer, lead, order, quote


@pytest.fixture(scope="module")
def crm() -> Iterator[Crm]:
    with running() as crm:
        yield crm


def hired(crm: Crm, role: str = "sales_rep") -> str:
    """The login of a newcomer."""
    login = f"new{mobile()}"
    account = {"login": login, "name": fresh("新人"), "role": role, "password": PASSWORD}
    assert crm["fenglei"].post("/users", account).status_code == 201
    return login


def test_a_team_leader_sees_the_own_team_and_no_other(crm: Crm) -> None:
    ours, theirs = customer(crm), customer(crm, "hejun")
    assert crm["liuyang"].get(f"/customers/{ours['id']}").status_code == 200
    assert crm["liuyang"].get(f"/customers/{theirs['id']}").status_code == 404
    assert crm["huangli"].get(f"/customers/{theirs['id']}").status_code == 200
    assert crm["liuyang"].patch(f"/customers/{ours['id']}", level="A").status_code == 200
    owners = {row["owner"] for row in crm["liuyang"].get("/customers", size=200).json()["items"]}
    assert owners <= {"lina", "wangqiang", "liuyang"} and "lina" in owners
    report = crm["liuyang"].get("/reports/sales_summary").json()
    assert {row["owner"] for row in report["rows"]} <= owners


def test_who_has_no_team_is_alone(crm: Crm) -> None:
    leader = Person(crm.url, hired(crm, "sales_lead"))
    assert leader.get("/customers", size=200).json()["items"] == []


def test_a_leader_does_not_approve(crm: Crm) -> None:
    path = f"/quotes/{quote(crm, '30')['id']}"
    crm["lina"].post(f"{path}/submit")
    assert crm["liuyang"].post(f"{path}/approve").status_code == 403


def test_one_is_told_what_happened_to_ones_records_while_they_are_ones_own(crm: Crm) -> None:
    made = lead(crm, "zhaomin")
    crm["zhaomin"].post(f"/leads/{made['id']}/assign", {"to": "lina"})
    (told,) = [row for row in crm["lina"].get("/notifications").json()["items"] if row["id"] == made["id"]]
    assert told["object"] == "lead" and made["name"] in told["text"] and "赵敏" in told["text"]
    crm["lina"].post(f"/leads/{made['id']}/transfer", {"to": "wangqiang"})
    assert made["id"] not in [
        r["id"] for r in crm["lina"].get("/notifications").json()["items"] if r["object"] == "lead"
    ]


def test_a_note_an_approval_and_a_transfer_are_told_to_the_owner(crm: Crm) -> None:
    made, wanted = customer(crm), quote(crm, "30")
    crm["chenjing"].post(f"/customers/{made['id']}/followups", {"text": "请跟进"})
    crm["lina"].post(f"/quotes/{wanted['id']}/submit")
    crm["chenjing"].post(f"/quotes/{wanted['id']}/approve")
    given = customer(crm, "wangqiang")
    crm["wangqiang"].post(f"/customers/{given['id']}/transfer", {"to": "lina"})
    told = {(row["object"], row["id"]) for row in crm["lina"].get("/notifications").json()["items"]}
    assert {("customer", made["id"]), ("quote", wanted["id"]), ("customer", given["id"])} <= told


def test_search_and_recent_stay_within_reach(crm: Crm) -> None:
    made = customer(crm)
    for login, seen in (("lina", True), ("wangqiang", False), ("liuyang", True), ("zhaomin", False)):
        hits = crm[login].get("/search", q=made["name"]).json()["items"]
        assert (hits == [{"object": "customer", "id": made["id"], "title": made["name"]}]) is seen
    assert crm["lina"].get("/recent").json()["items"][0]["id"] == made["id"]
    crm["lina"].post(f"/customers/{made['id']}/transfer", {"to": "wangqiang"})
    assert made["name"] not in crm["lina"].get("/recent").text


def test_a_masked_phone_is_found_by_no_search(crm: Crm) -> None:
    assert crm["sunli"].get("/search", q=customer(crm)["phone"]).json()["total"] == 0


def test_what_belongs_to_a_customer_is_listed_with_it(crm: Crm) -> None:
    made = order(crm)
    for plural in ("contacts", "opportunities", "quotes", "orders", "tickets"):
        path = f"/customers/{made['customer']}/{plural}"
        assert crm["lina"].get(path).status_code == 200
        assert crm["wangqiang"].get(path).json() == crm["wangqiang"].get(f"/customers/999999/{plural}").json()
    assert [row["id"] for row in crm["lina"].get(f"/customers/{made['customer']}/orders").json()["items"]] == [
        made["id"]
    ]
    assert crm["zhaomin"].get(f"/customers/{made['customer']}/orders").status_code == 403


def test_what_is_read_with_its_customer_shows_of_it_what_one_may_see(crm: Crm) -> None:
    sold = order(crm)
    held = crm["lina"].get(f"/customers/{sold['customer']}").json()
    seen = crm["sunli"].get(f"/orders/{sold['id']}", expand="customer").json()["expanded"]["customer"]
    assert "****" in seen["phone"] and "tax_number" not in seen
    assert held["phone"] not in crm["sunli"].get(f"/orders/{sold['id']}/print").text
    crm["chenjing"].post(f"/customers/{sold['customer']}/transfer", {"to": "hejun"})
    assert crm["lina"].get(f"/orders/{sold['id']}", expand="customer").json()["expanded"] == {"customer": None}
    assert "expanded" not in crm["lina"].get(f"/orders/{sold['id']}").json()


def test_many_are_changed_together_or_none(crm: Crm) -> None:
    mine, other = customer(crm), customer(crm, "wangqiang")
    ask = {"ids": [mine["id"], other["id"]], "fields": {"level": "C"}}
    assert crm["lina"].post("/customers/bulk", ask).status_code == 404
    assert crm["lina"].get(f"/customers/{mine['id']}").json()["level"] != "C"
    assert crm["lina"].post("/customers/bulk", ask | {"ids": [mine["id"]]}).json() == {"changed": 1}
    assert crm["lina"].post("/customers/bulk", ask | {"fields": {"owner": "hejun"}}).status_code == 422


def test_name_and_password_are_ones_own_to_change_the_role_is_not(crm: Crm) -> None:
    login = hired(crm)
    person = Person(crm.url, login)
    assert person.patch(f"/users/{login}", name="改名").json()["name"] == "改名"
    assert person.patch(f"/users/{login}", role="it_admin").status_code == 403
    assert (
        person.patch("/users/lina", name="x").status_code == person.patch("/users/nobody", name="x").status_code == 403
    )
    assert crm["fenglei"].patch("/users/fenglei", role="executive").status_code == 409
    assert crm["fenglei"].patch("/users/nobody", name="x").status_code == 404


def test_a_new_role_counts_at_once_and_a_new_password_ends_every_session(crm: Crm) -> None:
    login = hired(crm)
    person = Person(crm.url, login)
    assert person.get("/orders").status_code == 200
    changed = crm["fenglei"].patch(f"/users/{login}", role="marketer").json()
    assert (changed["role"], changed["department"]) == ("marketer", "marketing")
    assert person.get("/orders").status_code == 403
    assert crm["fenglei"].patch(f"/users/{login}", password="another-word-1").status_code == 200
    assert person.get("/me").status_code == 401


def test_an_account_that_owns_nothing_can_be_tidied_away_by_nobody_of_the_staff(crm: Crm) -> None:
    login = hired(crm)
    for who in ("lina", "fenglei"):
        assert crm[who].delete(f"/users/{login}").status_code == 403
