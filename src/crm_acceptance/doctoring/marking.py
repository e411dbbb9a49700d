"""Refusals with a good status that nothing in the mapping marks as such: what tells them from good answers."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from crm_acceptance.doctoring import answers
from crm_acceptance.doctoring.findings import Finding
from crm_acceptance.doctoring.visit import Visit
from crm_acceptance.systems.flow import Answer
from crm_acceptance.systems.rest.places import look
from crm_acceptance.systems.rest.templates import MISSING

_CODE = re.compile(r"code|kind|type|num|nr|errno|ret$|编码", re.IGNORECASE)
_WORDS = re.compile(r"msg|message|text|reason|detail|desc|info|error|消息|原因", re.IGNORECASE)


def unmarked(visit: Visit, answer: Answer | None) -> Finding | None:
    """Why an answer with a good status brings nothing: a marker that good answers have otherwise."""
    body = answers.body_of(answer)
    if answer is None or answer.status >= 300 or visit.mapping.errors.success_path or not isinstance(body, Mapping):
        return None
    good = _good_answers(visit)
    marker = next((key for key, value in body.items() if _tells(key, value, good)), "")
    if not marker and not _only_here(body, good):
        return None
    values = sorted({repr(one[marker]).lower().replace("'", '"') for one in good if marker in one}) if marker else []
    says = [f'success = {{ path = "{marker}", values = [{", ".join(values)}] }}'] if marker else []
    code, words = _place(body, _CODE, marker), _place(body, _WORDS, marker)
    says += [f'code = "{code}"'] if code else []
    says += [f'message = "{words}"'] if words else []
    says += [f'[errors.codes] {look(body, code)} = "..."'] if code else []
    return visit.finding(
        "errors.success" if marker else "errors.code",
        f"HTTP {answer.status} 却是拒绝（a refusal with a good status）：{' '.join(answer.text.split())[:120]}。"
        f"写 [errors] {'，'.join(says)}。",
    )


def _good_answers(visit: Visit) -> list[Mapping[str, Any]]:
    """The answers that brought rows."""
    spots = {spec.calls["list"].rows for spec in visit.mapping.objects.values() if "list" in spec.calls}
    bodies = [answers.body_of(one.answer) for guest in visit.guests() for one in guest.log if one.call.method == "GET"]
    return [
        body
        for body in bodies
        if isinstance(body, Mapping) and any(isinstance(look(body, spot), list) for spot in spots if spot)
    ]


def _tells(key: str, value: Any, good: list[Mapping[str, Any]]) -> bool:
    """Whether good answers all have one and the same plain value there, and this is another."""
    if isinstance(value, Mapping | list) or value is None:
        return False
    known = {repr(one.get(key, MISSING)) for one in good}
    return len(known) == 1 and repr(MISSING) not in known and repr(value) not in known


def _only_here(body: Mapping[str, Any], good: list[Mapping[str, Any]]) -> bool:
    """Whether it says an error that no good answer has."""
    return bool(good) and any(
        value and re.match(r"err|fault|exception|fehler", key, re.IGNORECASE) and not any(one.get(key) for one in good)
        for key, value in body.items()
    )


def _place(body: Mapping[str, Any], name: re.Pattern[str], marker: str) -> str:
    """The place of a plain value under such a name; below others before at the top."""
    found = [
        place
        for place, value in answers.places(body)
        if isinstance(value, str | int)
        and not isinstance(value, bool)
        and name.search(place.rpartition(".")[2])
        and (place != marker or name is _CODE)
    ]
    return max(found, key=lambda place: place.count("."), default="")
