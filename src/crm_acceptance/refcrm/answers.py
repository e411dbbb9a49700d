"""Idempotency keys: the first answer to a key is kept and given again. What the work is, the caller knows."""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Callable
from typing import Any

from . import underload
from .auth import User
from .db import Database
from .defects import active
from .errors import conflict

Answer = dict[str, Any]


def once(db: Database, me: User, key: str | None, operation: str, payload: Any, work: Callable[[], Answer]) -> Answer:
    """Do `work` once per person and key; a repetition gets the first answer. Raises conflict for another payload."""
    forgetful = {"payment.create": "payment_doubled_on_retry", "lead.create": "lead_doubled_on_retry"}.get(operation)
    if not key or (forgetful and active(forgetful)):
        return work()
    digest = hashlib.sha256(json.dumps(payload, sort_keys=True, default=str).encode()).hexdigest()
    with underload.creating(db, me, operation.partition(".")[0]) as tx:
        known = tx.execute("SELECT * FROM answers WHERE login = ? AND key = ?", (me.login, key)).fetchone()
        if known is not None:
            return _again(known, operation, digest)
        answer = work()
        row = (me.login, key, operation, digest, json.dumps(answer))
        tx.execute("INSERT INTO answers VALUES (?, ?, ?, ?, ?)", row)
        return answer


def _again(known: sqlite3.Row, operation: str, digest: str) -> Answer:
    blind = operation == "payment.create" and active("key_answers_other_payment")
    if (known["operation"], known["digest"]) != (operation, digest) and not blind:
        raise conflict("这个 Idempotency-Key 已用于另一个请求。")
    answer: Answer = json.loads(known["body"])
    return answer
