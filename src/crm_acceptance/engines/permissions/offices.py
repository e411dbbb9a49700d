"""Replays the cells that are not about business records: follow-ups, reports, the whole log, users, duplicates."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping

from crm_acceptance.engines.permissions.afterwards import session
from crm_acceptance.engines.permissions.looks import Look
from crm_acceptance.engines.permissions.notices import notifications, report
from crm_acceptance.engines.permissions.oracle import shown
from crm_acceptance.engines.permissions.staff import covers
from crm_acceptance.engines.permissions.users import user
from crm_acceptance.engines.permissions.voices import Heard
from crm_acceptance.engines.permissions.wording import deed, the_record, thing, who
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Action, Page, Person

FOLLOWED = ("customer", "lead", "ticket", "campaign")
"""On what notes are written, the first that a role may change, or else read."""


def followup(look: Look) -> Iterator[str]:
    """Notes on a record follow the record: read and written by whoever the row covers, by nobody else."""
    kind = _followed(look)
    for owner in look.staff.families(kind):
        inside = covers(look.rule.scope, look.actor, owner)
        parent = look.garden.canary(kind, owner)
        judge = _note_written if look.rule.action == "create" else _note_read
        yield from judge(look, {"parent_object": kind, "parent_id": parent.id}, owner, inside)


def _followed(look: Look) -> str:
    role, matrix = look.actor.role, look.staff.matrix
    kinds = [kind for action in ("change", "read") for kind in FOLLOWED if matrix.scope(role, action, kind) != "none"]
    return kinds[0] if kinds else FOLLOWED[0]


def _writer(look: Look, kind: str, owner: Person) -> Person:
    """Who writes a note on the family's record: somebody who may change the record itself."""
    matrix = look.staff.matrix
    for person in (owner, *look.staff.people):
        scopes = (matrix.scope(person.role, "change", kind), matrix.scope(person.role, "create", "followup"))
        if all(covers(scope, person, owner) for scope in scopes):
            return person
    raise Unproven(
        f"权限表里没有人可以给 {owner.name} 的{thing(kind)}写跟进。Nobody in the table may write a note on it."
    )


def _note_written(look: Look, where: dict[str, str], owner: Person, inside: bool) -> Iterator[str]:
    text = f"跟进{secrets.token_hex(8)}"
    heard = look.garden.voices.hear(look.actor, Action("create", "followup", fields={**where, "text": text}))
    reader = _writer(look, where["parent_object"], owner)
    seen = look.garden.voices.hear(reader, Action("list", "followup", options={"where": where}))
    if inside != bool(shown([text], seen.exchanges)):
        yield _note_sentence(look, where, owner, inside, heard)


def _note_read(look: Look, where: dict[str, str], owner: Person, inside: bool) -> Iterator[str]:
    text = f"跟进{secrets.token_hex(8)}"
    writer = _writer(look, where["parent_object"], owner)
    look.garden.done(writer, Action("create", "followup", fields={**where, "text": text}))
    heard = look.garden.voices.hear(look.actor, Action("list", "followup", options={"where": where}))
    if inside != bool(shown([text], heard.exchanges)):
        yield _note_sentence(look, where, owner, inside, heard)


def _note_sentence(look: Look, where: Mapping[str, str], owner: Person, inside: bool, heard: Heard) -> str:
    what = "误拒 wrongly refused" if inside else "泄露或越权 leak or trespass"
    parent, said = the_record(where["parent_object"], where["parent_id"]), heard.refusal or "做成了 it worked"
    return f"{what}: {who(look.actor)}在 {owner.name} 的 {parent} 上{deed(heard.action)}：{said}"


def whole_log(look: Look) -> Iterator[str]:
    """The log of everybody's doings."""
    for canary in look.canaries[:1]:
        look.garden.spare(canary.object, canary.owner)
    heard = look.hear(size=50)
    rows = heard.outcome.rows if isinstance(heard.outcome, Page) else ()
    if look.rule.scope == "none" and rows:
        yield f"泄露 leak: {who(look.actor)}看到了整个操作日志（{len(rows)} 行），权限表不允许。"
    if look.rule.scope != "none" and not rows:
        yield f"误拒 wrongly refused: {who(look.actor)}应当看到操作日志，但是：{heard.refusal}"
    yield from look.never(heard)


def duplicates(look: Look) -> Iterator[str]:
    """A duplicate check by name tells that a customer exists; what else it tells is the row's business."""
    for canary in (*look.inside(), *look.outside()):
        fields = {"name": canary.values.get("name", "")}
        heard = look.garden.voices.hear(look.actor, Action("check_duplicate", look.rule.object, fields=fields))
        yield from look.leaks(heard)
        if canary in look.inside() and heard.refusal:
            yield f"误拒 wrongly refused: {who(look.actor)}应当可以查重，但是：{heard.refusal}"


OFFICES: Mapping[str, Callable[[Look], Iterator[str]]] = {
    "followup": followup,
    "audit": whole_log,
    "user": user,
    "report": report,
    "session": session,
    "notification": notifications,
}
