"""Replays the cells that are not about business records: follow-ups, reports, the whole log, users, duplicates."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from crm_acceptance.engines.permissions.looks import Look
from crm_acceptance.engines.permissions.oracle import shown
from crm_acceptance.engines.permissions.staff import covers
from crm_acceptance.engines.permissions.voices import Heard
from crm_acceptance.engines.permissions.wording import deed, the_record, thing, who
from crm_acceptance.errors import Unproven
from crm_acceptance.model import Action, Page, Person, Record

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


def report(look: Look) -> Iterator[str]:
    """A report is read, or it is not: figures in the answer decide."""
    name = look.rule.object.partition(":")[2]
    heard = look.garden.voices.hear(look.actor, Action("read", "report", name))
    told = isinstance(heard.outcome, Mapping | Record) and bool(heard.outcome)
    if look.rule.scope == "none" and told:
        yield f"泄露 leak: {who(look.actor)}看到了{thing(look.rule.object)}，权限表不允许。"
    if look.rule.scope != "none" and not told:
        yield f"误拒 wrongly refused: {who(look.actor)}应当看到{thing(look.rule.object)}，但是：{heard.refusal}"


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


def user(look: Look) -> Iterator[str]:
    """Accounts: everything is tried on an account that was made for the purpose, never on the people of the cast."""
    hirer = next((p for p in look.staff.people if look.staff.matrix.scope(p.role, "create", "user") == "all"), None)
    if hirer is None:
        raise Unproven("权限表里没有人可以新建用户，账号权限无从验证。Nobody in the table may create users.")
    before = _hired(look, hirer)
    heard = look.garden.voices.hear(look.actor, _on_user(look, before))
    after = _listed(look, hirer, heard, before)
    granted = look.rule.scope != "none"
    if look.rule.action == "list":
        after = bool(shown([str(before["name"])], heard.exchanges))
    if granted != after:
        what = "误拒 wrongly refused" if granted else "越权 trespass"
        said = heard.refusal or "做成了 it worked"
        yield f"{what}: {who(look.actor)}{deed(heard.action)}：{said}"


def _hired(look: Look, hirer: Person) -> dict[str, Any]:
    fields = {
        "login": f"jsq{secrets.token_hex(6)}",
        "name": f"临时{secrets.token_hex(6)}",
        "role": "sales_rep",
        "password": secrets.token_urlsafe(18),
    }
    if look.rule.action != "create":
        look.garden.done(hirer, Action("create", "user", fields=fields))
    if look.rule.action == "enable":
        look.garden.done(hirer, Action("disable", "user", fields["login"]))
    return fields


def _on_user(look: Look, fields: Mapping[str, Any]) -> Action:
    name = look.rule.action
    if name == "create":
        return Action("create", "user", fields=fields)
    if name == "list":
        return Action("list", "user", options={"size": 200})
    heir = next(person for person in look.staff.people if person.role == fields["role"])
    return Action(name, "user", fields["login"], options={"to": heir.key} if name == "handover" else {})


def _listed(look: Look, hirer: Person, heard: Heard, fields: Mapping[str, Any]) -> bool:
    """Whether the action took effect, as the person who hires sees it in the list of users."""
    seen = look.garden.voices.hear(hirer, Action("list", "user", options={"size": 200}))
    rows = seen.outcome.rows if isinstance(seen.outcome, Page) else ()
    row = next((row for row in rows if fields["login"] in (row.id, row.get("login"))), None)
    if look.rule.action == "create":
        return row is not None
    if row is None:
        raise Unproven("用户列表里找不到刚建的临时账号，无从复核。The temporary account is not in the list of users.")
    return bool(row.get("active")) is (look.rule.action == "enable")


OFFICES: Mapping[str, Callable[[Look], Iterator[str]]] = {
    "followup": followup,
    "audit": whole_log,
    "user": user,
    "report": report,
}
