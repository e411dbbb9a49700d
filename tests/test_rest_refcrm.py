"""The reference CRM through its mapping and through its Python adapter: the same answers, word for word."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from crm_acceptance.actors import Cast, Doors
from crm_acceptance.errors import AcceptanceError, Refused
from crm_acceptance.model import Action, Page, Person, Record
from crm_acceptance.systems.refcrm import SYSTEM
from crm_acceptance.systems.rest import canonical, described
from crm_acceptance.systems.rest.codec import OTHER
from crm_acceptance.verbs import finance, records, sales

ROOT = Path(__file__).parent.parent
MAPPING = ROOT / "tests" / "mappings" / "refcrm.toml"
WORD = "a-test-password"


def people() -> list[Person]:
    with (ROOT / "fixtures" / "people.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    return [Person(row["key"], row["name"], row["department"], row["role"], row["login"]) for row in rows]


@pytest.fixture(scope="module")
def casts() -> Iterator[tuple[Cast, Cast]]:
    """The same people at the same CRM, by mapping and by adapter."""
    with SYSTEM.launch(password=WORD, options={"size": "30", "seed": "1"}) as site:
        by_mapping = Doors(described("refcrm-by-mapping", MAPPING, people()), site, lambda person: WORD)
        natively = Doors(SYSTEM, site, lambda person: WORD)
        yield Cast(people(), by_mapping), Cast(people(), natively)
        by_mapping.close()
        natively.close()


def said(cast: Cast, who: str, action: Action) -> Any:
    """The outcome, or the kind of refusal."""
    try:
        return plain(cast[who].records.do(action))
    except Refused as no:
        return no.kind
    except AcceptanceError as wrong:
        return type(wrong).__name__


def plain(outcome: Any) -> Any:
    """Without what one of the two does not name."""
    if isinstance(outcome, Page):
        return outcome.total, [plain(row) for row in outcome.rows]
    if not isinstance(outcome, Record):
        return outcome
    named = {name: value for name, value in outcome.fields.items() if name != OTHER and not name.endswith("_at")}
    return (
        outcome.object,
        outcome.id,
        {k: v for k, v in named.items() if k not in ("version", "at", "row", "object_id")},
    )


OBJECTS = ("campaign", "lead", "customer", "contact", "opportunity", "quote", "order", "payment", "invoice", "ticket")
ASKED = [
    *(("李娜", Action("list", name, options={"size": 5})) for name in OBJECTS),
    *(("孙丽", Action("list", name, options={"size": 3})) for name in OBJECTS),
    *(("李娜", Action("count", name)) for name in OBJECTS),
    ("李娜", Action("list", "customer", options={"q": "科技", "sort": "-name", "size": 3, "page": 2})),
    ("李娜", Action("list", "customer", options={"pool": True, "size": 3})),
    ("李娜", Action("count", "lead", options={"where": {"state": "new"}})),
    ("吴芳", Action("sum", "payment", options={"field": "amount"})),
    ("吴芳", Action("export", "payment")),
    ("陈静", Action("read", "report", "sales_summary", options={"where": {"owner": "lina"}})),
    ("陈静", Action("read", "customer", "99999")),
    ("赵敏", Action("list", "order")),
    ("冯磊", Action("list", "user")),
    ("李娜", Action("create", "customer", fields={"name": ""})),
    ("李娜", Action("delete", "customer", "1")),
]  # fmt: skip


@pytest.mark.parametrize(("who", "action"), ASKED, ids=lambda value: getattr(value, "verb", value))
def test_the_mapping_gives_what_the_adapter_gives(casts: tuple[Cast, Cast], who: str, action: Action) -> None:
    mapped, native = (said(cast, who, action) for cast in casts)
    assert mapped == native


def test_a_whole_sale_runs_through_the_mapping_alone(casts: tuple[Cast, Cast]) -> None:
    cast = casts[0]
    lina, chenjing, wufang = (cast[name] for name in ("李娜", "陈静", "吴芳"))
    lead = sales.register_lead(lina, name="陆一", company="青藤科技", phone="13911112222", source="展会")
    parts = sales.convert_lead(lina, lead, Decimal("5000"))
    assert set(parts) == {"customer", "contact", "opportunity"}
    customer = parts["customer"]
    fields = {"product": "软件", "quantity": 2, "unit_price": Decimal("1000"), "discount": Decimal(15)}
    quote = sales.make_quote(lina, customer, parts["opportunity"], fields)
    assert quote["total"] == Decimal("1700.00")
    sales.submit_quote(lina, quote)
    sales.approve_quote(chenjing, quote)
    order = sales.order_from_quote(lina, quote)
    assert (order.object, order["amount"], order["customer"]) == ("order", Decimal("1700.00"), customer.id)
    sales.confirm_order(lina, order)
    finance.send_payment_twice(wufang, order, Decimal("700"), "2026-11-22")
    assert records.see(wufang, order)["due"] == Decimal("1000.00")
    records.follow_up(lina, customer, "已回款")
    assert [row["text"] for row in records.followups(lina, customer)] == ["已回款"]
    records.attach(lina, customer, "合同.pdf", b"%PDF-1.7")
    assert records.fetch_attachment(lina, customer, "合同.pdf") == b"%PDF-1.7"
    assert {row["who"] for row in records.audit(lina, customer)} == {"lina"}


def test_the_mapping_can_do_exactly_what_the_adapter_can() -> None:
    by_mapping = described("refcrm-by-mapping", MAPPING, people())
    asked = [(verb, name) for verb in (*canonical.VERBS, "fly") for name in canonical.OBJECTS]
    assert [one for one in asked if by_mapping.supports(*one) != SYSTEM.supports(*one)] == []
