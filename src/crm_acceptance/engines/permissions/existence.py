"""Replays `exists`: a record out of reach must be answered like one that does not exist, whoever asks for what."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial

from crm_acceptance.engines.permissions.absent import absent_like
from crm_acceptance.engines.permissions.attachments import pin
from crm_acceptance.engines.permissions.attempts import attempt
from crm_acceptance.engines.permissions.garden import Canary
from crm_acceptance.engines.permissions.looks import Look, within_reach
from crm_acceptance.engines.permissions.oracle import shown
from crm_acceptance.engines.permissions.voices import Heard
from crm_acceptance.engines.permissions.wording import deed, role, the_record, thing, who
from crm_acceptance.engines.permissions.writes import state_of
from crm_acceptance.errors import Unproven, Unsupported
from crm_acceptance.model import Action, Page, Person

LOOKING = ("read", "attachments", "audit")
WRITING = ("change", "transfer", "delete")
ASKED = 2
"""Families asked about: a peer's record and a stranger's."""
VOLATILE = frozenset(
    {
        *("date", "age", "content-length", "set-cookie", "connection", "keep-alive", "server", "via", "expires"),
        *("server-timing", "x-runtime", "x-response-time", "x-process-time", "cf-ray", "traceparent"),
        *("x-request-id", "x-correlation-id", "x-trace-id"),
    }
)
"""Headers that differ from one answer to the next whatever was asked."""
_DRAWN = re.compile(r"[0-9a-fA-F]{8}-[0-9a-fA-F-]{27}|[A-Za-z0-9_\-+/=]{16,}|\d+")


@dataclass(frozen=True)
class Told:
    """What an answer tells, without what differs by chance: ids, numbers, drawn words."""

    status: int
    headers: Mapping[str, str]
    words: tuple[str, ...]

    def differs(self, other: Told, noise: frozenset[str]) -> str:
        """In what it differs from the other, in people's words; "" when nobody could tell them apart."""
        if self.status != other.status:
            return f"状态 status {self.status} / {other.status}"
        names = [name for name in {**self.headers, **other.headers} if name not in noise]
        found = [name for name in names if self.headers.get(name) != other.headers.get(name)]
        if found:
            return f"应答头 header {found[0]}"
        ours, theirs = ([word for word in one.words if word not in noise] for one in (self, other))
        return "应答内容 message" if ours != theirs else ""


def look_exists(look: Look) -> Iterator[str]:
    """A foreign record and an absent one, asked for the same. What is foreign the other rows of the role say."""
    foreign = [one for one in look.canaries if not within_reach(look, one.owner)]
    if not foreign:
        raise Unproven(
            f"{role(look.rule.role)}看得到所有{thing(look.rule.object)}，没有看不到的可问。"
            "This role sees every such record: there is none out of reach to ask about."
        )
    for canary in foreign[:ASKED]:
        target = look.garden.victim(canary.object, canary.owner, "exists", partial(_victim, look, canary.owner))
        yield from _asked(look, target)


def _victim(look: Look, owner: Person) -> Canary:
    """A spare record, with a file on it where that is possible: an empty list of files would otherwise be the truth."""
    target = look.garden.spare(look.rule.object, owner)
    with suppress(Unsupported, Unproven):
        pin(look.garden, target)
    return target


def _asked(look: Look, target: Canary) -> Iterator[str]:
    before = look.garden.untouched(target, lambda: state_of(look.garden, target, "exists"))
    for name in (*LOOKING, *WRITING):
        if not look.garden.system.supports(name, target.object):
            continue
        try:
            action = _action(look, name, target)
            foreign = look.garden.voices.hear(look.actor, action)
            if name in WRITING and foreign.refusal is None and state_of(look.garden, target, "exists") != before:
                look.garden.spoilt(target)  # another row's finding: what can be done to it is known to exist
                return
            if not _is_shown(foreign, target):
                yield from _compared(look, foreign, target)
        except Unsupported:  # the word exists there, this form of it does not
            continue


def _compared(look: Look, foreign: Heard, target: Canary) -> Iterator[str]:
    """One absent id, and a second one only where the answers differ: to know what differs by chance."""
    told, one = _told(foreign), _absent(look, foreign.action)
    if told is None or one is None or not told.differs(one, frozenset()):
        return
    other = _absent(look, foreign.action)
    difference = told.differs(one, _noise(one, other)) if other else ""
    if difference:
        yield (
            f"泄露 leak: {who(look.actor)}{deed(foreign.action)}时，{target.owner.name} 的 "
            f"{the_record(target.object, target.id)} 与不存在的记录答复不同（{difference}），由此得知它存在。"
            "The answer differs from that for a record that does not exist."
        )


def _absent(look: Look, action: Action) -> Told | None:
    return _told(look.garden.voices.hear(look.actor, replace(action, id=absent_like(action.id or ""))))


def _action(look: Look, name: str, target: Canary) -> Action:
    if name in ("change", "transfer"):
        return attempt(name, target, look.actor, look.staff)
    return Action(name, target.object, target.id)


def _is_shown(heard: Heard, target: Canary) -> bool:
    """It is told altogether: the row about that action says so, this would be its consequence."""
    rows = isinstance(heard.outcome, Page) and bool(heard.outcome.rows)
    return rows or bool(shown(target.values.values(), heard.exchanges))


def _told(heard: Heard) -> Told | None:
    if not heard.exchanges:
        return None
    _call, answer = heard.exchanges[-1]
    blank = blanking(heard.action.id or "")
    headers = {name: blank(value) for name, value in answer.headers.items() if name not in VOLATILE}
    return Told(answer.status, headers, tuple(blank(answer.text).split()))


def blanking(id: str) -> Callable[[str], str]:
    """Takes the record's own id, numbers and drawn words out of a text: what is left must be alike."""
    # the id stands alone: "57" within a drawn word must not tear that word apart
    whole = re.compile(rf"(?<![\w-]){re.escape(id)}(?![\w-])") if id else None
    return lambda text: _DRAWN.sub("#", whole.sub("#", text) if whole else text)


def _noise(one: Told, other: Told) -> frozenset[str]:
    """What differs between two answers about nothing says nothing."""
    words = set(one.words) ^ set(other.words)
    names = {name for name in {**one.headers, **other.headers} if one.headers.get(name) != other.headers.get(name)}
    return frozenset(words | names)


EXISTENCE: Mapping[str, Callable[[Look], Iterator[str]]] = {"exists": look_exists}
