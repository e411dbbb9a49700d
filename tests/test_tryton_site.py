"""A real Tryton 8.0, installed into the cache on first use: the API door, own records, a misconfiguration."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from crm_acceptance.actors import Doors, RecordsDoor
from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action, Page, Person, Record, Site
from crm_acceptance.systems.tryton import SYSTEM, seed
from crm_acceptance.systems.tryton.install import place
from crm_acceptance.systems.tryton.launch import prepare

pytestmark = [pytest.mark.tryton, pytest.mark.slow, pytest.mark.xdist_group("tryton")]

PASSWORD = secrets.token_urlsafe(16)
ROLES = {
    "lina": ("李娜", "sales", "sales_rep"),
    "wangqiang": ("王强", "sales", "sales_rep"),
    "chenjing": ("陈静", "sales", "sales_manager"),
    "sunli": ("孙丽", "service", "service_agent"),
    "wufang": ("吴芳", "finance", "accountant"),
    "fenglei": ("冯磊", "it", "it_admin"),
}
PEOPLE = {key: Person(key, *row, key) for key, row in ROLES.items()}


@dataclass(frozen=True)
class Office:
    """A running Tryton, and everybody's API door."""

    site: Site
    doors: Doors

    def door(self, who: str) -> RecordsDoor:
        """This person's API door."""
        found = self.doors.records(PEOPLE[who])
        assert found is not None
        return found

    def do(self, who: str, verb: str, object: str, id: str | None = None, options: Any = None, /, **fields: Any) -> Any:
        """One action as this person."""
        return self.door(who).do(Action(verb, object, id, fields, options or {}))


@pytest.fixture(scope="module")
def office() -> Iterator[Office]:
    """Tryton over a fresh copy of the snapshot."""
    with SYSTEM.launch(password=PASSWORD) as site:
        doors = Doors(SYSTEM, site, lambda person: PASSWORD, timeout=60.0)
        yield Office(site, doors)
        doors.close()


@pytest.fixture
def mark() -> str:
    """A word that is in no other test's records."""
    return "试" + secrets.token_hex(4)


def page_of(found: Any) -> Page:
    assert isinstance(found, Page)
    return found


def refusal(office: Office, who: str, *what: Any, **how: Any) -> str:
    """The kind of no that this person hears."""
    with pytest.raises(Refused) as no:
        office.do(who, *what, **how)
    return no.value.kind


def test_a_second_launch_installs_nothing(office: Office) -> None:
    said: list[str] = []
    prepare(said.append)
    assert said == []


def test_the_snapshot_holds_believable_chinese_business_of_every_kind(office: Office) -> None:
    counts = {
        object: office.do("chenjing", "count", object) for object in ("customer", "opportunity", "order", "ticket")
    }
    assert counts["customer"] >= 200
    assert min(counts.values()) >= 20
    assert office.do("chenjing", "count", "customer", None, {"q": "公司"}) >= 150


def test_a_salesperson_sees_own_customers_only_and_cannot_touch_a_colleagues(office: Office, mark: str) -> None:
    mine = office.do("lina", "create", "customer", name=f"{mark}机械", phone="13800001111", address="人民路 1 号")
    assert office.do("lina", "read", "customer", mine.id)["owner"] == "lina"
    for action, more in (("read", {}), ("change", {"phone": "13900002222"}), ("delete", {})):
        assert refusal(office, "wangqiang", action, "customer", mine.id, **more) == "denied"
    assert page_of(office.do("wangqiang", "list", "customer", None, {"q": mark})) == Page((), 0)
    assert office.do("lina", "read", "customer", mine.id)["phone"] == "13800001111"


def test_a_record_that_never_was_is_missing_and_not_denied(office: Office) -> None:
    assert refusal(office, "lina", "read", "customer", "99999999") == "missing"


def test_a_lead_keeps_every_detail_and_becomes_customer_contact_and_opportunity(office: Office, mark: str) -> None:
    said = {
        "name": f"{mark}王建国",
        "company": f"{mark}机械",
        "phone": "13812345678",
        "email": f"{mark[1:]}@example.com",
    }
    said |= {"source": "展会", "note": "周三回电"}
    lead = office.do("lina", "create", "lead", **said)
    assert said.items() <= office.do("chenjing", "read", "lead", lead.id).fields.items()
    parts = office.do("lina", "convert", "lead", lead.id)
    assert office.do("lina", "read", "contact", parts["contact"])["name"] == said["name"]
    assert office.do("lina", "read", "opportunity", parts["opportunity"])["customer"] == parts.id
    assert refusal(office, "lina", "convert", "lead", lead.id) == "conflict"


def an_order(office: Office, mark: str, discount: int = 0) -> Record:
    """From quote to order, by a salesperson."""
    customer = office.do("lina", "create", "customer", name=f"{mark}机械", tax_number="91320200MA1ABCDE7X")
    terms = {"product": f"{mark}服务", "quantity": 3, "unit_price": Decimal("199.99"), "discount": discount}
    quote = office.do("lina", "create", "quote", customer=customer.id, **terms)
    office.do("lina", "submit", "quote", quote.id)
    order = office.do("lina", "order", "quote", quote.id)
    assert isinstance(order, Record)
    return order


def test_an_order_goes_from_quote_to_payment_across_three_departments(office: Office, mark: str) -> None:
    order = an_order(office, mark, discount=8)
    assert order["amount"] == Decimal("551.97")
    assert office.do("sunli", "read", "order", order.id)["customer_name"] == f"{mark}机械"
    assert office.do("wufang", "read", "order", order.id)["tax_number"] == "91320200MA1ABCDE7X"
    office.do("wufang", "create", "payment", order=order.id, amount=Decimal("100"), received_on="2026-11-20")
    shown = office.do("lina", "read", "order", order.id)
    assert (shown["paid"], shown["due"]) == (Decimal("100.00"), Decimal("451.97"))
    assert page_of(office.do("wufang", "list", "payment", None, {"where": {"order": order.id}})).total == 1


def test_tryton_refuses_too_much_money_a_second_order_and_money_from_sales(office: Office, mark: str) -> None:
    order = an_order(office, mark)
    assert refusal(office, "lina", "order", "quote", order.id) == "conflict"
    assert refusal(office, "lina", "create", "payment", order=order.id, amount=Decimal(1)) == "denied"
    assert refusal(office, "wufang", "create", "payment", order=order.id, amount=Decimal("600")) == "invalid"
    assert office.do("lina", "read", "order", order.id)["paid"] == 0


def test_what_tryton_has_no_way_to_do_is_said_and_not_pretended(office: Office, mark: str) -> None:
    order = an_order(office, mark)
    with pytest.raises(Unsupported):
        office.do("wufang", "create", "invoice", order=order.id, amount=Decimal("1"))
    with pytest.raises(Unsupported):
        office.do("lina", "cancel", "order", order.id)


def test_files_and_notes_come_back_whole_and_stay_with_their_customer(office: Office, mark: str) -> None:
    customer = office.do("lina", "create", "customer", name=mark)
    body = secrets.token_bytes(40_000)
    office.do("lina", "attach", "customer", customer.id, {"filename": "合同.pdf", "body": body})
    paper = page_of(office.do("chenjing", "attachments", "customer", customer.id)).rows[0]
    fetch = {"attachment": paper.id}
    assert office.do("chenjing", "download", "customer", customer.id, fetch) == body
    assert refusal(office, "wangqiang", "download", "customer", customer.id, fetch) == "denied"
    parent = {"parent_object": "customer", "parent_id": customer.id}
    for text in ("首次电话", "上门演示"):
        office.do("lina", "create", "followup", text=text, **parent)
    notes = page_of(office.do("chenjing", "list", "followup", None, {"where": parent}))
    assert [note["text"] for note in notes.rows] == ["首次电话", "上门演示"]


def test_only_one_of_two_who_claim_a_pool_customer_at_once_gets_it(office: Office, mark: str) -> None:
    customer = office.do("chenjing", "create", "customer", name=mark)
    office.do("chenjing", "release", "customer", customer.id)

    def claim(who: str) -> str:
        try:
            office.do(who, "claim", "customer", customer.id)
        except Refused:
            return ""
        return who

    with ThreadPoolExecutor(2) as crowd:
        winners = [who for who in crowd.map(claim, ("lina", "wangqiang")) if who]
    assert len(winners) == 1
    assert office.do("chenjing", "read", "customer", customer.id)["owner"] == winners[0]


def test_who_saves_an_outdated_customer_is_told_so(office: Office, mark: str) -> None:
    customer = office.do("lina", "create", "customer", name=mark)
    seen = {"version": office.do("lina", "read", "customer", customer.id)["version"]}
    office.do("chenjing", "change", "customer", customer.id, seen, name=f"{mark}一")
    assert refusal(office, "lina", "change", "customer", customer.id, seen, name=f"{mark}二") == "conflict"
    assert office.do("lina", "read", "customer", customer.id)["name"] == f"{mark}一"


def test_a_newcomer_sees_nobodys_customers_and_is_out_at_once_when_leaving_or_disabled(office: Office) -> None:
    login = "u" + secrets.token_hex(4)
    newcomer = Person(login, "小吴", "sales", "sales_rep", login)
    fields = {"login": login, "name": "小吴", "role": "sales_rep", "password": PASSWORD}
    office.do("fenglei", "create", "user", **fields)
    door = office.doors.another(newcomer)
    session, other = door.sign_in(), door.sign_in()
    listing = Action("list", "customer", options={"size": 1})
    assert page_of(door.do_with(session, listing)) == Page((), 0)  # a newcomer has no customers, and sees none
    door._session = other
    door.sign_out()
    office.do("fenglei", "disable", "user", login)
    for dead in (session, other):
        with pytest.raises(Refused) as no:
            door.do_with(dead, listing)
        assert no.value.kind == "expired"


def test_a_deleted_record_rule_is_a_leak_that_the_same_questions_show(office: Office) -> None:
    """The classic misconfiguration: one rule gone, and a salesperson sees everybody's opportunities."""
    own = office.do("wangqiang", "count", "opportunity", None, {"where": {"owner": "wangqiang"}})
    assert office.do("wangqiang", "count", "opportunity") == own
    wire = seed.administrator(place(), office.site.url)
    asked = [["model", "=", "sale.opportunity"], ["groups.name", "=", "只看自己的 王强"]]
    try:
        wire.call("model.ir.rule.group.delete", [wire.one("ir.rule.group", asked)])
    finally:
        wire.close()
    assert office.do("wangqiang", "count", "opportunity") > own
