"""How passwords and tokens are kept: hashed with salt, digested. Who they belong to is in auth.py."""

from __future__ import annotations

import hashlib
import hmac
import secrets

from .defects import active

# Cheap on purpose: ten people must be able to log in at once on a small machine.
SCRYPT = {"n": 2**11, "r": 8, "p": 1}


def hash_password(password: str) -> str:
    """salt$digest, both hex."""
    if active("password_plain_at_rest"):
        return f"plain${password}"
    if active("password_hashed_bare"):
        return f"md5${_md5(password)}"
    salt = bytes(16) if active("password_unsalted") else secrets.token_bytes(16)
    return f"{salt.hex()}${_scrypt(password, salt)}"


def password_matches(password: str, stored: str) -> bool:
    """Whether `password` is the one behind `stored`."""
    salt, _, digest = stored.partition("$")
    if salt in ("plain", "md5"):  # kept so while a defect was on
        return hmac.compare_digest((password if salt == "plain" else _md5(password)).encode(), digest.encode())
    return hmac.compare_digest(_scrypt(password, bytes.fromhex(salt)), digest)


def digest(token: str) -> str:
    """What is kept of a token."""
    shown = token[:16] if active("token_compared_in_part") else token
    return hashlib.sha256(shown.encode("utf-8", "surrogatepass")).hexdigest()


def _scrypt(password: str, salt: bytes) -> str:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, dklen=32, **SCRYPT).hex()


def _md5(password: str) -> str:
    return hashlib.md5(password.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()
