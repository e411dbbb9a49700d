"""The generic browser door at pages nobody designed it for: no form, no label, no table, a login of two pages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from odd_crm import PASSWORD, PREFIX, OddCrm, odd_crm

from crm_acceptance.engines.browser import Browser, Scene
from crm_acceptance.errors import Refused, Unproven, Unsupported, WrongUse
from crm_acceptance.model import Action, Page, Person, Record, Site
from crm_acceptance.systems.rest import mapping
from crm_acceptance.systems.rest.screens import DescribedScreens, screens

pytestmark = pytest.mark.browser

FILE = Path(__file__).parent / "screens_odd.toml"
Do = Callable[..., Any]


def person(key: str) -> Person:
    return Person(key, key, "sales", "sales_rep", key)


def door(crm: OddCrm, text: str = "", at: Path = FILE) -> DescribedScreens:
    return screens(mapping.parse(at, text or FILE.read_text(encoding="utf-8")), Site("odd", crm.url))


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
def crm() -> Iterator[OddCrm]:
    with odd_crm() as running:
        yield running


@pytest.fixture
def do(scene: Scene, crm: OddCrm) -> Do:
    hand = door(crm)

    def doing(who: str, name: str, id: str | None = None, fields: Any = None, **options: Any) -> Any:
        page = scene.page(crm.url, who, lambda p: hand.login(p, person(who), PASSWORD))
        return hand.do(page, Action(name, "customer", id, fields or {}, options))

    return doing


def test_a_record_goes_through_dialog_popup_tab_and_drawer(do: Do, crm: OddCrm) -> None:
    typed = {"name": "甲公司", "address": "华南", "x_sales": Decimal("12000"), "x_vip": True}
    made = do("lina", "create", fields=typed)
    told = crm.customers[0]
    assert (told["name"], told["region"], told["amount"], told["vip"]) == ("甲公司", "华南", "12000", True)
    assert made.id == told["no"]
    assert do("lina", "read", made.id).fields == {**typed, "x_stage": "x_new"}
    do("lina", "x_promote", made.id, x_stage="x_ripe")
    assert crm.customers[0]["stage"] == "成熟客户"
    with pytest.raises(Refused) as no:
        do("wangqiang", "read", made.id)
    assert no.value.kind == "missing"


def test_a_no_is_a_no_wherever_the_page_says_it(do: Do, crm: OddCrm) -> None:
    crm.customers.append({"name": "甲公司", "no": "a1", "owner": "wangqiang", "stage": "新客户"})
    for fields, kind in (
        ({"name": "甲公司"}, "duplicate"),
        ({"address": "华北"}, "invalid"),
        ({"name": "x", "address": "西藏"}, "invalid"),
    ):
        with pytest.raises(Refused) as no:
            do("lina", "create", fields=fields)
        assert no.value.kind == kind, no.value
    assert "华东、华南、华北" in no.value.message
    assert len(crm.customers) == 1


def test_a_list_is_leafed_searched_and_counted(do: Do, crm: OddCrm) -> None:
    crm.customers += [
        {"name": f"第{n}家", "no": f"k{n}", "owner": "lina", "stage": "新客户", "amount": n * 1000} for n in range(7)
    ]
    second = do("lina", "list", page=2)
    assert isinstance(second, Page)
    assert [row["name"] for row in second.rows] == ["第3家", "第4家", "第5家"]
    assert second.total == 7 == do("lina", "count")
    assert [row.id for row in do("lina", "list", size=5, page=2).rows] == ["k5", "k6"]
    found = do("lina", "list", q="第6家")
    assert found.rows == (Record("customer", "k6", {"name": "第6家", "address": None, "x_sales": Decimal("6000")}),)
    with pytest.raises(Unsupported):
        do("lina", "list", sort="-name")


def test_a_label_that_changed_is_told_with_its_line_and_the_nearest(do: Do, crm: OddCrm) -> None:
    crm.label = "客户名"
    with pytest.raises(
        Unsupported, match=r"screens_odd\.toml:\d+ \[screens\.objects\.customer\.fields\] name.*最接近的是“客户名”"
    ):
        do("lina", "list")


def test_a_button_that_nobody_sees_is_a_no_only_when_the_mapping_says_so(scene: Scene, crm: OddCrm) -> None:
    crm.customers.append({"name": "甲", "no": "a1", "owner": "lina", "stage": "新客户"})
    text = FILE.read_text(encoding="utf-8").replace('button = "升级"', 'button = "完全没有"')
    for absent, said in (("unsupported", Unsupported), ("denied", Refused)):
        hand = door(crm, text.replace("patience = 15", f'patience = 15\nabsent = "{absent}"'))
        page = scene.page(crm.url, "lina", lambda p, hand=hand: hand.login(p, person("lina"), PASSWORD))
        with pytest.raises(said):
            hand.do(page, Action("x_promote", "customer", "a1", options={"x_stage": "x_ripe"}))


def test_a_session_that_ran_out_is_expired_and_a_wrong_password_denied(do: Do, scene: Scene, crm: OddCrm) -> None:
    do("lina", "list")
    crm.tokens.clear()
    with pytest.raises(Refused) as out:
        do("lina", "list")
    assert out.value.kind == "expired"
    with pytest.raises(Refused) as no:
        scene.page(crm.url, "hejun", lambda p: door(crm).login(p, person("hejun"), "wrong-password"))
    assert no.value.kind == "denied"
    assert "口令错误" in no.value.message


def test_a_captcha_is_said_and_a_stored_browser_state_gets_past_it(scene: Scene, tmp_path: Path) -> None:
    with odd_crm(captcha=True) as crm:
        with pytest.raises(Unproven, match="state"):
            scene.page(crm.url, "lina", lambda p: door(crm).login(p, person("lina"), PASSWORD))
        text = FILE.read_text(encoding="utf-8").replace('path = "/"', 'path = "/"\nstate = "states"', 1)
        hand = door(crm, text, tmp_path / "mapping.toml")
        with pytest.raises(WrongUse, match=r"lina\.json"):
            scene.page(crm.url, "lina", lambda p: hand.login(p, person("lina"), ""))
        store(tmp_path / "states" / "lina.json", crm, crm.sign_in("lina"))
        page = scene.page(crm.url, "lina", lambda p: hand.login(p, person("lina"), ""))
        assert hand.do(page, Action("count", "customer")) == 0
        store(tmp_path / "states" / "hejun.json", crm, "long-gone")
        with pytest.raises(Refused) as out:
            scene.page(crm.url, "hejun", lambda p: hand.login(p, person("hejun"), ""))
        assert out.value.kind == "expired"


def store(file: Path, crm: OddCrm, token: str) -> None:
    """What Playwright's --save-storage writes."""
    file.parent.mkdir(exist_ok=True)
    kept = [{"name": "odd-token", "value": token}]
    file.write_text(json.dumps({"cookies": [], "origins": [{"origin": crm.url, "localStorage": kept}]}))


def test_what_the_mapping_does_not_describe_names_the_key_that_would(do: Do) -> None:
    for name, key in (
        ("approve", r"\[screens\.objects\.customer\.buttons\] approve"),
        ("audit", r"\[screens\.objects\.audit\]"),
    ):
        with pytest.raises(Unsupported, match=key):
            do("lina", name, "a1")
    with pytest.raises(Unsupported, match=r"\[screens\.objects\.customer\.fields\].*phone"):
        do("lina", "create", fields={"phone": "1"})


def test_a_site_that_is_gone_is_one_sentence(scene: Scene, crm: OddCrm) -> None:
    hand = screens(mapping.load(FILE), Site("odd", "http://127.0.0.1:9"))
    with pytest.raises(Exception, match=r"http://127\.0\.0\.1:9 打不开") as out:
        scene.page("http://127.0.0.1:9", "lina", lambda p: hand.login(p, person("lina"), PASSWORD))
    assert "Call log" not in str(out.value)
    assert PREFIX == "/firma/crm"
