"""Replays reading one's notifications after things have happened among other people, and reading reports by figures."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation
from typing import Any

from crm_acceptance.engines.permissions.attempts import attempt
from crm_acceptance.engines.permissions.drafts import MAIN
from crm_acceptance.engines.permissions.garden import Canary
from crm_acceptance.engines.permissions.looks import WIDE, Look
from crm_acceptance.engines.permissions.staff import covers
from crm_acceptance.engines.permissions.voices import Heard
from crm_acceptance.engines.permissions.wording import deed, the_record, thing, who
from crm_acceptance.errors import Unproven
from crm_acceptance.manners import journal
from crm_acceptance.model import Action, Outcome, Page, Person, Record

STIRRED = ("customer", "opportunity", "lead")
"""Records that change hands; a quote is submitted beside them. Most CRMs tell somebody about both."""
PASSED = "customer"
"""A record that was given to somebody and given on."""
COUNTED = {"report:sales_summary": "order", "report:receivables": "order", "report:pipeline": "opportunity"}
"""What the figures of a report are sums of."""
ROUNDS = 3
"""How often a report is read again, because others add to its figures at the same time."""


def notifications(look: Look) -> Iterator[str]:
    """Nothing that happened to a record out of reach may be told to somebody, by value or by number."""
    moved = [canary for kind in STIRRED for canary in _moved(look, kind)]
    moved += [*_submitted(look), *_passed_on(look)]
    if look.rule.scope == "none":
        _given(look)
    heard = look.garden.voices.hear(look.actor, Action("list", "notification", options={"size": WIDE}))
    rows = heard.outcome.rows if isinstance(heard.outcome, Page) else ()
    if look.rule.scope != "none" and heard.refusal:
        yield f"误拒 wrongly refused: {who(look.actor)}应当看到自己的提醒，但是：{heard.refusal}"
    if look.rule.scope == "none" and rows:
        yield f"泄露 leak: {who(look.actor)}看到了提醒（{len(rows)} 条），权限表不允许。"
    told = list(look.never(heard, *moved))
    yield from told or _mentioned(look, moved, rows)


def _strangers(look: Look, kind: str) -> list[Person]:
    """Owners of such records that the actor sees nothing of, and who may hand them on."""
    matrix = look.staff.matrix
    scopes = [matrix.scope(look.actor.role, name, kind) for name in ("read", "list", "export")]
    return [one for one in look.staff.families(kind) if not any(covers(scope, look.actor, one) for scope in scopes)]


def _moved(look: Look, kind: str) -> Iterator[Canary]:
    """A stranger's record that another stranger is given."""
    if not look.garden.system.supports("transfer", kind):
        return
    strangers = _strangers(look, kind)
    if not strangers:
        return
    owner = strangers[0]
    others = [p for p in look.staff.people if p.role == owner.role and p.key not in (owner.key, look.actor.key)]
    heirs = [
        one for one in others if not covers(look.staff.matrix.scope(look.actor.role, "read", kind), look.actor, one)
    ]
    if not heirs:
        return
    spare = look.garden.spare(kind, owner)
    doer = look.staff.doer("transfer", kind, owner)
    heard = look.garden.voices.hear(doer, Action("transfer", kind, spare.id, options={"to": heirs[0].key}))
    if heard.refusal is None:
        yield spare


def _submitted(look: Look) -> Iterator[Canary]:
    """A stranger's quote that needs approval: whoever approves is told, and nobody else."""
    if not look.garden.system.supports("submit", "quote") or not _strangers(look, "quote"):
        return
    owner = _strangers(look, "quote")[0]
    spare = look.garden.spare("quote", owner, discount=Decimal(15))
    doer = look.staff.doer("submit", "quote", owner)
    look.garden.voices.hear(doer, attempt("submit", spare, doer, look.staff))
    yield spare


def _passed_on(look: Look) -> Iterator[Canary]:
    """The actor was given it, was told so, and gave it on: what it is called since then is no longer the actor's."""
    strangers = _strangers(look, PASSED)
    if not look.garden.system.supports("transfer", PASSED) or not strangers or not _owns(look, PASSED):
        return
    owner = strangers[0]
    spare = look.garden.spare(PASSED, owner)
    for whose, to in ((owner, look.actor), (look.actor, owner)):
        doer = look.staff.doer("transfer", PASSED, whose)
        look.garden.done(doer, Action("transfer", PASSED, spare.id, options={"to": to.key}))
    name = f"新名{journal.word(secrets.token_hex(6))}"
    doer = look.staff.doer("change", PASSED, owner)
    look.garden.done(doer, Action("change", PASSED, spare.id, fields={MAIN[PASSED]: name}))
    still = look.garden.voices.hear(look.actor, Action("read", PASSED, spare.id)).outcome
    if not isinstance(still, Record):  # who can still read it has not lost it: then that is the finding, of its own row
        yield replace(spare, values={MAIN[PASSED]: name})


def _given(look: Look) -> None:
    """Something to be told about; where the table grants no notifications, silence alone would say nothing."""
    strangers = _strangers(look, PASSED)
    if strangers and _owns(look, PASSED) and look.garden.system.supports("transfer", PASSED):
        spare = look.garden.spare(PASSED, strangers[0])
        doer = look.staff.doer("transfer", PASSED, strangers[0])
        look.garden.done(doer, Action("transfer", PASSED, spare.id, options={"to": look.actor.key}))


def _owns(look: Look, kind: str) -> bool:
    return look.staff.matrix.scope(look.actor.role, "create", kind) in ("own", "team")


def _mentioned(look: Look, moved: list[Canary], rows: tuple[Record, ...]) -> Iterator[str]:
    """A row that names such a record by its number tells that it exists and that something happened to it."""
    named = {(str(row.get("object")), str(row.get("record_id") or row.get("id"))) for row in rows}
    for canary in moved:
        if (canary.object, canary.id) in named:
            record = the_record(canary.object, canary.id)
            yield (
                f"泄露 leak: {who(look.actor)}的提醒里提到了 {canary.owner.name} 的 {record}，权限表不允许。"
                "A notification tells about a record out of reach."
            )


def report(look: Look) -> Iterator[str]:
    """A report is read, or it is not; and its figures are sums over what the row covers, and over nothing else."""
    heard = look.garden.voices.hear(look.actor, _asked(look))
    granted = look.rule.scope != "none"
    if not granted and _told(heard):
        yield f"泄露 leak: {who(look.actor)}看到了{thing(look.rule.object)}，权限表不允许。"
    if granted and not _told(heard):
        yield f"误拒 wrongly refused: {who(look.actor)}应当看到{thing(look.rule.object)}，但是：{heard.refusal}"
    if look.rule.object in COUNTED:
        yield from _narrowed(look)
        if granted and look.rule.scope != "all" and not heard.refusal:
            yield from _summed(look)


def _asked(look: Look, **where: str) -> Action:
    options = {"where": where} if where else {}
    return Action("read", "report", look.rule.object.partition(":")[2], options=options)


def _told(heard: Heard) -> bool:
    return isinstance(heard.outcome, Mapping | Record) and bool(heard.outcome)


def _outside(look: Look) -> Person | None:
    """A family whose records the row does not cover."""
    families = look.staff.families(COUNTED[look.rule.object])
    return next((one for one in families if not covers(look.rule.scope, look.actor, one)), None)


def _narrowed(look: Look) -> Iterator[str]:
    """Asked for one stranger's figures, or for those of one stranger's customer, it must not answer with any."""
    owner = _outside(look)
    if owner is None:
        return
    canary = look.garden.canary(COUNTED[look.rule.object], owner)
    for name, value in (("owner", owner.key), ("customer", str(canary.draft.fields["customer"]))):
        heard = look.garden.voices.hear(look.actor, _asked(look, **{name: value}))
        if _told(heard) and any(_figures(heard.outcome)):
            yield (
                f"泄露 leak: {who(look.actor)}{deed(heard.action)}（{thing(look.rule.object)}，只看 {owner.name} 的），"
                "得到了数字，权限表不允许。Figures about somebody out of reach."
            )


def _summed(look: Look) -> Iterator[str]:
    """A record planted out of reach must not move the sums; its own unguessable amount tells whether it has."""
    owner = _outside(look)
    if owner is None:
        return
    for _ in range(ROUNDS):
        before = _figures(look.garden.voices.hear(look.actor, _asked(look)).outcome)
        spare = look.garden.spare(COUNTED[look.rule.object], owner)
        after = _figures(look.garden.voices.hear(look.actor, _asked(look)).outcome)
        if not before or not after:
            raise Unproven("报表里没有数字，无从比较。The report shows no figures to be compared.")
        if Decimal(str(spare.draft.fields["amount"])) in {now - then for now in after for then in before}:
            yield (
                f"泄露 leak: {who(look.actor)}的{thing(look.rule.object)}把 {owner.name} 的 "
                f"{the_record(spare.object, spare.id)} 也算了进去，权限表不允许。Sums over records out of reach."
            )
            return


def _figures(outcome: Outcome) -> set[Decimal]:
    """Every number other than nought that the report shows, wherever it stands in it; ids are numbers, too."""
    found: set[Decimal] = set()
    _collect(outcome.fields if isinstance(outcome, Record) else outcome, found)
    return found - {Decimal(0)}


def _collect(part: Any, found: set[Decimal]) -> None:
    if isinstance(part, Mapping):
        for value in part.values():
            _collect(value, found)
    elif isinstance(part, list | tuple):
        for value in part:
            _collect(value, found)
    elif isinstance(part, int | float | Decimal | str) and not isinstance(part, bool):
        try:
            found.add(Decimal(str(part)))
        except InvalidOperation:
            return
