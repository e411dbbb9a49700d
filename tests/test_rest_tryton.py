"""A real Tryton 8.0 over its JSON-RPC by a mapping file alone: no line of Python knows it here."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from crm_acceptance.actors import Cast, Doors
from crm_acceptance.errors import Refused
from crm_acceptance.model import Action, Page, Person, Record
from crm_acceptance.systems.rest import described
from crm_acceptance.systems.tryton import SYSTEM

pytestmark = [pytest.mark.tryton, pytest.mark.slow, pytest.mark.xdist_group("tryton")]

WORD = secrets.token_urlsafe(16)
LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")
WANGQIANG = Person("wangqiang", "王强", "sales", "sales_rep", "wangqiang")
MAPPING = Path(__file__).parent / "mappings" / "tryton.toml"


@pytest.fixture(scope="module")
def cast() -> Iterator[Cast]:
    """Two salespeople at a fresh copy of the snapshot."""
    with SYSTEM.launch(password=WORD) as site:
        doors = Doors(
            described("tryton-by-mapping", MAPPING, (LINA, WANGQIANG)), site, lambda person: WORD, timeout=60.0
        )
        yield Cast([LINA, WANGQIANG], doors)
        doors.close()


def test_an_opportunity_lives_and_stays_private_over_json_rpc(cast: Cast) -> None:
    lina, wangqiang = cast["李娜"], cast["王强"]
    before = lina.act(Action("count", "opportunity"))
    customers = lina.act(Action("list", "customer", options={"q": "公司", "size": 1}))
    assert isinstance(customers, Page)
    fields = {"name": "映射商机", "customer": customers.rows[0].id, "amount": Decimal("1234.50")}
    made = lina.act(Action("create", "opportunity", fields=fields))
    assert isinstance(made, Record)
    assert (made["amount"], made["customer"], made["stage"]) == (Decimal("1234.50"), fields["customer"], "qualify")
    changed = lina.act(Action("change", "opportunity", made.id, fields={"amount": Decimal("99.90")}))
    assert isinstance(changed, Record)
    assert changed["amount"] == Decimal("99.90")
    found = lina.act(Action("list", "opportunity", options={"q": "映射", "sort": "-amount", "size": 5}))
    assert isinstance(found, Page)
    assert [row.id for row in found.rows] == [made.id]
    assert isinstance(before, int)
    assert lina.act(Action("count", "opportunity")) == before + 1
    with pytest.raises(Refused) as no:
        wangqiang.act(Action("read", "opportunity", made.id))
    assert no.value.kind == "denied"


def test_a_wrong_password_and_a_session_that_was_left_open_nothing(cast: Cast) -> None:
    wrong = cast.doors.another(LINA)
    wrong._password = "not-this-one"
    with pytest.raises(Refused) as no:
        wrong.session()
    assert no.value.kind == "denied"
    door = cast.doors.another(WANGQIANG)
    session = door.session()
    door.sign_out()
    with pytest.raises(Refused) as no:
        door.do_with(session, Action("count", "opportunity"))
    assert no.value.kind == "expired"
