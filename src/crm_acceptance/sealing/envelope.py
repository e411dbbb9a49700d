"""What people sign, as DSSE envelopes over canonical JSON (RFC 8785), Ed25519; keeps no journal and knows no rule."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import Error as SslibError
from securesystemslib.signer import CryptoSigner, SSlibKey

from crm_acceptance.sealing.keys import PublicKey

SIGNATURE, WITHDRAWAL, DELEGATION, REVOCATION = "signature", "withdrawal", "delegation", "revocation"
APPROVAL = "approval"
SHORT = 12
"""Characters of a digest that people compare."""
LARGEST = 200_000
"""Bytes of an envelope; conditions and reasons are sentences, not books."""


def payload_type(kind: str) -> str:
    """The DSSE payload type of what is signed, so that one kind cannot be taken for another."""
    return f"application/vnd.crm-acceptance.{kind}+json"


def seal(kind: str, said: Mapping[str, Any], key: Ed25519PrivateKey) -> dict[str, Any]:
    """What is said, in its envelope, signed; as plain JSON."""
    envelope = Envelope(rfc8785.dumps(dict(said)), payload_type(kind), {})
    envelope.sign(CryptoSigner(key, _known(PublicKey(key.public_key()))))
    made: dict[str, Any] = envelope.to_dict()
    return made


def opened(kind: str, envelope: Mapping[str, Any], keys: Mapping[str, PublicKey]) -> dict[str, Any]:
    """What it says, signed by the key that it names itself. ValueError says in words what is wrong."""
    said = read(envelope)
    key = keys.get(str(said.get("key", "")))
    if key is None:
        raise ValueError(f"没有这把公钥 no such public key: {str(said.get('key', ''))[:SHORT]}")
    try:
        whole = Envelope.from_dict(json.loads(json.dumps(envelope)))
        whole.verify([_known(key)], threshold=1)
        again = whole.to_dict()
    except (SslibError, KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise ValueError(f"签名验不过 the signature does not fit：{wrong}") from None
    if whole.payload_type != payload_type(kind):
        raise ValueError(f"信封里不是 {kind}，而是 {whole.payload_type}")
    if again != envelope or rfc8785.dumps(said) != whole.payload or len(whole.signatures) != 1:
        raise ValueError("信封不是程序写的样子 the envelope is not as the program writes it")
    return said


def read(envelope: Mapping[str, Any]) -> dict[str, Any]:
    """What an envelope says, unverified: to be shown, never to be believed. ValueError when it cannot be read."""
    said = json.loads(_payload(envelope))
    if not isinstance(said, dict):
        raise ValueError("信封是空的 the envelope says nothing")
    return said


def digest(envelope: Mapping[str, Any]) -> str:
    """What stands for the signed text: SHA-256 of the payload, hex; "" when there is no payload."""
    try:
        return hashlib.sha256(_payload(envelope)).hexdigest()
    except ValueError:
        return ""


def _payload(envelope: Mapping[str, Any]) -> bytes:
    try:
        return base64.b64decode(envelope["payload"], validate=True)
    except (KeyError, TypeError, binascii.Error) as wrong:
        raise ValueError(f"信封读不懂 unreadable envelope: {wrong}") from None


def _known(key: PublicKey) -> SSlibKey:
    return SSlibKey.from_crypto(key.key, keyid=key.fingerprint)
