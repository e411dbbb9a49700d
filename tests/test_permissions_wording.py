"""The words in which cells and findings speak to business people."""

from __future__ import annotations

import pytest

from crm_acceptance.engines.fuzz.naming import Operation
from crm_acceptance.engines.permissions import wording
from crm_acceptance.engines.permissions.table import Rule
from crm_acceptance.engines.permissions.vocabulary import OBJECT_FIELDS, actions_of
from crm_acceptance.model import Person


@pytest.mark.parametrize(
    ("rule", "title"),
    [
        (
            Rule("sales_rep", "read", "campaign", "none"),
            "销售代表不得查看市场活动 · sales_rep must not read campaign",
        ),
        (
            Rule("sales_rep", "attach", "order", "own"),
            "销售代表只可以给自己的订单添加附件 · sales_rep may only attach files to their own order",
        ),
        (Rule("accountant", "read", "payment", "all"), "会计可以查看所有回款 · accountant may read any payment"),
        (
            Rule("executive", "read", "report:pipeline", "all"),
            "总经理可以查看销售漏斗报表 · executive may read report:pipeline",
        ),
    ],
)
def test_a_cell_is_called_as_business_people_would_say_it(rule: Rule, title: str) -> None:
    assert wording.cell(rule) == title


def test_a_question_is_never_called_a_right_whatever_its_scope() -> None:
    assert wording.cell(Rule("sales_rep", "tamper", "order", "own")).startswith("销售代表不得改写订单的只读字段")


@pytest.mark.parametrize("kind", OBJECT_FIELDS)
def test_every_object_and_action_of_the_table_has_chinese_words(kind: str) -> None:
    said = [wording.doing(action, kind) for action in actions_of(kind)]
    assert not [one for one in said if any(char.isascii() for char in one)]
    assert len(set(said)) == len(said)


def test_people_and_records_are_named_as_on_the_screens() -> None:
    person = Person("li.na", "李娜", "sales", "sales_rep", "li.na")
    assert (wording.who(person), wording.the_record("order", "172")) == ("李娜（销售代表）", "订单#172")


def test_words_that_nobody_knows_stand_for_themselves() -> None:
    assert wording.cell(Rule("dealer", "bless", "boat", "none")) == "dealer不得bless boat · dealer must not bless boat"
    assert (wording.the_field("colour"), wording.role("dealer")) == ("colour", "dealer")


def test_an_operation_says_what_it_does_or_else_its_own_name() -> None:
    known = Operation("POST", "/orders/{id}/cancel", "cancelOrder", "order", "cancel")
    assert known.spoken == "取消订单"
    assert Operation("GET", "/health", "health").spoken == "调用 health"
