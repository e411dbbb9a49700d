"""The one door into a report: attach() masks, hashes and attaches; whoever has something to show goes through here."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import allure
from allure_commons.types import AttachmentType

from crm_acceptance.systems.flow import Answer, Call

HIDDEN = "******"
KEPT = 12
"""How many of the latest exchanges with the CRM are kept to explain a failure."""
LIMIT = 4000
"""Characters of a body that an excerpt shows."""

_KINDS = {
    "text": AttachmentType.TEXT,
    "json": AttachmentType.JSON,
    "csv": AttachmentType.CSV,
    "html": AttachmentType.HTML,
    "png": AttachmentType.PNG,
    "svg": AttachmentType.SVG,
    "webm": AttachmentType.WEBM,
    "zip": "application/vnd.allure.playwright-trace",
}
_SECRET_NAME = r"[\w-]*(?:password|passwd|pwd|secret|token|authorization|cookie|csrf|api[_-]?key|密码|口令)[\w-]*"
_HEADER = re.compile(rf"(?im)^(\s*{_SECRET_NAME}\s*:\s*)(?!\s*[{{\[]).+$")
_QUOTED = re.compile(rf"(?i)([\"']{_SECRET_NAME}[\"']\s*:\s*)([\"'])(?:\\.|(?!\2).)*\2")
_PAIR = re.compile(rf"(?i)\b({_SECRET_NAME}=)[^&\s\"'}}]+")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[\w.~+/=-]{8,}")
_MOBILE = re.compile(r"(?<![\w])(1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?![\w])")
_IDENTITY = re.compile(r"(?<!\w)([1-9]\d{5})(?:19|20)\d{9}([\dXx])(?!\w)")
_EMAIL = re.compile(r"(?<![\w.])([\w])[\w.+-]*(@[\w-]+(?:\.[\w-]+)+)")

_secrets: set[str] = set()
_exchanges: deque[tuple[str, Call, Answer]] = deque(maxlen=KEPT)
_offers: list[Callable[[], Iterable[tuple[str, str, str | bytes]]]] = []


@dataclass(frozen=True)
class Evidence:
    """What was attached: `kind` is one of text json csv html png svg webm zip, `sha256` that of the masked bytes."""

    kind: str
    name: str
    sha256: str


def attach(kind: str, name: str, body: str | bytes) -> Evidence:
    """Masks text, hashes, attaches to the running step or check. Pictures and archives come masked by their maker."""
    masked = mask(body) if isinstance(body, str) else body
    sha256 = hash_of(masked)
    suffix = "zip" if kind == "zip" else None
    allure.attach(masked, name=f"{mask(name)} · sha256 {sha256[:12]}", attachment_type=_KINDS[kind], extension=suffix)
    return Evidence(kind, name, sha256)


def hash_of(body: str | bytes) -> str:
    """SHA-256, hexadecimal, of the bytes as they go to disk."""
    return hashlib.sha256(body.encode() if isinstance(body, str) else body).hexdigest()


def keep_secret(*values: str) -> None:
    """From now on these exact values never reach a report. Very short ones are left, they would hide half the text."""
    kept = [value for value in values if len(value) >= 6]
    _secrets.update(kept, (json.dumps(value)[1:-1] for value in kept))


def known_secrets() -> tuple[str, ...]:
    """All values that are hidden, for tools that mask their own archives (Playwright's traces)."""
    return tuple(_secrets)


def keep_environment_secrets(name: str) -> None:
    """Takes the variable `name`, everybody's own <name>_<KEY>, and those of our own programs as secrets."""
    ours = re.compile(rf"{re.escape(name)}(?:_.+)?|(?:CRM_ACCEPTANCE|REFCRM)_.*(?:PASSWORD|SECRET|TOKEN|KEY).*")
    keep_secret(*(value for variable, value in os.environ.items() if ours.fullmatch(variable)))


def mask(text: str) -> str:
    """Text without secrets and personal data: passwords, tokens, cookies, mobile and identity numbers, mail."""
    text = hide_secrets(text)
    text = _HEADER.sub(rf"\1{HIDDEN}", text)
    text = _QUOTED.sub(rf"\1\2{HIDDEN}\2", text)
    text = _BEARER.sub(rf"\1 {HIDDEN}", _PAIR.sub(rf"\1{HIDDEN}", text))
    text = _IDENTITY.sub(r"\1***********\2", text)
    return _EMAIL.sub(r"\1***\2", _MOBILE.sub(r"\1****\2", text))


def hide_secrets(text: str) -> str:
    """Only the exact secret values replaced: safe on text whose other characters must stay (node ids, JSON)."""
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, HIDDEN)
    return text


def exchange(who: str, call: Call, answer: Answer) -> None:
    """Remembers one request and its answer, to be shown if the running check fails. Cheap: written out only then."""
    _exchanges.append((who, call, answer))


def offer(look: Callable[[], Iterable[tuple[str, str, str | bytes]]]) -> None:
    """If the running check fails, `look` is asked for (kind, name, body) of everything that may explain it."""
    _offers.append(look)


def start_check() -> None:
    """A new check begins: what earlier checks exchanged and offered is none of its business."""
    _exchanges.clear()
    _offers.clear()


def show_offers() -> list[Evidence]:
    """Attaches what was offered, once."""
    asked, _offers[:] = list(_offers), []
    return [attach(kind, name, body) for look in asked for kind, name, body in look()]


def show_exchanges() -> Evidence | None:
    """Attaches the latest exchanges with the CRM, masked; None when there were none."""
    if not _exchanges:
        return None
    return attach("text", "与 CRM 的最近往来 latest exchanges", "\n\n".join(_told(*kept) for kept in _exchanges))


def _told(who: str, call: Call, answer: Answer) -> str:
    return f"{who}: {call.method} {call.path} {_sent(call)}\n-> HTTP {answer.status} {_body(answer.body)}"


def _sent(call: Call) -> str:
    parts = [repr(dict(call.params)) if call.params else "", repr(call.json) if call.json is not None else ""]
    parts.append(repr(dict(call.form)) if call.form else "")
    return " ".join(part for part in parts if part)[:LIMIT]


def _body(body: bytes) -> str:
    return body[:LIMIT].decode("utf-8", errors="replace") + (" …" if len(body) > LIMIT else "")
