"""Why a cell without a finding proves nothing all the same: no stranger's record, no value to look for. Sends none."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from crm_acceptance.engines.permissions.attachments import ATTACHMENTS
from crm_acceptance.engines.permissions.drafts import MAIN, PLANTABLE
from crm_acceptance.engines.permissions.garden import Canary
from crm_acceptance.engines.permissions.histories import HISTORIES
from crm_acceptance.engines.permissions.looks import LOOKS
from crm_acceptance.engines.permissions.searching import SEARCHING
from crm_acceptance.engines.permissions.staff import covers
from crm_acceptance.engines.permissions.table import Rule
from crm_acceptance.engines.permissions.wording import role, the_field, the_record, thing
from crm_acceptance.engines.permissions.writes import WRITES
from crm_acceptance.model import Person

BOUNDED = frozenset({*LOOKS, *SEARCHING, *HISTORIES, *ATTACHMENTS, *WRITES})
"""Actions of which a narrow scope says that they do not work on others' records."""
BY_VALUE = ("read", "list", "search", "sort", "export")
"""Looks that find a record by the value that stands for it."""
TREATED = ("read", "list", "export")
"""Looks whose answers show fields in plain or not."""


def blind(rule: Rule, actor: Person, canaries: Sequence[Canary], planted: Iterable[Canary]) -> str:
    """The reason as a sentence; "" where looking would have shown a leak. `planted`: everything that was looked for."""
    if not canaries:
        return ""
    return _alone(rule, actor, canaries) or _changed(rule, canaries) or _untreated(rule, (*canaries, *planted))


def _alone(rule: Rule, actor: Person, canaries: Sequence[Canary]) -> str:
    """`own` and `team` say something about others; of a wider scope the whole cast may be inside."""
    if rule.scope not in ("own", "team") or rule.action not in BOUNDED:
        return ""
    if any(not covers(rule.scope, actor, one.owner) for one in canaries):
        return ""
    return (
        f"people.csv 里没有范围之外的人可以有{thing(rule.object)}，{role(rule.role)}会不会看到或改动别人的无从得知；"
        "请再写一个同角色的人（team：另一个团队的人）。"
        "Nobody in people.csv could own such a record out of this scope: add a person of the role, of another team."
    )


def _changed(rule: Rule, canaries: Sequence[Canary]) -> str:
    main = MAIN[rule.object] if rule.object in PLANTABLE else "name"
    lost = [one for one in canaries if main not in one.values] if rule.action in BY_VALUE else []
    if not lost:
        return ""
    return (
        f"{the_record(lost[0].object, lost[0].id)} 显示的{the_field(main)}"
        "和写进去的不一样，认不出金丝雀，看不到不等于没有。"
        "The CRM shows this value otherwise than it was planted, so a leak would not be recognised."
    )


def _untreated(rule: Rule, planted: Sequence[Canary]) -> str:
    """A field that is said to be masked, hidden or plain must be one whose value is known; a parent's value is one."""
    names = rule.treated("masked", "hidden", "plain") if rule.action in TREATED and rule.scope != "none" else ()
    lost = [name for name in names if not any(name in one.values for one in planted)]
    if not lost:
        return ""
    return (
        f"{thing(rule.object)}的{'、'.join(the_field(name) for name in lost)}种不进金丝雀的值"
        "（这个系统没有这个字段，或显示的和写进去的不一样），写的是掩码、隐藏还是明文都无从验证。"
        "No known value could be planted in this field, so how it is shown cannot be judged."
    )
