"""The pages of the reference CRM, driven by a real browser against the real program, compared with its API."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
import requests

from crm_acceptance.engines.browser import Browser, Scene
from crm_acceptance.errors import Refused, SiteOutOfReach, Unsupported
from crm_acceptance.model import Action, Page, Person, Record, Site
from crm_acceptance.sending import http_send
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import perform
from crm_acceptance.systems.refcrm import SYSTEM
from crm_acceptance.systems.refcrm.screens import RefcrmScreens

pytestmark = pytest.mark.browser

PASSWORD = secrets.token_urlsafe(12)
WHO = {
    "lina": "sales_rep", "wangqiang": "sales_rep", "hejun": "sales_rep", "chenjing": "sales_manager",
    "zhaomin": "marketer", "sunli": "service_agent", "wufang": "accountant", "zhengwei": "executive",
    "fenglei": "it_admin",
}  # fmt: skip
Do = Callable[..., Any]


def person(key: str) -> Person:
    return Person(key, key, "", WHO.get(key, ""), key)


def unique(word: str) -> str:
    return f"{word}{secrets.token_hex(4)}"


def phone() -> str:
    return f"139{secrets.randbelow(10**8):08d}"


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with SYSTEM.launch(password=PASSWORD, options={"size": "60"}) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    made = Browser()
    yield made
    made.close()


@pytest.fixture
def scene(browser: Browser) -> Iterator[Scene]:
    with browser.scene() as made:
        yield made


@pytest.fixture
def by_hand(scene: Scene, site: Site) -> Do:
    """by_hand("lina", "create", "lead", ...): the action on the screen, as that person."""
    screens = RefcrmScreens(site)

    def do(who: str, name: str, object: str, id: str | None = None, **more: Any) -> Any:
        page = scene.page(site.url, who, lambda p: screens.login(p, person(who), PASSWORD))
        return screens.do(page, Action(name, object, id, more.get("fields", {}), more.get("options", {})))

    return do


@pytest.fixture(scope="module")
def by_api(site: Site) -> Do:
    """The same through the API, to compare with."""
    send, records, sessions = http_send(requests.Session(), site, 15), SYSTEM.records(site), dict[str, Session]()

    def do(who: str, name: str, object: str, id: str | None = None, **more: Any) -> Any:
        if who not in sessions:
            sessions[who] = perform(records.login(person(who), PASSWORD), send)
        action = Action(name, object, id, more.get("fields", {}), more.get("options", {}))
        return perform(records.flow(sessions[who], action), send)

    return do


def same(seen: Record, told: Record) -> None:
    """What the screen shows is what the API tells; the screen may show less (no version), never something else."""
    assert seen.id == told.id
    assert len(seen.fields) > 4
    assert dict(seen.fields) == {name: told.get(name) for name in seen.fields}


@pytest.fixture
def customer(by_api: Do) -> Record:
    """A customer of lina."""
    fields = {"name": unique("深圳远航"), "phone": phone(), "tax_number": unique("91")}
    found = by_api("lina", "create", "customer", fields=fields)
    assert isinstance(found, Record)
    return found


def test_a_new_lead_has_every_field_that_was_typed(by_hand: Do, by_api: Do) -> None:
    campaign = by_api("zhaomin", "list", "campaign", options={"size": 1}).rows[0]
    typed = {
        "name": unique("张伟"), "company": "广州恒通<b>贸易</b> & Co", "phone": phone(), "email": "zw@example.com",
        "source": "展会", "campaign": campaign.id, "note": "第一行\n第二行 \"引号\"",
    }  # fmt: skip
    made = by_hand("lina", "create", "lead", fields=typed)
    told = by_api("lina", "read", "lead", made.id)
    assert {name: told[name] for name in typed} == typed
    same(made, told)
    same(by_hand("lina", "read", "lead", made.id), told)


def test_a_lead_becomes_customer_contact_and_opportunity(by_hand: Do, by_api: Do) -> None:
    lead = by_api("lina", "create", "lead", fields={"name": "王芳", "company": unique("汇达"), "phone": phone()})
    asked = {"opportunity_name": unique("年度采购"), "amount": Decimal("1234.50")}
    made = by_hand("lina", "convert", "lead", lead.id, fields=asked)
    assert made.object == "customer"
    assert by_api("lina", "read", "opportunity", made["opportunity"])["amount"] == asked["amount"]
    assert by_api("lina", "read", "contact", made["contact"])["customer"] == made.id == made["customer"]
    with pytest.raises(Refused) as again:
        by_hand("lina", "convert", "lead", lead.id)
    assert again.value.kind == "conflict"


def test_a_duplicate_is_refused_and_what_was_typed_stays(
    by_hand: Do, scene: Scene, site: Site, customer: Record
) -> None:
    with pytest.raises(Refused) as no:
        by_hand("lina", "create", "customer", fields={"name": customer["name"], "industry": "物流"})
    assert no.value.kind == "duplicate"
    page = scene.page(site.url, "lina", lambda p: None)
    assert page.get_by_label("行业").input_value() == "物流"
    assert page.get_by_label("名称", exact=True).get_attribute("aria-invalid") == "true"


def test_wrong_input_is_refused_as_invalid(by_hand: Do, customer: Record) -> None:
    with pytest.raises(Refused) as no:
        by_hand("lina", "create", "opportunity", fields={"name": "无金额", "customer": customer.id, "amount": "很多"})
    assert no.value.kind == "invalid"
    assert "金额" in no.value.message


def test_a_change_is_saved_and_in_the_history(by_hand: Do, by_api: Do, customer: Record) -> None:
    by_hand("lina", "change", "customer", customer.id, fields={"level": "A", "address": "深圳市南山区"})
    told = by_api("lina", "read", "customer", customer.id)
    assert (told["level"], told["address"]) == ("A", "深圳市南山区")
    told_rows, seen_rows = (do("lina", "audit", "customer", customer.id).rows for do in (by_api, by_hand))
    names = ("at", "who", "action", "object", "field", "old", "new")
    assert [[r.get(n) or None for n in names] for r in seen_rows] == [
        [r.get(n) or None for n in names] for r in told_rows
    ]
    assert seen_rows[-1].id == customer.id


def test_lists_search_filter_sort_and_leaf_like_the_api(by_hand: Do, by_api: Do, customer: Record) -> None:
    for number, amount in enumerate(("9", "100", "20.50", "3000", "7", "8", "11", "12", "13", "14", "15")):
        fields = {"name": f"第{number}期", "customer": customer.id, "amount": amount}
        by_api("lina", "create", "opportunity", fields=fields)
    where = {"customer": customer.id, "stage": "qualify"}
    for page in (1, 2, 3):
        asked = {"where": where, "q": "期", "sort": "-amount", "size": 10, "page": page}
        seen, told = (do("lina", "list", "opportunity", options=asked) for do in (by_hand, by_api))
        assert (seen.total, [r.id for r in seen.rows]) == (11, [r.id for r in told.rows])
        for mine, theirs in zip(seen.rows, told.rows, strict=True):
            same(mine, theirs)
    assert by_hand("lina", "count", "opportunity", options={"where": where}) == 11
    assert by_hand("lina", "count", "opportunity", options={"where": {**where, "stage": "won"}}) == 0
    assert by_hand("lina", "sum", "opportunity", options={"where": where, "field": "amount"}) == Decimal("3209.50")
    with pytest.raises(Unsupported):
        by_hand("lina", "list", "opportunity", options={"where": where, "sort": "probability"})


def test_who_has_no_right_is_refused_and_a_strangers_record_is_missing(by_hand: Do, customer: Record) -> None:
    refusals = {}
    for who, name, object in (("wangqiang", "read", "customer"), ("zhaomin", "read", "customer"),
                              ("wufang", "change", "customer"), ("sunli", "create", "payment"),
                              ("zhengwei", "transfer", "customer"), ("lina", "list", "user")):  # fmt: skip
        with pytest.raises(Refused) as no:
            by_hand(who, name, object, customer.id, options={"to": "lina"} if name == "transfer" else {})
        refusals[who, name] = no.value.kind
    assert refusals.pop(("wangqiang", "read")) == "missing"
    assert set(refusals.values()) == {"denied"}


def test_masked_phones_are_masked_on_the_screen(by_hand: Do, customer: Record) -> None:
    seen = by_hand("sunli", "read", "customer", customer.id)
    assert "****" in seen["phone"]
    assert "tax_number" not in seen.fields


def test_a_customer_goes_to_a_colleague_to_the_pool_and_back(by_hand: Do, by_api: Do, customer: Record) -> None:
    moved = by_hand("lina", "transfer", "customer", customer.id, options={"to": "wangqiang"})
    assert (moved.id, dict(moved.fields)) == (customer.id, {})
    assert by_hand("wangqiang", "read", "customer", customer.id)["owner"] == "wangqiang"
    by_hand("wangqiang", "release", "customer", customer.id)
    pool = by_hand("hejun", "list", "customer", options={"pool": True, "q": customer["name"]})
    assert [r.id for r in pool.rows] == [customer.id]
    assert by_hand("hejun", "claim", "customer", customer.id)["owner"] == "hejun"
    with pytest.raises(Refused) as late:
        by_hand("hejun", "claim", "customer", customer.id)
    assert late.value.kind == "conflict"
    with pytest.raises(Refused) as nobody:
        by_hand("hejun", "transfer", "customer", customer.id, options={"to": "nobody"})
    assert nobody.value.kind == "invalid"


def test_a_quote_is_approved_ordered_confirmed_and_paid(by_hand: Do, by_api: Do, customer: Record) -> None:
    fields = {
        "customer": customer.id,
        "product": "CRM 标准版",
        "quantity": 3,
        "unit_price": Decimal("99.99"),
        "discount": 15,
    }
    quote = by_hand("lina", "create", "quote", fields=fields)
    assert (quote["total"], quote["discount"], quote["quantity"]) == (Decimal("254.97"), 15, 3)
    assert by_hand("lina", "submit", "quote", quote.id)["state"] == "pending"
    with pytest.raises(Refused) as own:
        by_hand("lina", "approve", "quote", quote.id)
    assert own.value.kind == "denied"
    assert by_hand("chenjing", "reject", "quote", quote.id, options={"reason": "折扣过高"})["state"] == "rejected"
    by_hand("lina", "submit", "quote", quote.id)
    assert by_hand("chenjing", "approve", "quote", quote.id)["state"] == "approved"
    order = by_hand("lina", "order", "quote", quote.id)
    assert (order.object, order["amount"], order["state"]) == ("order", Decimal("254.97"), "open")
    assert by_hand("lina", "confirm", "order", order.id)["state"] == "confirmed"
    paid = {"order": order.id, "amount": Decimal("254.97"), "method": "银行转账", "received_on": "2026-11-20"}
    payment = by_hand("wufang", "create", "payment", fields=paid)
    same(payment, by_api("wufang", "read", "payment", payment.id))
    assert by_hand("wufang", "read", "order", order.id)["state"] == "paid"
    with pytest.raises(Refused) as late:
        by_hand("lina", "cancel", "order", order.id)
    assert late.value.kind == "conflict"


def test_an_opportunity_advances_to_its_end(by_hand: Do, by_api: Do, customer: Record) -> None:
    fields = {"name": unique("扩容"), "customer": customer.id, "amount": 5000}
    made = by_api("lina", "create", "opportunity", fields=fields)
    assert by_hand("lina", "advance", "opportunity", made.id, options={"stage": "negotiation"})["probability"] == 70
    with pytest.raises(Refused) as back:
        by_hand("lina", "advance", "opportunity", made.id, options={"stage": "qualify"})
    assert back.value.kind == "conflict"
    assert by_hand("lina", "advance", "opportunity", made.id, options={"stage": "won"})["stage"] == "won"


def test_a_ticket_is_assigned_resolved_and_closed(by_hand: Do, customer: Record) -> None:
    fields = {"title": unique("无法登录"), "customer": customer.id, "priority": "urgent"}
    ticket = by_hand("sunli", "create", "ticket", fields=fields)
    assert by_hand("sunli", "assign", "ticket", ticket.id, options={"to": "zhoutao"})["assignee"] == "zhoutao"
    with pytest.raises(Refused):
        by_hand("sunli", "close", "ticket", ticket.id)
    done = by_hand("sunli", "resolve", "ticket", ticket.id, fields={"resolution": "已重置密码"})
    assert (done["state"], done["resolution"]) == ("resolved", "已重置密码")
    assert by_hand("sunli", "close", "ticket", ticket.id)["state"] == "closed"


def test_followups_keep_their_order_and_files_their_bytes(by_hand: Do, by_api: Do, customer: Record) -> None:
    parent = {"parent_object": "customer", "parent_id": customer.id}
    for text in ("电话沟通", "第二次\n拜访"):
        assert by_hand("lina", "create", "followup", fields={**parent, "text": text})["text"] == text
    seen, told = (do("lina", "list", "followup", options={"where": parent}).rows for do in (by_hand, by_api))
    assert [(r.id, r["text"], r["author"], r["at"]) for r in seen] == [
        (r.id, r["text"], r["author"], r["at"]) for r in told
    ]
    body = secrets.token_bytes(3000)
    file = by_hand("lina", "attach", "customer", customer.id, options={"filename": "合同 2026.pdf", "body": body})
    assert (file["name"], file["size"]) == ("合同 2026.pdf", 3000)
    assert by_hand("lina", "download", "customer", customer.id, options={"attachment": file.id}) == body
    with pytest.raises(Refused) as none:
        by_hand("lina", "download", "customer", customer.id, options={"attachment": "999999"})
    assert none.value.kind == "missing"


def test_import_says_what_became_of_each_row_and_export_holds_them_all(by_hand: Do, by_api: Do) -> None:
    mark = unique("导入")
    csv = f"name,company,phone\n{mark}一,甲公司,{phone()}\n,乙公司,{phone()}\n{mark}二,丙公司,{phone()}\n"
    result = by_hand("zhaomin", "import", "lead", options={"csv": csv.encode("utf-8-sig")})
    assert result["created"] == 2
    assert [r["row"] for r in result["rejected"]] == [3]
    seen, told = (do("zhaomin", "export", "lead", options={"q": mark}) for do in (by_hand, by_api))
    assert seen == told
    assert seen.decode("utf-8-sig").count(mark) == 2


@pytest.mark.parametrize("name", ["sales_summary", "receivables", "pipeline", "campaign_roi"])
def test_reports_show_what_the_api_tells(by_hand: Do, by_api: Do, name: str) -> None:
    seen, told = (do("zhengwei", "read", "report", name) for do in (by_hand, by_api))
    assert seen["total"] == told["total"]
    assert len(seen["rows"]) == len(told["rows"]) > 0
    for mine, theirs in zip(seen["rows"], told["rows"], strict=True):
        assert mine == {key: theirs[key] for key in mine}


def test_it_sees_the_whole_log_and_hands_over_somebody_who_leaves(by_hand: Do, by_api: Do, site: Site) -> None:
    login = f"t{secrets.token_hex(4)}"
    fields = {"login": login, "name": "测试员", "role": "sales_rep", "department": "sales", "password": PASSWORD}
    made = by_hand("fenglei", "create", "user", fields=fields)
    assert (made["login"], made["role"], made["active"]) == (login, "sales_rep", True)
    lead = by_hand(login, "create", "lead", fields={"name": unique("赵六"), "phone": phone()})
    counts = by_hand("fenglei", "handover", "user", login, options={"to": "lina"})
    assert counts["leads"] == 1
    assert by_api("lina", "read", "lead", lead.id)["owner"] == "lina"
    with pytest.raises(Refused) as gone:
        by_hand(login, "read", "lead", lead.id)
    assert gone.value.kind == "expired"
    assert by_hand("fenglei", "enable", "user", login)["active"] is True
    assert by_hand("fenglei", "disable", "user", login)["active"] is False
    users: Page = by_hand("fenglei", "list", "user")
    assert login in {r.id for r in users.rows}
    log: Page = by_hand("fenglei", "list", "audit")
    assert (log.rows[0]["action"], log.rows[0].id) == ("disable", login)


def test_a_wrong_password_is_denied_and_logging_out_ends_the_session(
    browser: Browser, scene: Scene, site: Site
) -> None:
    screens = RefcrmScreens(site)
    browser.forget(site.url, "wufang")
    with pytest.raises(Refused) as no:
        scene.page(site.url, "wufang", lambda p: screens.login(p, person("wufang"), "wrong"))
    assert no.value.kind == "denied"
    page = scene.page(site.url, "wufang", lambda p: screens.login(p, person("wufang"), PASSWORD))
    screens.logout(page)
    with pytest.raises(Refused) as over:
        screens.do(page, Action("list", "payment"))
    assert over.value.kind == "expired"
    scene.leave("wufang")


def test_the_pages_work_in_english(by_hand: Do, scene: Scene, site: Site, customer: Record) -> None:
    page = scene.page(site.url, "lina", lambda p: RefcrmScreens(site).login(p, person("lina"), PASSWORD))
    page.goto(f"{site.url}/customers")
    page.get_by_role("link", name="English").click()
    page.get_by_role("heading", name="Customers").wait_for()
    fields = {"name": unique("Upgrade"), "customer": customer.id, "amount": 10}
    made = by_hand("lina", "create", "opportunity", fields=fields)
    moved = by_hand("lina", "advance", "opportunity", made.id, options={"stage": "proposal"})
    assert (moved["stage"], moved["owner"], moved["amount"]) == ("proposal", "lina", Decimal("10.00"))
    page.get_by_role("link", name="中文").click()


def test_a_form_without_our_token_changes_nothing(
    by_hand: Do, by_api: Do, scene: Scene, site: Site, customer: Record
) -> None:
    by_hand("lina", "read", "customer", customer.id)
    page = scene.page(site.url, "lina", lambda p: None)
    answer = page.request.post(f"{site.url}/customers/{customer.id}/release", form={"csrf": "x"})
    assert answer.status == 403
    assert by_api("lina", "read", "customer", customer.id)["owner"] == "lina"


def test_an_action_that_no_page_offers_is_unsupported(by_hand: Do) -> None:
    with pytest.raises(Unsupported):
        by_hand("lina", "check_duplicate", "customer", fields={"name": "甲"})


def test_a_site_that_is_down_is_one_sentence(scene: Scene) -> None:
    with pytest.raises(SiteOutOfReach) as down:
        RefcrmScreens(Site("refcrm", "http://127.0.0.1:9")).login(
            scene.page("http://127.0.0.1:9", "nobody", lambda p: None), person("lina"), PASSWORD
        )
    assert "http://127.0.0.1:9" in str(down.value)
    assert "\n" not in str(down.value)


def test_what_happened_is_told_and_a_role_is_changed(by_hand: Do) -> None:
    made = by_hand("zhaomin", "create", "lead", fields={"name": unique("线索"), "phone": phone()})
    by_hand("zhaomin", "assign", "lead", made.id, options={"to": "lina"})
    told = by_hand("lina", "list", "notification").rows[0]
    assert (told.id, told.get("object")) == (made.id, "lead") and made.get("name") in told.get("text")
    login = unique("newcomer")
    fields = {"login": login, "name": "新人", "role": "sales_rep", "password": PASSWORD}
    by_hand("fenglei", "create", "user", fields=fields)
    changed = by_hand("fenglei", "change", "user", login, fields={"role": "marketer", "password": f"{PASSWORD}2"})
    assert changed.get("role") == "marketer"
