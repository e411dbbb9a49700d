"""Every stage of an opportunity in the CRM's own words: which of them it does not know. The steps are in living.py."""

from __future__ import annotations

import json
from dataclasses import replace

from crm_acceptance.doctoring.bench import Bench
from crm_acceptance.doctoring.findings import Finding
from crm_acceptance.doctoring.visit import Exchange, Guest, Tried, Visit
from crm_acceptance.doctoring.why_calls import said
from crm_acceptance.model import Action
from crm_acceptance.systems.flow import Call

NOBODYS = "zzstage"
"""No CRM has a stage of this name."""


def unknown(visit: Visit, bench: Bench, guest: Guest, id: str, done: str) -> Finding | None:
    """A stage that is refused in the very words in which one that cannot exist is refused.

    A refusal alone proves nothing: from here to there may not be allowed. `won` is left out, since what was won can
    often not be deleted any more.
    """
    field = bench.object.fields.get("stage")
    for stage, word in field.choices.items() if field else ():
        if stage in (done, "won"):
            continue
        tried = visit.attempt(guest, Action("advance", bench.object.name, id, options={"stage": stage}))
        answer = tried.last.answer if tried.last else None
        if field and tried.kind and _is_unknown(visit, guest, tried, str(word)):
            return visit.finding(f"{field.where}.choices.{stage}", f"{word!r} 被拒：{said(answer)}（refused）。")
    return None


def _is_unknown(visit: Visit, guest: Guest, tried: Tried, word: str) -> bool:
    sent = next((one for one in tried.exchanges if _holds(one.call, word)), None)
    if sent is None or sent.answer is None or word not in sent.answer.text:
        return False
    other = visit.raw(guest, _with_nonsense(sent, word))
    return other is not None and other.text.replace(NOBODYS, "?") == sent.answer.text.replace(word, "?")


def _holds(call: Call, word: str) -> bool:
    return json.dumps(word) in json.dumps(call.json, default=str)


def _with_nonsense(sent: Exchange, word: str) -> Call:
    body = json.dumps(sent.call.json, default=str).replace(json.dumps(word), json.dumps(NOBODYS))
    return replace(sent.call, json=json.loads(body))
