"""Takes a field out of a body: JSON at any depth, a form, a multipart form. Bodies that hold no such field stay."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode

_BOUNDARY = re.compile(r'boundary="?([^";]+)"?', re.IGNORECASE)
_PART_NAME = re.compile(rb'(?i)content-disposition:[^\r\n]*?[;\s]name="?([^";\r\n]+)"?')


def without(body: bytes, content_type: str, field: str) -> bytes | None:
    """The body without that field; None when it holds none, or is of a kind that has no fields."""
    kind = content_type.partition(";")[0].strip().lower()
    if kind.endswith("json"):
        return _from_json(body, field)
    if kind == "application/x-www-form-urlencoded":
        return _from_form(body, field)
    boundary = _BOUNDARY.search(content_type)
    return _from_parts(body, boundary[1].encode(), field) if kind == "multipart/form-data" and boundary else None


def _from_json(body: bytes, field: str) -> bytes | None:
    try:
        found = json.loads(body)
    except ValueError:
        return None
    return json.dumps(_pruned(found, field), ensure_ascii=False).encode() if _holds(found, field) else None


def _holds(value: Any, field: str) -> bool:
    if isinstance(value, dict):
        return field in value or any(_holds(one, field) for one in value.values())
    return isinstance(value, list) and any(_holds(one, field) for one in value)


def _pruned(value: Any, field: str) -> Any:
    if isinstance(value, dict):
        return {name: _pruned(one, field) for name, one in value.items() if name != field}
    return [_pruned(one, field) for one in value] if isinstance(value, list) else value


def _from_form(body: bytes, field: str) -> bytes | None:
    pairs = parse_qsl(body.decode("utf-8", "surrogateescape"), keep_blank_values=True, errors="surrogateescape")
    kept = [(name, value) for name, value in pairs if name != field]
    return urlencode(kept, errors="surrogateescape").encode() if len(kept) < len(pairs) else None


def _from_parts(body: bytes, boundary: bytes, field: str) -> bytes | None:
    line = b"--" + boundary
    parts = body.split(line)
    kept = [part for part in parts if _name_of(part) != field]
    return line.join(kept) if len(kept) < len(parts) else None


def _name_of(part: bytes) -> str:
    found = _PART_NAME.search(part.partition(b"\r\n\r\n")[0])
    return found[1].decode("utf-8", "replace") if found else ""
