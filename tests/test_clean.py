"""What a run has created is removed, and nothing else: against the real reference CRM, lost answers included."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from foreign_crm import LINA, PASSWORD, WUFANG, cleaned, crm, door, doors, made, standing

from crm_acceptance import evidence
from crm_acceptance.actors import Doors, ScreensDoor
from crm_acceptance.cleaning.reading import read
from crm_acceptance.engines.faults.front import in_front
from crm_acceptance.errors import Refused, SiteOutOfReach
from crm_acceptance.manners import journal
from crm_acceptance.model import Action, Person, Record, Site
from crm_acceptance.story import Story
from crm_acceptance.systems import HasRecords, find


def a_sale(doors: Doors) -> None:
    """A lead converted, a quote ordered, a payment, a ticket, an attachment, a follow-up, an import, an account."""
    lina, story = door(doors, LINA), Story()
    lead = made(
        lina, "lead", name=story.name("周志强"), company=story.name("慈溪商贸"), phone=story.phone("13812345678")
    )
    converted = lina.do(Action("convert", "lead", lead.id))
    assert isinstance(converted, Record)
    customer = Record("customer", converted["customer"])
    goods = {"product": story.name("标准版"), "quantity": 1, "unit_price": Decimal(10)}
    quote = made(lina, "quote", customer=customer.id, **goods)
    lina.do(Action("submit", "quote", quote.id))
    order = lina.do(Action("order", "quote", quote.id))
    assert isinstance(order, Record)
    made(door(doors, WUFANG), "payment", order=order.id, amount=Decimal(3), method="转账")
    lina.do(Action("attach", "customer", customer.id, options={"filename": "a.txt", "body": b"x"}))
    followup = {"parent_object": "customer", "parent_id": customer.id, "text": story.name("已联系")}
    lina.do(Action("create", "followup", fields=followup))
    sheet = f"name,phone\n{story.name('甲')},{story.phone('13911112222')}\n{story.name('乙')},13\n"
    lina.do(Action("import", "lead", options={"csv": sheet.encode()}))
    lina.do(Action("change", "customer", customer.id, fields={"name": "改名公司", "phone": "13700000000"}))


def test_a_whole_sale_is_removed_and_every_other_row_stays_as_it_was(
    crm: tuple[Site, Path], doors: Doors, tmp_path: Path
) -> None:
    site, database = crm
    before = standing(database)
    with journal.opened(tmp_path / "journal", site):
        a_sale(doors)
    assert standing(database) != before
    found = cleaned(tmp_path / "journal", site)
    assert found.left == () and found.created >= 9
    assert standing(database) == before
    assert not read(tmp_path / "journal").unsettled
    assert cleaned(tmp_path / "journal", site).left == ()  # once more harms nobody
    assert standing(database) == before


def test_records_whose_answer_was_lost_are_found_by_the_word_that_was_drawn(
    crm: tuple[Site, Path], tmp_path: Path
) -> None:
    site, database = crm
    before = standing(database)
    story = Story()
    with (
        journal.opened(tmp_path / "journal", site),
        in_front(site, ["lose_answer=POST:/api/v1/leads"], tmp_path / "t") as lossy,
    ):
        doors = Doors(find("refcrm"), lossy, lambda person: PASSWORD)
        with pytest.raises(SiteOutOfReach):
            door(doors, LINA).do(Action("create", "lead", fields={"name": story.name("失联"), "company": "某公司"}))
        doors.close()
    [entry] = read(tmp_path / "journal").entries
    assert (entry.ended, entry.made, entry.words) == (False, (), (story.marker,))
    assert len(standing(database)["leads"]) == len(before["leads"]) + 1
    assert cleaned(tmp_path / "journal", site, thorough=False).left == ()
    assert standing(database) == before


def test_a_payment_whose_answer_was_lost_is_found_under_our_own_order(
    crm: tuple[Site, Path], doors: Doors, tmp_path: Path
) -> None:
    site, database = crm
    before, story, lina = standing(database), Story(), door(doors, LINA)
    with journal.opened(tmp_path / "journal", site):
        customer = made(lina, "customer", name=story.name("慈溪光学有限公司"), phone=story.phone("13812345678"))
        order = made(lina, "order", customer=customer.id, amount=Decimal(50))
        with in_front(site, ["lose_answer=POST:/api/v1/payments"], tmp_path / "t") as lossy:
            behind = Doors(find("refcrm"), lossy, lambda person: PASSWORD)
            with pytest.raises(SiteOutOfReach):
                made(door(behind, WUFANG), "payment", order=order.id, amount=Decimal(7), method="转账")
            behind.close()
    assert cleaned(tmp_path / "journal", site, thorough=False).left == ()
    assert standing(database) == before


def test_what_a_lost_conversion_has_made_is_found_by_the_words_of_its_lead(
    crm: tuple[Site, Path], doors: Doors, tmp_path: Path
) -> None:
    site, database = crm
    before, story, lina = standing(database), Story(), door(doors, LINA)
    with journal.opened(tmp_path / "journal", site):
        lead = made(lina, "lead", name=story.name("周志强"), company=story.name("慈溪商贸"))
        with in_front(site, ["lose_answer=POST:/api/v1/leads/"], tmp_path / "t") as lossy:
            behind = Doors(find("refcrm"), lossy, lambda person: PASSWORD)
            with pytest.raises(SiteOutOfReach):
                door(behind, LINA).do(Action("convert", "lead", lead.id))
            behind.close()
    assert len(standing(database)["customers"]) == len(before["customers"]) + 1
    assert cleaned(tmp_path / "journal", site, thorough=False).left == ()
    assert standing(database) == before


def test_a_row_that_holds_a_drawn_word_by_chance_is_nobodys_but_its_owners(
    crm: tuple[Site, Path], doors: Doors, tmp_path: Path
) -> None:
    site, database = crm
    other = made(door(doors, LINA), "lead", name="周敏", company="别家公司", email="support@example.com")
    before = standing(database)
    with journal.opened(tmp_path / "journal", site), pytest.raises(Refused):
        fields = {"name": f"失联{journal.word('support')}"}
        journal.performed("lina", Action("create", "lead", fields=fields), _says_no)
    assert cleaned(tmp_path / "journal", site).left == ()
    assert standing(database) == before
    door(doors, LINA).do(Action("delete", "lead", other.id))


def test_what_a_doubled_request_left_twice_is_removed_twice(crm: tuple[Site, Path], tmp_path: Path) -> None:
    site, database = crm
    before, story = standing(database), Story()
    with (
        journal.opened(tmp_path / "journal", site),
        in_front(site, ["double=POST:/api/v1/leads"], tmp_path / "t") as twice,
    ):
        doors = Doors(find("refcrm"), twice, lambda person: PASSWORD)
        made(door(doors, LINA), "lead", name=story.name("两次"))
        doors.close()
    assert len(standing(database)["leads"]) == len(before["leads"]) + 2
    assert cleaned(tmp_path / "journal", site).left == ()
    assert standing(database) == before


def test_an_id_that_belongs_to_somebody_else_by_now_is_left_alone(
    crm: tuple[Site, Path], doors: Doors, tmp_path: Path
) -> None:
    """As after a restored backup: the journal names an id, but other words stand there."""
    site, database = crm
    foreign = made(door(doors, LINA), "lead", name="别人的线索", company="别家公司", phone="13500000001")
    before = standing(database)
    with journal.opened(tmp_path / "journal", site):
        journal.note("lina", "lead", foreign.id, {"name": f"我们的{journal.word('qwertyz')}", "state": "new"})
        journal.note("lina", "payment", "99999", {"amount": "1"})
    found = cleaned(tmp_path / "journal", site)
    assert [(one.object, one.id) for one in found.left] == [("lead", foreign.id)]
    assert "别的记录" in found.left[0].reason
    assert standing(database) == before
    door(doors, LINA).do(Action("delete", "lead", foreign.id))


def test_a_search_that_brings_strangers_along_does_not_touch_them(
    crm: tuple[Site, Path], doors: Doors, tmp_path: Path
) -> None:
    """A common name was sent and no answer came: whoever is called so is not therefore ours."""
    site, database = crm
    other = made(door(doors, LINA), "lead", name="王小明", company="别家公司")
    before = standing(database)
    folder = tmp_path / "journal"
    with journal.opened(folder, site):
        journal.word("zzzdrawn")
    line = {"do": 1, "who": "lina", "verb": "lead.create", "on": "", "fields": {"name": "王小明"}, "words": []}
    (folder / "1-a.jsonl").write_text(json.dumps(line) + "\n" + '{"do": 2, "who": "li', encoding="utf-8")
    found = cleaned(folder, site)
    assert found.left == () and any("王小明" in notice for notice in found.notices)
    assert standing(database) == before
    door(doors, LINA).do(Action("delete", "lead", other.id))


def test_what_nobody_may_delete_is_told_by_id(crm: tuple[Site, Path], doors: Doors, tmp_path: Path) -> None:
    site, story = crm[0], Story()
    with journal.opened(tmp_path / "journal", site):
        customer = made(door(doors, LINA), "customer", name=story.name("留下"), phone=story.phone("13812345678"))
    found = cleaned(tmp_path / "journal", site, cleaner="")
    assert [(one.object, one.id) for one in found.left] == [("customer", customer.id)]
    assert "denied" in found.left[0].reason
    assert cleaned(tmp_path / "journal", site).left == ()


def test_a_site_that_is_gone_keeps_the_journal_for_later(tmp_path: Path) -> None:
    gone = Site("refcrm", "http://127.0.0.1:9")
    with journal.opened(tmp_path / "journal", gone):
        journal.note("lina", "lead", "1", {"name": "甲"})
    with pytest.raises(SiteOutOfReach):
        cleaned(tmp_path / "journal", gone)
    assert read(tmp_path / "journal").unsettled


def test_nothing_is_written_where_no_journal_is_open(crm: tuple[Site, Path], doors: Doors, tmp_path: Path) -> None:
    lead = made(door(doors, LINA), "lead", name=Story().name("无日志"))
    assert not list(tmp_path.rglob("*"))
    door(doors, LINA).do(Action("delete", "lead", lead.id))


def test_screens_write_the_same_journal_and_secrets_stay_out_of_it(tmp_path: Path) -> None:
    evidence.keep_secret("streng-geheim-1")

    class Screens:
        def login(self, page: Any, person: Person, password: str) -> None: ...

        def logout(self, page: Any) -> None: ...

        def do(self, page: Any, action: Action) -> Record:
            [file] = (tmp_path / "journal").glob("*.jsonl")
            assert '"do": 1' in file.read_text(encoding="utf-8")  # before anything is typed
            return Record(action.object, "7")

    class Window:
        def page(self, site: str, person: str, login: Any) -> object:
            return object()

        def leave(self, person: str) -> None: ...

    site = Site("odd", "http://127.0.0.1:9")
    with journal.opened(tmp_path / "journal", site):
        fields = {"name": "甲 streng-geheim-1", "password": "noch-geheimer-2", "amount": Decimal("1.50")}
        ScreensDoor(Screens(), site, LINA, "x", Window()).do(Action("create", "lead", fields=fields))
    [entry] = read(tmp_path / "journal").entries
    assert (entry.made, entry.ended, entry.who) == ((("lead", "7"),), True, "lina")
    assert dict(entry.fields) == {"name": f"甲 {evidence.HIDDEN}", "amount": "1.50"}


def test_refusals_are_looked_for_as_well(crm: tuple[Site, Path], doors: Doors, tmp_path: Path) -> None:
    """A CRM that says no and writes all the same is what acceptance looks for."""
    site, database = crm
    before, story = standing(database), Story()
    lead = made(door(doors, LINA), "lead", name=story.name("暗中"))
    with journal.opened(tmp_path / "journal", site), pytest.raises(Refused):
        journal.performed("lina", Action("create", "lead", fields={"name": lead["name"]}), _says_no)
    assert cleaned(tmp_path / "journal", site, thorough=False).left == ()
    assert standing(database) == before


def _says_no() -> None:
    raise Refused("denied", "没有权限", 403)


def test_the_reference_crm_is_a_system_with_an_api() -> None:
    """Everything above stands on it."""
    assert isinstance(find("refcrm"), HasRecords)


__all__ = ["crm", "doors"]
