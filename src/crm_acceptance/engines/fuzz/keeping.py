"""Tells the journal what a generated request has created: its id as the answer names it. Judges and sends nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from crm_acceptance.engines.fuzz.identities import AnyCase
from crm_acceptance.engines.fuzz.naming import Operation
from crm_acceptance.manners import journal
from crm_acceptance.systems.flow import Answer

ENVELOPES = ("data", "record", "result", "item")


def keep(operation: Operation, who: str, case: AnyCase, answer: Answer) -> None:
    """Notes the record that an accepted create has made. What the answer does not name stays unknown."""
    if operation.action != "create" or answer.status >= 300:
        return
    fields = case.body if isinstance(case.body, Mapping) else {}
    for id in named(answer.body):
        journal.note(who, operation.object, id, fields)


def named(body: bytes) -> Iterator[str]:
    """The id at the top of an answer, or inside the usual envelopes."""
    try:
        found: Any = json.loads(body)
    except ValueError:
        return
    for part in (found, *(found.get(name) for name in ENVELOPES)) if isinstance(found, Mapping) else ():
        if isinstance(part, Mapping) and isinstance(part.get("id"), str | int):
            yield str(part["id"])
            return
