"""Whether an action that the table grants nobody exists at all: a wrong address refuses everybody, too."""

from __future__ import annotations

from crm_acceptance.engines.permissions.attempts import attempt
from crm_acceptance.engines.permissions.drafts import AMOUNT
from crm_acceptance.engines.permissions.looks import Look
from crm_acceptance.engines.permissions.wording import doing
from crm_acceptance.engines.permissions.writes import WRITES
from crm_acceptance.model import Action, Person

LOOKING = ("export", "count", "sum", "audit")
NOWHERE = (404, 405, 410, 501)


def unanswered(look: Look) -> str:
    """The reason as a sentence; "" where somebody may do it (that cell tells), or its owner is heard to be refused.

    The owner of a record asks: told "missing" about what is there, nobody can know whether a right was looked at.
    """
    rule = look.rule
    if not look.canaries or rule.scope != "none" or _granted(look) or rule.action not in (*WRITES, *LOOKING):
        return ""
    owner = look.canaries[0].owner
    heard = look.garden.voices.hear(owner, _question(look, owner))
    no = heard.refusal
    if no is None or (no.kind != "missing" and no.status not in NOWHERE):
        return ""
    return (
        f"权限表里没有人可以{doing(rule.action, rule.object)}，而记录的所有者来做时应答是“{no}”，"
        "分不清是没有权限，还是这个地址根本不对。"
        "Nobody may do this, and its owner is told that there is nothing: the address may be wrong."
    )


def _granted(look: Look) -> bool:
    rules = look.staff.matrix.rules
    same = (one for one in rules if (one.action, one.object) == (look.rule.action, look.rule.object))
    return any(one.scope != "none" for one in same)


def _question(look: Look, owner: Person) -> Action:
    kind, name = look.rule.object, look.rule.action
    if name in WRITES:
        target = look.garden.victim(kind, owner, "control", lambda: look.garden.spare(kind, owner))
        return attempt(name, target, owner, look.staff)
    if name == "audit":
        return Action(name, kind, look.canaries[0].id)
    field = {"field": AMOUNT[kind]} if name == "sum" else {}
    return Action(name, kind, options={**field, **look.canaries[0].draft.lookup})
