"""A real NocoBase 2.2, where the cache holds one: own records, rules of the company, a scope that somebody widened."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from crm_acceptance.actors import Doors
from crm_acceptance.errors import Refused
from crm_acceptance.model import Action, Page, Person, Record
from crm_acceptance.systems.nocobase import SYSTEM, seed
from crm_acceptance.systems.nocobase.install import place
from crm_acceptance.systems.nocobase.launch import prepare
from crm_acceptance.systems.nocobase.widening import widen

pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("nocobase"),
    pytest.mark.skipif(
        not (place().root / "seeded.done").exists(),
        reason="NocoBase is not in the cache: 1.2 GB; crm-acceptance launch nocobase puts it there",
    ),
]
PASSWORD = secrets.token_urlsafe(16)
ROLES = {
    "lina": ("李娜", "sales", "sales_rep"),
    "wangqiang": ("王强", "sales", "sales_rep"),
    "chenjing": ("陈静", "sales", "sales_manager"),
    "sunli": ("孙丽", "service", "service_agent"),
    "wufang": ("吴芳", "finance", "accountant"),
}
PEOPLE = {key: Person(key, *row, key) for key, row in ROLES.items()}


@pytest.fixture(scope="module")
def doors() -> Iterator[Doors]:
    """Everybody's API door at a NocoBase over a fresh copy of the snapshot."""
    with SYSTEM.launch(password=PASSWORD) as site:
        made = Doors(SYSTEM, site, lambda person: PASSWORD, timeout=60.0)
        yield made
        made.close()


@pytest.fixture
def mark() -> str:
    """A word that is in no other test's records."""
    return "试" + secrets.token_hex(4)


def do(doors: Doors, who: str, verb: str, id: str | None = None, options: Any = None, /, **fields: Any) -> Any:
    """One action ("customer.create") as this person."""
    object, _, name = verb.partition(".")
    door = doors.records(PEOPLE[who])
    assert door is not None
    return door.do(Action(name, object, id, fields, options or {}))


def refusal(doors: Doors, who: str, *what: Any, **fields: Any) -> str:
    """The kind of no that this person hears."""
    with pytest.raises(Refused) as no:
        do(doors, who, *what, **fields)
    return no.value.kind


def ordered(doors: Doors, mark: str, amount: str) -> Record:
    """An order of Li Na's over this amount."""
    customer = do(doors, "lina", "customer.create", name=f"苏州{mark}有限公司")
    quote = do(
        doors, "lina", "quote.create", customer=customer.id, product=mark, quantity=1, unit_price=Decimal(amount)
    )
    do(doors, "lina", "quote.submit", quote.id)
    found = do(doors, "lina", "quote.order", quote.id)
    assert isinstance(found, Record)
    return found


def test_a_second_launch_installs_nothing(doors: Doors) -> None:
    said: list[str] = []
    prepare(said.append)
    assert said == []


def test_the_snapshot_holds_chinese_business_of_every_kind(doors: Doors) -> None:
    counts = {kind: do(doors, "chenjing", f"{kind}.count") for kind in ("customer", "lead", "opportunity", "order")}
    assert min(counts.values()) >= 20
    assert sum(counts.values()) >= 180


def test_a_salesperson_meets_own_records_only(doors: Doors, mark: str) -> None:
    customer = do(doors, "lina", "customer.create", name=f"苏州{mark}有限公司")
    assert customer["owner"] == "lina"
    assert refusal(doors, "wangqiang", "customer.read", customer.id) == "missing"
    assert refusal(doors, "wangqiang", "customer.change", customer.id, None, level="A") == "denied"
    assert do(doors, "wangqiang", "customer.count", None, {"q": mark}) == 0
    assert do(doors, "chenjing", "customer.count", None, {"q": mark}) == 1


def test_the_companys_own_rules_hold(doors: Doors, mark: str) -> None:
    order = ordered(doors, mark, "6000.60")
    assert order["amount"] == Decimal("6000.60")
    do(doors, "wufang", "payment.create", order=order.id, amount=Decimal("6000"))
    assert refusal(doors, "wufang", "payment.create", order=order.id, amount=Decimal("0.61")) == "invalid"
    assert refusal(doors, "lina", "order.cancel", order.id) == "conflict"
    assert do(doors, "lina", "order.read", order.id)["due"] == Decimal("0.60")
    assert refusal(doors, "lina", "payment.create", order=order.id, amount=Decimal("0.60")) == "denied"


def test_a_widened_scope_shows_everybodys_records_to_a_salesperson(doors: Doors) -> None:
    def of_others() -> list[str]:
        page = do(doors, "wangqiang", "lead.list", None, {"size": 200})
        assert isinstance(page, Page)
        return [row["owner"] for row in page.rows if row["owner"] != "wangqiang"]

    assert of_others() == []
    wire = seed.administrator(place(), doors.site.url)
    widen(wire, "r_sales/crm_leads:view")
    wire.close()
    assert "lina" in of_others()
    assert refusal(doors, "wangqiang", "lead.change", "1", None, note="x") == "denied"
