"""Replays listing and downloading attachments: their names and bytes are canaries of their own."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace

from crm_acceptance.engines.permissions.garden import Canary, Garden
from crm_acceptance.engines.permissions.looks import Look, refused_sentence
from crm_acceptance.engines.permissions.oracle import shown
from crm_acceptance.engines.permissions.staff import covers
from crm_acceptance.engines.permissions.voices import Heard
from crm_acceptance.engines.permissions.wording import deed, the_record, who
from crm_acceptance.model import Action, Record


def look_attachments(look: Look) -> Iterator[str]:
    """The list of what hangs on a record."""
    for canary in _asked(look):
        pinned = pin(look.garden, canary)
        heard = look.hear(canary.id)
        yield from _judged(look, pinned, "attachment", heard)


def look_download(look: Look) -> Iterator[str]:
    """The bytes themselves, by the attachment's own id."""
    for canary in _asked(look):
        pinned = pin(look.garden, canary)
        heard = look.hear(canary.id, attachment=pinned.draft.token)
        yield from _judged(look, pinned, "content", heard)
    for canary in look.outside()[:1]:
        for own in look.inside()[:1]:  # under a record that the actor may see, another record's attachment
            pinned = pin(look.garden, canary)
            yield from _judged(look, pinned, "content", look.hear(own.id, attachment=pinned.draft.token))


def pin(garden: Garden, canary: Canary) -> Canary:
    """The canary with an attachment on it: its name and content as values, its id as the draft's token."""
    kept = garden.pinned.get((canary.object, canary.id))
    if kept is None:
        kept = garden.pinned[canary.object, canary.id] = _pinned(garden, canary)
    return kept


def _pinned(garden: Garden, canary: Canary) -> Canary:
    name, content = f"合同{secrets.token_hex(6)}.txt", f"密{secrets.token_hex(16)}{' ' * 60}"
    doer = garden.staff.doer("attach", canary.object, canary.owner)
    options = {"filename": name, "body": content.encode()}
    record = garden.done(doer, Action("attach", canary.object, canary.id, options=options))
    values = {"attachment": name, "content": content.strip()}
    return replace(canary, values=values, draft=replace(canary.draft, token=record.id))


def _asked(look: Look) -> tuple[Canary, ...]:
    return (*look.inside(), *look.outside())


def _judged(look: Look, pinned: Canary, name: str, heard: Heard) -> Iterator[str]:
    seen = shown([pinned.values[name]], heard.exchanges)
    inside = covers(look.rule.scope, look.actor, pinned.owner)
    if inside and (heard.refusal or not seen):
        yield refused_sentence(look, pinned, heard)
    if not inside and seen and not _readable(look, pinned):
        yield (
            f"泄露 leak: {who(look.actor)}{deed(heard.action)}，拿到了 {pinned.owner.name} 的 "
            f"{the_record(pinned.object, pinned.id)} 的附件，权限表不允许。"
        )
    yield from look.never(heard)


def _readable(look: Look, pinned: Canary) -> bool:
    """Whether the record itself leaks: then that is the finding, by the row about reading, not this consequence."""
    if covers(look.staff.matrix.scope(look.actor.role, "read", pinned.object), look.actor, pinned.owner):
        return False
    heard = look.garden.voices.hear(look.actor, Action("read", pinned.object, pinned.id))
    return look.rule.action == "download" and isinstance(heard.outcome, Record)


ATTACHMENTS: Mapping[str, Callable[[Look], Iterator[str]]] = {
    "attachments": look_attachments,
    "download": look_download,
}
