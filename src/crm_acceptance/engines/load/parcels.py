"""What master and workers send each other: packed, sealed with the fleet's token, cut into pieces. Sends nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_acceptance.errors import WrongUse

PIECE = 2**19
"""Bytes in one message at most: a plan or a result of many megabytes must not hold up the heartbeats."""
MOST = 2000
"""Pieces of one parcel at most: whoever is no member of the fleet does not use up our memory."""
TOKEN = "CRM_ACCEPTANCE_LOAD_TOKEN"
"""Names the environment variable that holds what all members of a fleet share."""


class Unsealed(WrongUse):
    """Not from somebody who has the fleet's token, or changed on its way."""


def sealed(token: str, way: str, kind: str, body: Any) -> Iterator[dict[str, Any]]:
    """The messages that carry `body` (plain JSON data). `way`: who sends it to whom; a parcel fits no other way."""
    packed = zlib.compress(json.dumps(body, ensure_ascii=False).encode(), 1)
    number = secrets.token_hex(8)
    pieces = [packed[at : at + PIECE] for at in range(0, len(packed), PIECE)]
    seal = _seal(token, way, kind, number, packed)
    for n, piece in enumerate(pieces):
        yield {"kind": kind, "number": number, "n": n, "of": len(pieces), "piece": piece, "seal": seal}


@dataclass
class Letterbox:
    """Puts the pieces of one sender together again; each parcel is handed out once, whatever is sent twice."""

    token: str
    way: str
    _begun: dict[str, dict[int, bytes]] = field(default_factory=dict)
    _seen: set[str] = field(default_factory=set)

    def take(self, message: Mapping[str, Any]) -> tuple[str, Any] | None:
        """(kind, body) once the last piece has come. Unsealed when the seal does not fit."""
        number, n, of = str(message.get("number")), int(message.get("n", 0)), int(message.get("of", 1))
        if number in self._seen or not 0 <= n < of <= MOST:
            return None
        pieces = self._begun.setdefault(number, {})
        pieces[n] = bytes(message.get("piece", b""))
        if len(pieces) < of:
            return None
        packed = b"".join(piece for _, piece in sorted(self._begun.pop(number).items()))
        kind = str(message.get("kind"))
        if not hmac.compare_digest(bytes(message.get("seal", b"")), _seal(self.token, self.way, kind, number, packed)):
            raise Unsealed(f"口令 {TOKEN} 两边不一样，或消息被改过。The tokens differ, or a message was changed.")
        self._seen.add(number)
        return kind, json.loads(zlib.decompress(packed))


def _seal(token: str, way: str, kind: str, number: str, packed: bytes) -> bytes:
    return hmac.new(token.encode(), f"{way}\n{kind}\n{number}\n".encode() + packed, hashlib.sha256).digest()
