"""What a bundle states: an in-toto test-result statement about the run's chain, in a DSSE envelope; packs nothing.

Formats: in-toto Statement v1, predicate https://in-toto.io/attestation/test-result/v0.1, DSSE 1.0.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from google.protobuf import json_format
from in_toto_attestation.v1.resource_descriptor import ResourceDescriptor
from in_toto_attestation.v1.statement import Statement
from securesystemslib.dsse import Envelope
from securesystemslib.exceptions import Error as SslibError
from securesystemslib.signer import CryptoSigner, SSlibKey

from crm_acceptance.sealing.keys import PublicKey

PAYLOAD_TYPE = "application/vnd.in-toto+json"
PREDICATE = "https://in-toto.io/attestation/test-result/v0.1"
RESULT = {"proven": "PASSED", "unproven": "WARNED", "disproven": "FAILED"}


def statement(run: str, head: str, files: Mapping[str, str], proofs: Mapping[str, str]) -> dict[str, Any]:
    """`head` is the chain's; `files` path -> SHA-256 of what configured the run; `proofs` requirement id -> proof."""
    subject = ResourceDescriptor(name=run, digest={"sha256": head}).pb
    configuration = [{"name": name, "digest": {"sha256": digest}} for name, digest in sorted(files.items())]
    said = Statement([subject], PREDICATE, _predicate(configuration, proofs))
    said.validate()
    made: dict[str, Any] = json_format.MessageToDict(said.pb)
    return made


def sealed(said: Mapping[str, Any], key: Ed25519PrivateKey) -> bytes:
    """The statement in its envelope, signed."""
    envelope = Envelope(rfc8785.dumps(dict(said)), PAYLOAD_TYPE, {})
    public = PublicKey(key.public_key())
    envelope.sign(CryptoSigner(key, _known(public)))
    return rfc8785.dumps(envelope.to_dict())


def opened(raw: bytes, key: PublicKey) -> dict[str, Any]:
    """The statement, when the envelope is whole and signed by that key. ValueError says in words what is wrong."""
    try:
        envelope = Envelope.from_dict(json.loads(raw))
        envelope.verify([_known(key)], threshold=1)
        said: dict[str, Any] = json.loads(envelope.payload)
    except (SslibError, KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise ValueError(f"签名不符（the signature does not fit）：{wrong}") from None
    if rfc8785.dumps(envelope.to_dict()) != raw:
        raise ValueError("信封不是封装时的写法（the envelope is not spelt as it was sealed）")
    if envelope.payload_type != PAYLOAD_TYPE or said.get("predicateType") != PREDICATE:
        raise ValueError("信封里不是验收结果（the envelope holds no test result）")
    return said


def _predicate(configuration: list[dict[str, Any]], proofs: Mapping[str, str]) -> dict[str, Any]:
    by = {kind: sorted(id for id, proof in proofs.items() if proof == kind) for kind in RESULT}
    worst = next((RESULT[kind] for kind in ("disproven", "unproven") if by[kind]), "PASSED" if proofs else "WARNED")
    return {
        "result": worst,
        "configuration": configuration,
        "passedTests": by["proven"],
        "warnedTests": by["unproven"],
        "failedTests": by["disproven"],
    }


def _known(key: PublicKey) -> SSlibKey:
    return SSlibKey.from_crypto(key.key, keyid=key.fingerprint)
