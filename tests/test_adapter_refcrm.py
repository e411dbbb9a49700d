"""The reference CRM's adapter: canonical actions against a running CRM, and what it does without one."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest

from crm_acceptance.actors import Cast, Doors
from crm_acceptance.errors import Refused, SiteOutOfReach, Unsupported, WrongUse
from crm_acceptance.model import Action, Page, Person
from crm_acceptance.story import Story
from crm_acceptance.systems import CanLaunch, HasRecords, HasScreens, Session, System, find
from crm_acceptance.systems.flow import Answer, Call, perform
from crm_acceptance.systems.refcrm import SYSTEM
from crm_acceptance.systems.refcrm.adapter import RefcrmRecords
from crm_acceptance.verbs import finance, records, sales

LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")
CHENJING = Person("chenjing", "陈静", "sales", "sales_manager", "chenjing")
WUFANG = Person("wufang", "吴芳", "finance", "accountant", "wufang")
SESSION = Session(LINA, {"Authorization": "Bearer t"})


@pytest.fixture(scope="module")
def cast() -> Iterator[Cast]:
    """People at a freshly launched CRM."""
    with SYSTEM.launch(password="a-test-password", options={"size": "5", "seed": "1"}) as site:
        doors = Doors(SYSTEM, site, lambda person: "a-test-password")
        yield Cast([LINA, CHENJING, WUFANG], doors)
        doors.close()


@pytest.fixture
def story() -> Story:
    return Story()


def call_of(action: Action) -> Call:
    """The call that the adapter describes, sent to nobody."""
    sent: list[Call] = []

    def send(call: Call) -> Answer:
        sent.append(call)
        return Answer(404, {}, b'{"error": {"code": "missing", "message": "no"}}')

    with pytest.raises(Refused):
        perform(RefcrmRecords().flow(SESSION, action), send)
    return sent[0]


def test_the_system_is_found_by_name_and_says_what_it_can() -> None:
    assert find("refcrm") is SYSTEM
    for ability in (System, HasRecords, HasScreens, CanLaunch):
        assert isinstance(SYSTEM, ability)
    assert SYSTEM.supports("convert", "lead")
    assert not SYSTEM.supports("convert", "ticket")


def test_every_call_carries_the_session_and_its_label_for_load_reports() -> None:
    call = call_of(Action("list", "customer", options={"q": "上海", "size": 5, "pool": True, "where": {"level": "A"}}))
    assert (call.method, call.path, call.verb) == ("GET", "/api/v1/customers", "customer.list")
    assert call.params == {"q": "上海", "size": "5", "pool": "true", "level": "A"}
    assert call.headers["Authorization"] == "Bearer t"


def test_money_goes_out_as_text_and_references_as_numbers() -> None:
    fields = {"customer": "12", "amount": Decimal("1234.50"), "name": "一期"}
    assert call_of(Action("create", "opportunity", fields=fields)).json == {
        "customer": 12,
        "amount": "1234.50",
        "name": "一期",
    }


def test_what_the_crm_has_no_route_for_is_unsupported_and_sends_nothing() -> None:
    flow = RefcrmRecords().flow(SESSION, Action("merge", "customer", "1"))
    with pytest.raises(Unsupported, match=r"customer\.merge"):
        perform(flow, lambda call: pytest.fail("a call was sent"))


def test_an_action_on_no_record_is_wrong_use() -> None:
    with pytest.raises(WrongUse, match="id"):
        perform(RefcrmRecords().flow(SESSION, Action("transfer", "customer", options={"to": "x"})), lambda call: None)  # type: ignore[arg-type,return-value]


@pytest.mark.parametrize(
    ("status", "code", "kind"),
    [
        (403, "denied", "denied"),
        (404, "missing", "missing"),
        (409, "duplicate", "duplicate"),
        (409, "conflict", "conflict"),
        (422, "invalid", "invalid"),
        (401, "unauthenticated", "expired"),
        (429, "slow_down", "throttled"),
    ],
)
def test_every_refusal_gets_its_kind(status: int, code: str, kind: str) -> None:
    answer = Answer(status, {}, f'{{"error": {{"code": "{code}", "message": "不行"}}}}'.encode())
    with pytest.raises(Refused) as said:
        perform(RefcrmRecords().flow(SESSION, Action("read", "customer", "1")), lambda call: answer)
    assert (said.value.kind, said.value.message, said.value.status) == (kind, "不行", status)


def test_a_record_comes_back_as_it_was_registered(cast: Cast, story: Story) -> None:
    fields = story.fields(
        "lead", {"姓名": "王建国", "公司": "苏州精密有限公司", "手机": "138 1234 5678", "来源": "展会"}
    )
    lead = records.register(cast["李娜"], "lead", fields)
    shown = records.see(cast["chenjing"], lead)
    assert {name: shown[name] for name in fields} == fields
    assert shown["owner"] == "lina"


def test_a_lead_becomes_an_order_that_is_paid(cast: Cast, story: Story) -> None:
    lina, wufang = cast["lina"], cast["wufang"]
    lead = sales.register_lead(lina, name=story.name("赵佳怡"), company=story.name("杭州医药有限公司"))
    parts = sales.convert_lead(lina, lead, Decimal(9000))
    assert set(parts) == {"customer", "contact", "opportunity"}
    order = sales.place_order(lina, parts["customer"], Decimal("9000.50"), story.name("维保"), parts["opportunity"])
    finance.register_payment(wufang, order, Decimal("0.50"), "2026-11-22")
    assert records.see(lina, order)["due"] == Decimal(9000)
    assert finance.receivables(wufang, parts["customer"])["total"]["due"] == Decimal(9000)


def test_lists_counts_and_sums_agree(cast: Cast, story: Story) -> None:
    lina = cast["lina"]
    customer = records.register(lina, "customer", {"name": story.name("青岛物流有限公司")})
    for amount in ("10.10", "20.20"):
        sales.open_opportunity(lina, customer, name=story.name(amount), amount=Decimal(amount))
    page = lina.look(Action("list", "opportunity", options={"q": story.marker, "size": 1}))
    assert isinstance(page, Page)
    assert (len(page.rows), page.total) == (1, 2)
    assert records.count(lina, "opportunity", q=story.marker) == 2
    assert records.total(lina, "opportunity", "amount", q=story.marker) == Decimal("30.30")


def test_papers_follow_ups_and_exports_come_back_whole(cast: Cast, story: Story) -> None:
    lina = cast["lina"]
    customer = records.register(lina, "customer", {"name": story.name("合肥教育有限公司")})
    records.follow_up(lina, customer, "第一次拜访")
    records.attach(lina, customer, "合同.pdf", b"%PDF" + bytes(range(256)))
    assert [row["text"] for row in records.followups(lina, customer)] == ["第一次拜访"]
    assert records.fetch_attachment(lina, customer, "合同.pdf") == b"%PDF" + bytes(range(256))
    assert records.fetch_attachment(lina, customer, "没有.pdf") is None
    assert story.name("合肥教育有限公司") in [row["name"] for row in records.export(lina, "customer")]


def test_a_repeated_key_makes_no_second_record(cast: Cast, story: Story) -> None:
    lina = cast["lina"]
    customer = records.register(lina, "customer", {"name": story.name("佛山建材有限公司")})
    order = sales.place_order(lina, customer, Decimal(100), story.name("配件"))
    finance.send_payment_twice(cast["wufang"], order, Decimal(10), "2026-11-22")
    assert len(records.belonging_to(cast["wufang"], "payment", order)) == 1


def test_an_unknown_launch_option_is_told_before_anything_starts() -> None:
    with pytest.raises(WrongUse, match="defects"), SYSTEM.launch(options={"defect": "x"}):
        pytest.fail("it started")


@pytest.mark.parametrize("options", [{"defects": "no_such_defect"}, {"size": "many"}])
def test_a_wrong_value_of_a_launch_option_is_wrong_use_and_no_site_out_of_reach(options: dict[str, str]) -> None:
    with (
        pytest.raises(WrongUse, match=r"启动选项不对.*(?:no_such_defect|many)"),
        SYSTEM.launch(password="a-test-password", options=options),
    ):
        pytest.fail("it started")


def test_the_site_is_gone_when_the_context_is_left() -> None:
    with SYSTEM.launch(password="a-test-password", options={"size": "1"}) as site:
        doors = Doors(SYSTEM, site, lambda person: "a-test-password")
        assert isinstance(Cast([LINA], doors)["lina"].look(Action("list", "customer")), Page)
    with pytest.raises(SiteOutOfReach, match="连不上"):
        Cast([LINA], Doors(SYSTEM, site, lambda person: "x"))["lina"].look(Action("read", "customer", "1"))
