"""Everything that is checked of a mapping as a whole, in one call. Each kind of check has a file of its own."""

from __future__ import annotations

from typing import Any

from crm_acceptance.systems.rest import checks_calls, checks_objects, checks_secrets, checks_templates
from crm_acceptance.systems.rest.checks import Reading
from crm_acceptance.systems.rest.shape import Mapping


def check(reading: Reading, mapping: Mapping, raw: dict[str, Any]) -> None:
    """Writes every mistake down in `reading`."""
    if not raw:
        reading.wrong("", "文件是空的（the file is empty）。")
    if mapping.prefix and not mapping.prefix.startswith("/"):
        reading.wrong("api.prefix", f'应当以 "/" 开头：{mapping.prefix}（must start with "/"）。')
    checks_calls.check(reading, mapping)
    checks_objects.check(reading, mapping)
    checks_templates.check(reading, mapping)
    checks_secrets.check(reading, raw)
