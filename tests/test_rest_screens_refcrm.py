"""The generic door at the reference CRM's pages, described by names alone (screens_refcrm.toml); the API checks it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import requests

from crm_acceptance.engines.browser import Browser, Scene
from crm_acceptance.errors import Refused
from crm_acceptance.model import Action, Page, Person, Record, Site
from crm_acceptance.sending import http_send
from crm_acceptance.systems import HasScreens, Session
from crm_acceptance.systems.flow import perform
from crm_acceptance.systems.refcrm import SYSTEM
from crm_acceptance.systems.rest import described

pytestmark = pytest.mark.browser

PASSWORD = secrets.token_urlsafe(12)
NAMES = {"lina": "李娜", "wangqiang": "王强", "chenjing": "陈静", "sunli": "孙丽"}
PEOPLE = tuple(Person(key, name, "sales", "", key) for key, name in NAMES.items())
CRM = described("refcrm-by-names", Path(__file__).parent / "screens_refcrm.toml", PEOPLE)
Do = Callable[..., Any]


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with SYSTEM.launch(password=PASSWORD, options={"size": "60"}) as running:
        yield running


@pytest.fixture(scope="module")
def scene() -> Iterator[Scene]:
    browser = Browser()
    with browser.scene() as made:
        yield made
    browser.close()


@pytest.fixture(scope="module")
def by_hand(scene: Scene, site: Site) -> Do:
    assert isinstance(CRM, HasScreens)
    door = CRM.screens(site)

    def do(who: str, name: str, object: str, id: str | None = None, /, **more: Any) -> Any:
        person = next(one for one in PEOPLE if one.key == who)
        page = scene.page(site.url, who, lambda p: door.login(p, person, PASSWORD))
        return door.do(page, Action(name, object, id, more.get("fields", {}), more.get("options", {})))

    return do


@pytest.fixture(scope="module")
def by_api(site: Site) -> Do:
    send, records, sessions = http_send(requests.Session(), site, 15), SYSTEM.records(site), dict[str, Session]()

    def do(who: str, name: str, object: str, id: str | None = None, /, **more: Any) -> Any:
        if who not in sessions:
            sessions[who] = perform(records.login(next(p for p in PEOPLE if p.key == who), PASSWORD), send)
        action = Action(name, object, id, more.get("fields", {}), more.get("options", {}))
        return perform(records.flow(sessions[who], action), send)

    return do


def unique(word: str) -> str:
    return f"{word}{secrets.token_hex(4)}"


@pytest.fixture
def customer(by_api: Do) -> Record:
    """A customer of lina."""
    fields = {"name": unique("深圳远航"), "phone": f"139{secrets.randbelow(10**8):08d}"}
    made = by_api("lina", "create", "customer", fields=fields)
    assert isinstance(made, Record)
    return made


def same(seen: Record, told: Record) -> None:
    """The page may show less than the API tells, never something else."""
    assert seen.id == told.id
    assert len(seen.fields) > 4
    assert {name: told.get(name) for name in seen.fields} == dict(seen.fields)


def test_what_is_typed_is_what_the_api_tells(by_hand: Do, by_api: Do) -> None:
    typed = {
        "name": unique("张伟"),
        "company": "广州<b>恒通</b> & Co",
        "note": '第一行\n第二行 "引号"',
        "source": "展会",
    }
    made = by_hand("lina", "create", "lead", fields=typed)
    told = by_api("lina", "read", "lead", made.id)
    assert {name: told[name] for name in typed} == typed
    assert {name: made[name] for name in typed} == typed
    asked = {"opportunity_name": unique("年度采购"), "amount": Decimal("1234.50")}
    became = by_hand("lina", "convert", "lead", made.id, fields=asked)
    assert became.object == "customer"
    assert by_api("lina", "read", "opportunity", became["opportunity"])["amount"] == asked["amount"]
    assert by_api("lina", "read", "contact", became["contact"])["customer"] == became.id


def test_a_deal_goes_from_opportunity_to_order_with_an_approval(by_hand: Do, by_api: Do, customer: Record) -> None:
    deal = {"name": unique("采购"), "customer": customer.id, "amount": Decimal("5000")}
    opportunity = by_hand("lina", "create", "opportunity", fields=deal)
    assert (
        by_hand("lina", "advance", "opportunity", opportunity.id, options={"stage": "proposal"})["stage"] == "proposal"
    )
    price = {"product": unique("软件"), "quantity": 2, "unit_price": Decimal("100"), "discount": 15}
    quote = by_hand("lina", "create", "quote", fields={"opportunity": opportunity.id, "customer": customer.id, **price})
    assert quote["total"] == Decimal("170.00")
    assert by_hand("lina", "submit", "quote", quote.id)["state"] == "pending"
    with pytest.raises(Refused) as no:
        by_hand("lina", "approve", "quote", quote.id)
    assert no.value.kind == "denied"
    by_hand("chenjing", "approve", "quote", quote.id)
    order = by_hand("lina", "order", "quote", quote.id)
    assert order.object == "order"
    assert by_api("lina", "read", "order", order.id)["amount"] == order["amount"] == Decimal("170.00")


def test_a_change_a_transfer_and_the_pool(by_hand: Do, by_api: Do, customer: Record) -> None:
    by_hand("lina", "change", "customer", customer.id, fields={"level": "A", "address": "深圳"})
    same(by_hand("lina", "read", "customer", customer.id), by_api("lina", "read", "customer", customer.id))
    rows = by_hand("lina", "audit", "customer", customer.id).rows
    assert ("change", "A") in {(row["action"], row["new"]) for row in rows}
    given = by_hand("lina", "transfer", "customer", customer.id, options={"to": "wangqiang"})
    assert given == Record("customer", customer.id)
    with pytest.raises(Refused) as no:
        by_hand("lina", "read", "customer", customer.id)
    assert no.value.kind == "missing"
    by_hand("wangqiang", "release", "customer", customer.id)
    pooled = by_hand("lina", "list", "customer", options={"pool": True, "q": customer["name"]})
    assert [row.id for row in pooled.rows] == [customer.id]
    assert by_hand("lina", "claim", "customer", customer.id)["owner"] == "lina"


def test_a_duplicate_and_a_wrong_value_are_refused(by_hand: Do, customer: Record) -> None:
    with pytest.raises(Refused) as twice:
        by_hand("lina", "create", "customer", fields={"name": customer["name"]})
    assert twice.value.kind == "duplicate"
    with pytest.raises(Refused) as odd:
        wrong = {"name": "无金额", "customer": customer.id, "amount": "很多"}
        by_hand("lina", "create", "opportunity", fields=wrong)
    assert odd.value.kind == "invalid"


def test_lists_are_the_same_by_hand_and_by_api(by_hand: Do, by_api: Do, customer: Record) -> None:
    seen = by_hand("lina", "list", "customer", options={"q": customer["name"]})
    assert isinstance(seen, Page)
    assert ([row.id for row in seen.rows], seen.total) == ([customer.id], 1)
    assert by_hand("lina", "count", "customer") == by_api("lina", "count", "customer")
    last = [row["name"] for row in by_hand("lina", "list", "customer", options={"size": 3, "sort": "-name"}).rows]
    assert last == [
        row["name"] for row in by_api("lina", "list", "customer", options={"size": 3, "sort": "-name"}).rows
    ]
    where = by_hand("lina", "list", "customer", options={"where": {"phone": customer["phone"]}})
    assert [row.id for row in where.rows] == [customer.id]


def test_follow_ups_and_files_go_both_ways(by_hand: Do, by_api: Do, customer: Record) -> None:
    parent = {"parent_object": "customer", "parent_id": customer.id}
    by_hand("lina", "create", "followup", fields={**parent, "text": "电话沟通"})
    assert [row["text"] for row in by_api("lina", "list", "followup", options={"where": parent}).rows] == ["电话沟通"]
    body = secrets.token_bytes(4000)
    file = by_hand("lina", "attach", "customer", customer.id, options={"filename": "合同.pdf", "body": body})
    assert by_api("lina", "download", "customer", customer.id, options={"attachment": file.id}) == body
    assert by_hand("lina", "download", "customer", customer.id, options={"attachment": file.id}) == body
    exported = by_hand("lina", "export", "customer", options={"q": customer["name"]}).decode("utf-8-sig")
    assert customer["phone"] in exported


def test_the_door_signs_out_and_tells_a_wrong_password(scene: Scene, site: Site) -> None:
    assert isinstance(CRM, HasScreens)
    door, person = CRM.screens(site), PEOPLE[3]
    with pytest.raises(Refused) as no:
        scene.page(site.url, "sunli", lambda p: door.login(p, person, "wrong-password"))
    assert no.value.kind == "denied"
    page = scene.page(site.url, "sunli", lambda p: door.login(p, person, PASSWORD))
    door.logout(page)
    with pytest.raises(Refused) as out:
        door.do(page, Action("list", "customer"))
    assert out.value.kind == "expired"
