"""After the peak: whether every acknowledged write is there, exactly once, as the person who made it sees it."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from crm_acceptance.engines.load.orders import Measured, Write
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Action, Outcome, Page, Record

Look = Callable[[str, Action], Outcome]


@dataclass(frozen=True)
class Accounts:
    """What became of the writes: a sentence for each that is missing though acknowledged, or there more than once; how
    many were acknowledged; how many were not (refused, or the answer was lost), and of these how many are there."""

    wrong: tuple[str, ...] = ()
    acknowledged: int = 0
    unanswered: int = 0
    there: int = 0


def accounts(measured: Measured, look: Look) -> Accounts:
    """Looks for every write. One that nobody acknowledged may be there or not, but never twice. Unproven when nothing
    was acknowledged."""
    if not any(write.acknowledged for write in measured.writes):
        raise Unproven("高峰里没有一个写入得到确认，无从核对。No write was acknowledged, so there is nothing to find.")
    search = _Search(look)
    found = [(write, search.count(write)) for write in measured.writes]
    loose = [count for write, count in found if not write.acknowledged]
    return Accounts(
        tuple(sentence for write, count in found if (sentence := _wrong(write, count))),
        len(found) - len(loose),
        len(loose),
        sum(count > 0 for count in loose),
    )


def wrong_writes(measured: Measured, look: Look) -> list[str]:
    """One sentence per write that is missing or there more than once. Unproven when nothing was acknowledged."""
    return list(accounts(measured, look).wrong)


class _Search:
    """Finds writes again. A CRM that answers a search for a word that nobody wrote with records has not searched for
    it: there only what shows the word is the write."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._exact: dict[tuple[str, str], bool] = {}

    def count(self, write: Write) -> int:
        """How many records the write has become. Unproven when the answer does not say."""
        rows = self._rows(write, write.where)
        told = [row for row in rows if _shows(row, write)]
        if told or not rows:
            return len(told)
        silent = [row for row in rows if _silent(row, write)]
        if silent and ("q" not in write.where or self._searches(write)):
            return len(silent)
        raise Unproven(
            f"按 {', '.join(write.where.values())} 查 {write.object}，答的是别的记录，写入在不在看不出来。"
            f"Asked for one {write.object}, the CRM brings others: what was written cannot be found again."
        )

    def _searches(self, write: Write) -> bool:
        """Whether a word that nobody wrote finds nothing; asked once for every kind of record."""
        key = write.person, write.object
        if key not in self._exact:
            self._exact[key] = not self._rows(write, {"q": f"gf{secrets.token_hex(8)}"})
        return self._exact[key]

    def _rows(self, write: Write, where: Mapping[str, str]) -> Sequence[Record]:
        options = {"q": where["q"]} if "q" in where else {"where": dict(where)}
        outcome = self._look(write.person, Action("list", write.object, options={**options, "size": 20}))
        return outcome.rows if isinstance(outcome, Page) else ()


def _shows(row: Record, write: Write) -> bool:
    """Whether the record itself tells that it is this write."""
    if "q" in write.where:
        return write.where["q"] in str(dict(row.fields))
    return all(name in row.fields and str(row.fields[name]) == value for name, value in write.where.items())


def _silent(row: Record, write: Write) -> bool:
    """Whether it does not tell that it is another: a list need not show every field."""
    return "q" in write.where or not any(name in row.fields for name in write.where)


def _wrong(write: Write, count: int) -> str:
    if write.acknowledged and count == 0:
        return f"丢失 lost: {write.person} 新建的 {write.object}#{write.id} 已得到确认，之后却找不到。"
    if count > 1:
        said = "" if write.acknowledged else "（回答没有收到 its answer was lost）"
        return f"重复 doubled: {write.person} 新建的一个 {write.object} 之后有 {count} 条{said}。"
    return ""
