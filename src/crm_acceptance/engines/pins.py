"""Which certificates a browser may trust besides the public ones: those of a PEM file, by their key. Opens no site."""

from __future__ import annotations

import base64
import hashlib
import ssl
from pathlib import Path

_PEM_END = "-----END CERTIFICATE-----"
_VERSION = 0xA0
_BEFORE_KEY = 5
"""serialNumber, signature, issuer, validity, subject stand before subjectPublicKeyInfo (RFC 5280, 4.1)."""


def pins(pem: Path) -> tuple[str, ...]:
    """SHA-256 of the public key of every certificate in the file, Base64, as Chromium's command line wants them.

    Chromium then takes a site whose certificate, or one that it sends along, has such a key; nothing else changes.
    ValueError when the file holds no certificate.
    """
    texts = [part + _PEM_END for part in pem.read_text(encoding="ascii", errors="replace").split(_PEM_END)[:-1]]
    if not texts:
        raise ValueError(f"{pem} holds no certificate")
    keys = (_key(ssl.PEM_cert_to_DER_cert(text[text.index("-----BEGIN") :])) for text in texts)
    return tuple(base64.b64encode(hashlib.sha256(key).digest()).decode() for key in keys)


def _key(der: bytes) -> bytes:
    """The DER of subjectPublicKeyInfo in a certificate."""
    at, _ = _inside(der, 0)
    at, _ = _inside(der, at)
    if der[at] == _VERSION:
        at = _end(der, at)
    for _ in range(_BEFORE_KEY):
        at = _end(der, at)
    return der[at : _end(der, at)]


def _inside(der: bytes, at: int) -> tuple[int, int]:
    """Where the content of the element at `at` begins and ends."""
    length, start = der[at + 1], at + 2
    if length & 0x80:
        octets = length & 0x7F
        length, start = int.from_bytes(der[start : start + octets], "big"), start + octets
    return start, start + length


def _end(der: bytes, at: int) -> int:
    return _inside(der, at)[1]
