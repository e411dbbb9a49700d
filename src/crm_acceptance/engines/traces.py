"""Takes secrets out of Playwright's trace archives. Knows zip files only; what is secret the caller says."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

HIDDEN = "***"
SHORTEST = 4


def masked_trace(archive: bytes, secrets: Iterable[str]) -> bytes:
    """The same trace with every secret replaced by *** in every entry: calls, snapshots, headers, bodies.

    A trace keeps what was typed, every header and every body in clear. A secret is found as it is, as JSON, URL and
    Base64 write it. Secrets shorter than SHORTEST characters are left: they would tear unrelated text.
    Raises zipfile.BadZipFile when `archive` is no zip file: nothing unmasked is ever handed back.
    """
    words = _spellings(secrets)
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(archive)) as old,
        zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as new,
    ):
        for entry in old.infolist():
            new.writestr(entry.filename, _masked(old.read(entry), words))
    return made.getvalue()


def _masked(body: bytes, words: tuple[bytes, ...]) -> bytes:
    for word in words:
        body = body.replace(word, HIDDEN.encode())
    return body


def _spellings(secrets: Iterable[str]) -> tuple[bytes, ...]:
    """Longest first, so that a secret inside another leaves no tail of the longer one."""
    forms = {form for secret in secrets if len(secret) >= SHORTEST for form in _forms(secret)}
    return tuple(sorted((form.encode() for form in forms), key=len, reverse=True))


def _forms(secret: str) -> set[str]:
    return {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        quote(secret, safe=""),
        quote_plus(secret),
        base64.b64encode(secret.encode()).decode(),
    }
