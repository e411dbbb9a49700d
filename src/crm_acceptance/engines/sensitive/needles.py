"""How a password or a value may stand in a file without being protected: plain, turned round, coded, hashed bare."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping

SHORTEST = 6
"""Characters below which a find may be chance."""
_HASHES = ("md5", "sha1", "sha224", "sha256", "sha384", "sha512")


def of_password(password: str) -> Mapping[bytes, str]:
    """What to look for -> what it would be. Hexadecimal forms in lower case: files are read in both."""
    found = dict(_plain(password))
    found |= _plain(password[::-1], "倒写 reversed")
    raw = password.encode()
    for name in _HASHES:
        digest = hashlib.new(name, raw, usedforsecurity=False).digest()
        found |= _coded(digest, f"无盐 {name} unsalted")
    twice = hashlib.md5(hashlib.md5(raw).hexdigest().encode(), usedforsecurity=False)
    found[twice.hexdigest().encode()] = "无盐两次 md5 unsalted twice"
    mysql = hashlib.sha1(hashlib.sha1(raw).digest(), usedforsecurity=False)
    found[mysql.hexdigest().encode()] = "MySQL PASSWORD()"
    return found


def of_value(value: str) -> Mapping[bytes, str]:
    """A value in plain, in the encodings that Chinese systems use, or merely coded."""
    return _plain(value)


def _plain(text: str, how: str = "明文 plain") -> dict[bytes, str]:
    found: dict[bytes, str] = {}
    for coding in ("utf-8", "utf-16-le", "utf-16-be", "gb18030"):
        found.setdefault(text.encode(coding, "replace"), f"{how}, {coding}")
    found.setdefault(json.dumps(text)[1:-1].encode(), f"{how}, JSON")
    return found | _coded(text.encode(), how)


def _coded(raw: bytes, how: str) -> dict[bytes, str]:
    return {
        raw: how,
        raw.hex().encode(): f"{how}, hex",
        base64.b64encode(raw).rstrip(b"="): f"{how}, base64",
    }
