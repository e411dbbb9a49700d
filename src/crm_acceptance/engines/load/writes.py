"""After the peak: whether every acknowledged write is there, exactly once, as the person who made it sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from crm_acceptance.engines.load.orders import Measured, Write
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Action, Outcome, Page

Look = Callable[[str, Action], Outcome]


def wrong_writes(measured: Measured, look: Look) -> list[str]:
    """One sentence per write that is missing or there more than once. Unproven when nothing was acknowledged."""
    if not any(write.acknowledged for write in measured.writes):
        raise Unproven("高峰里没有一个写入得到确认，无从核对。No write was acknowledged, so there is nothing to find.")
    return [sentence for write in measured.writes for sentence in _checked(write, look)]


def _checked(write: Write, look: Look) -> Iterator[str]:
    where = {"q": write.where["q"]} if "q" in write.where else {"where": dict(write.where)}
    outcome = look(write.person, Action("list", write.object, options={**where, "size": 20}))
    count = len(outcome.rows) if isinstance(outcome, Page) else 0
    if write.acknowledged and count == 0:
        yield f"丢失 lost: {write.person} 新建的 {write.object}#{write.id} 已得到确认，之后却找不到。"
    if count > 1:
        yield f"重复 doubled: {write.person} 新建的一个 {write.object} 之后有 {count} 条。"
