"""Whether an answer holds nothing at all; sends nothing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crm_acceptance.engines.fuzz.naming import EVERY, Operation
from crm_acceptance.systems.flow import Answer

ROWS = ("data", "rows", "items", "results", "records", "list", "value", "content")


def harmless(operation: Operation, answer: Answer) -> bool:
    """An empty body, or JSON without a row or a value. Attachments are judged by their content."""
    if operation.object == EVERY or not answer.body.strip():
        return True
    try:
        return _hollow(json.loads(answer.body))
    except ValueError:
        return False


def _hollow(found: Any) -> bool:
    """A page without rows is hollow, whatever it says of sizes; but not one that counts what it does not show."""
    if not isinstance(found, Mapping):
        return found in (None, [], "")
    rows = [found[name] for name in ROWS if name in found]
    counted = any(found.get(name) for name in ("total", "count"))
    return not found or (bool(rows) and not counted and all(_hollow(one) for one in rows))
