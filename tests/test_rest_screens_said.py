"""What a page says after saving, and which row is the record that was saved: judged without a browser."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from crm_acceptance.errors import Refused
from crm_acceptance.systems.rest.screens_desk import Desk
from crm_acceptance.systems.rest.screens_rows import _is
from crm_acceptance.systems.rest.screens_submit import _judge_messages
from crm_acceptance.systems.rest.screens_words import MESSAGES, WORDS

TOAST = {"text": "保存失败", "mood": "bad", "code": ""}
REASON = {"text": "客户已存在：名称或手机重复", "mood": "bad", "code": ""}


def judged(*messages: Any, before: set[str] | None = None) -> None:
    """Judges these messages on a page that is ready, with the words that every mapping starts from."""
    desk: Any = Desk.__new__(Desk)
    object.__setattr__(desk, "spec", SimpleNamespace(messages=MESSAGES, words=WORDS))
    _judge_messages(desk, {"ready": True, "messages": messages}, before or set())


def test_a_reason_beside_a_bare_failure_says_which_refusal_it_is() -> None:
    with pytest.raises(Refused) as no:
        judged(TOAST, REASON)
    assert no.value.kind == "duplicate"
    assert TOAST["text"] in str(no.value)
    assert REASON["text"] in str(no.value)


def test_a_bare_failure_is_refused_as_invalid() -> None:
    with pytest.raises(Refused) as no:
        judged(TOAST)
    assert no.value.kind == "invalid"


def test_praise_and_what_stood_there_before_refuse_nothing() -> None:
    judged({"text": "保存成功", "mood": "good", "code": ""}, REASON, before={REASON["text"]})


@pytest.mark.parametrize(
    ("typed", "shown", "same"),
    [
        ("20000", Decimal("20000.00"), True),
        ("20000", Decimal("2000"), False),
        ("甲", Decimal("1"), False),
        ("甲公司", "甲公司", True),
        ("07", "7", False),
        ("7", None, False),
    ],
)
def test_money_is_found_by_its_worth_and_everything_else_by_its_text(typed: str, shown: Any, same: bool) -> None:
    assert _is(typed, shown) is same
