"""After the peak: whether every acknowledged write is there, exactly once, as the person who made it sees it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crm_acceptance.engines.load.orders import Measured, Write
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Action, Outcome, Page

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
    found = [(write, _count(write, look)) for write in measured.writes]
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


def _count(write: Write, look: Look) -> int:
    where = {"q": write.where["q"]} if "q" in write.where else {"where": dict(write.where)}
    outcome = look(write.person, Action("list", write.object, options={**where, "size": 20}))
    return len(outcome.rows) if isinstance(outcome, Page) else 0


def _wrong(write: Write, count: int) -> str:
    if write.acknowledged and count == 0:
        return f"丢失 lost: {write.person} 新建的 {write.object}#{write.id} 已得到确认，之后却找不到。"
    if count > 1:
        said = "" if write.acknowledged else "（回答没有收到 its answer was lost）"
        return f"重复 doubled: {write.person} 新建的一个 {write.object} 之后有 {count} 条{said}。"
    return ""
