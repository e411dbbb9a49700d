"""Whether a change wants the whole record back, and the body that gives it. Where bodies are is known elsewhere."""

from __future__ import annotations

from typing import Any

from crm_acceptance.drafting.document import Table
from crm_acceptance.drafting.schemas import Schemas, kind

BACK = ["{old}", "{fields}"]
"""The record as it stands, then what changes."""


def given_back(schemas: Schemas, method: str, template: Any, body: Table, row: Table, own: str) -> Any:
    """The template of a change; by PUT, with required fields, and shown as they are written: the whole record.

    A CRM that shows an owner as an object and takes an id cannot be given back what it shows. `own` is the id's name.
    """
    needed = {one for one in schemas.flat(body).get("required") or () if isinstance(one, str)} - {own, "id"}
    takes, shows = schemas.properties(body), schemas.properties(row)
    if method != "PUT" or not needed or not needed <= shows.keys() or not _plain(template):
        return template
    if any(_nested(takes[name]) != _nested(shows[name]) for name in takes.keys() & shows.keys()):
        return template
    return {
        "...": BACK,
        **({name: one for name, one in template.items() if name != "..."} if isinstance(template, dict) else {}),
    }


def _plain(template: Any) -> bool:
    """Whether the fields stand at the top of the body."""
    return template == "{fields}" or (isinstance(template, dict) and template.get("...") == "{fields}")


def _nested(schema: Table) -> str:
    """Whether a value is a table or a list: an amount may be written as a number and shown as a text."""
    return found if (found := kind(schema)) in ("object", "array") else ""
