"""What people filled in, as values; a mistake is a sentence. Checks no rule of signing: signing/ does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from crm_acceptance.errors import WrongUse
from crm_acceptance.signoff.sayings import CONDITIONAL, NO, Condition
from crm_acceptance.signoff.signing import Answer

ROWS = 8
"""Conditions on one form; one more row appears when the last is filled."""


@dataclass(frozen=True)
class Row:
    """One condition as it was typed."""

    text: str = ""
    owner: str = ""
    due: str = ""

    @property
    def empty(self) -> bool:
        """Whether nobody touched it."""
        return not (self.text or self.owner or self.due)


@dataclass(frozen=True)
class Filled:
    """A form as it was filled in, without the passphrase: what is shown again when something is wrong."""

    who: str = ""
    answer: str = ""
    reason: str = ""
    rows: tuple[Row, ...] = (Row(),) * ROWS

    @property
    def person(self) -> str:
        """Who signs with the own key."""
        return self.who.partition("|")[0]

    @property
    def behalf(self) -> str:
        """For whom, or ""."""
        return self.who.partition("|")[2]


def filled(form: Mapping[str, object]) -> Filled:
    """What was typed; nothing is wrong here yet."""
    rows = (Row(*(_text(form, f"{name}-{n}") for name in ("text", "owner", "due"))) for n in range(ROWS))
    return Filled(_text(form, "who"), _text(form, "answer"), _text(form, "reason"), tuple(rows))


def answer(department: str, told: Filled) -> Answer:
    """What is to be signed. WrongUse when a row is half filled, or nothing was chosen."""
    if not told.who:
        raise WrongUse("请选择签字人。Choose who signs.")
    if not told.answer:
        raise WrongUse("请选择同意、有条件同意或不同意。Choose an answer.")
    conditions = tuple(_conditions(told)) if told.answer == CONDITIONAL else ()
    reason = told.reason if told.answer == NO else ""
    return Answer(department, told.person, told.answer, conditions, reason, told.behalf)


def day(told: str, what: str) -> date:
    """A date as browsers send it."""
    try:
        return date.fromisoformat(told)
    except ValueError:
        raise WrongUse(f"{what}应写成 2026-12-31：{told or '（空）'}。A date is YYYY-MM-DD.") from None


def _conditions(told: Filled) -> Iterator[Condition]:
    for row in told.rows:
        if not row.empty:
            yield Condition(row.text, row.owner, day(row.due, f"条件“{row.text[:20]}”的期限"))


def _text(form: Mapping[str, object], name: str) -> str:
    value = form.get(name, "")
    return value.strip() if isinstance(value, str) else ""
