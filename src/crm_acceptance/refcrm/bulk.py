"""The same change to several records at once, all of them or none. Each is changed as records.py changes one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import records
from .auth import User
from .db import Database

MOST = 100


def change(db: Database, me: User, object: str, ids: Sequence[int], fields: Mapping[str, Any]) -> dict[str, int]:
    """How many were changed. One that is out of reach, or refuses the change, leaves all as they were."""
    with db.write():
        for id in dict.fromkeys(ids):
            records.change(db, me, object, id, fields)
    return {"changed": len(set(ids))}
