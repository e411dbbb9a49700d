"""Whether a password or token was written into the file; such a file is refused, for it ends up in a repository."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from crm_acceptance.systems.rest import templates
from crm_acceptance.systems.rest.checks import Reading

_SENDS = ("headers", "params", "body", "form", "fields", "options", "always")
_KEY = re.compile(
    r"pass(word|wd|phrase)?$|pwd|secret|token$|api[-_]?key|authorization|credential|cookie|密码|口令|令牌",
    re.IGNORECASE,
)
_VALUE = re.compile(
    r"(?:(?:bearer|basic|token)\s+[\w\-.~+/=]{8,})|eyJ[\w\-]{8,}\.[\w\-]+|sk[-_][\w\-]{16,}|gh[pousr]_\w{20,}"
    r"|[0-9a-fA-F]{32,}",
    re.IGNORECASE,
)


def check(reading: Reading, raw: dict[str, Any]) -> None:
    """Looks at everything that is sent: headers, parameters, bodies."""
    for where, key, value in _sent("", raw, sent=False):
        names = templates.names(value)
        if not value or (names and not _VALUE.search(re.sub(r"\{[^}]*\}", "", value))):
            continue
        if (_KEY.search(key) and not names and len(value) > 3) or _VALUE.search(value):
            reading.wrong(
                where,
                "像是写在文件里的密码或令牌；秘密只从环境变量来：写 {secret.NAME}（或 {password} {token}）。"
                "A secret in the file: write {secret.NAME} and set it in the environment.",
            )


def _sent(where: str, value: Any, sent: bool, key: str = "") -> Iterator[tuple[str, str, str]]:
    if isinstance(value, dict):
        for name, inside in value.items():
            place = f"{where}.{name}" if where else name
            below = (sent or name in _SENDS) and name not in ("save", "choices")
            in_objects = where.endswith("fields") and where.startswith("objects.") and where.count(".") == 2
            yield from _sent(place, inside, below and not in_objects, name)
    elif isinstance(value, list):
        for number, inside in enumerate(value):
            yield from _sent(f"{where}.{number}", inside, sent, key)
    elif isinstance(value, str) and sent:
        yield where, key, value
