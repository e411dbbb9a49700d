"""Whether the answers that were looked into during a peak held somebody else's data, by the permission table; sends
nothing. Which answers are looked into, and what is kept of them, is sieve.py's.

Judged are a peer's records: owned or made up by another person of the same role, in a list, a search, an export or a
single record, where the table gives that role less. Without a table, or where it is silent, only what is wrong whatever
anybody may see: an answer to one's own write that carries what another person wrote, and another record than asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from crm_acceptance.engines.load.orders import Measured, Seen
from crm_acceptance.engines.load.sieve import LOOKS, WRITES
from crm_acceptance.engines.permissions.staff import covers
from crm_acceptance.engines.permissions.table import Matrix
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Person

May = Callable[[str, str, str, str], bool | None]
"""may(viewer, action, object, owner), people by key: whether the table lets them see it; None: it does not say."""


def allowing(matrix: Matrix | None, people: Mapping[str, Person]) -> May:
    """What the table says of peers. Of other roles' records it is not asked: whose those are is more than an owner."""

    def may(viewer: str, action: str, kind: str, owner: str) -> bool | None:
        one, other = people.get(viewer), people.get(owner)
        if matrix is None or one is None or other is None or one.role != other.role:
            return None
        rule = matrix.find(one.role, action, kind) or matrix.find(one.role, "list" if action == "search" else "", kind)
        return None if rule is None else covers(rule.scope, one, other)

    return may


def wrong_answers(measured: Measured, may: May) -> tuple[list[str], int]:
    """One sentence per answer with somebody else's data, and how many could be judged. Unproven when none could, and
    when none of those that the table speaks of held a record: empty lists show nobody's data whatever is wrong."""
    authors = {write.where["q"]: write.person for write in measured.writes if "q" in write.where}
    known = [one for one in measured.seen if _known(one, may)]
    if known and not any(one.rows or one.asked for one in known):
        raise Unproven(
            f"抽查的 {len(known)} 个查看的回答里一条记录都没有，看不出有没有别人的数据：查询词用 data 写成系统里有的。"
            f"None of {len(known)} answers held a record, so nothing is known of others' data: search for words that "
            'the CRM knows (`data = "..."` in the mix).'
        )
    judged = [one for one in measured.seen if one.action in WRITES or one.asked or (one.rows and one in known)]
    if not judged:
        raise Unproven(
            "高峰里没有一个能判断的回答：没有权限表，或者没有人查看。"
            "No answer could be judged: no permission table, or nobody looked at records that it speaks of."
        )
    return [sentence for one in judged for sentence in list(_wrong(one, authors, may))[:1]], len(judged)


def _known(one: Seen, may: May) -> bool:
    """Whether the table speaks of this person's own records of that kind, and so of the others'."""
    return one.action in LOOKS and may(one.person, one.action, one.object, one.person) is not None


def _wrong(one: Seen, authors: Mapping[str, str], may: May) -> Iterator[str]:
    if one.asked:
        yield f"答非所问 another record: {one.person} 查看 {one.object}#{one.asked}，得到的是另一条。"
    others = {author for mark in one.marks if (author := authors.get(mark, one.person)) != one.person}
    if one.action in WRITES:
        yield from (
            f"串了 crossed: {one.person} 新建 {one.object} 的回答里是 {who} 写的内容。" for who in sorted(others)
        )
        return
    for who in sorted({*one.owners, *others}):
        if may(one.person, one.action, one.object, who) is False:
            yield f"看到别人的 foreign: {one.person} 的 {one.object}.{one.action} 里有 {who} 的记录。"
