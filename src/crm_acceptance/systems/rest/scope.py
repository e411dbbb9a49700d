"""The names that templates of one call may ask for, and their values. It knows no HTTP."""

from __future__ import annotations

import datetime as dt
import mimetypes
import time
import uuid
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import quote

from crm_acceptance.model import Action
from crm_acceptance.systems.rest.codec_write import bare
from crm_acceptance.systems.rest.crm import Crm, Visit
from crm_acceptance.systems.rest.shape import ObjectSpec
from crm_acceptance.systems.rest.templates import MISSING, Names
from crm_acceptance.vault import secret

_WHENEVER: Mapping[str, Callable[[], Any]] = {
    "uuid": lambda: str(uuid.uuid4()),
    "today": lambda: dt.date.today().isoformat(),
    "now": lambda: dt.datetime.now().astimezone().isoformat(timespec="seconds"),
    "timestamp": lambda: int(time.time()),
    "timestamp_ms": lambda: int(time.time() * 1000),
    "null": lambda: None,
}


def names_of(*layers: Mapping[str, Any]) -> Names:
    """The first layer that has the name gives it; then what is known whenever: uuid, today, now, null, secret.X."""

    def find(name: str) -> Any:
        for layer in layers:
            if name in layer:
                return layer[name]
        if name.startswith("secret."):
            return secret(name.partition(".")[2])
        return _WHENEVER[name]() if name in _WHENEVER else MISSING

    return find


def in_path(names: Names) -> Names:
    """The same names as they stand in a path: quoted, but for whole paths and links."""

    def find(name: str) -> Any:
        value = names(name)
        if value is MISSING or value is None or name in ("path", "parent_path", "link"):
            return value
        return value if isinstance(value, Mapping | list) else quote(_plain(value), safe=",")

    return find


def _plain(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def of_person(visit: Visit) -> dict[str, Any]:
    """Who acts, and what the login saved."""
    return {"login": visit.session.person.login, **visit.standing.saved, **visit.names}


def of_action(crm: Crm, object: ObjectSpec, action: Action, fields: Mapping[str, Any]) -> dict[str, Any]:
    """What the action is about; `fields` are its fields in the CRM's own words by canonical name, "" all of them."""
    options = {name: value for name, value in action.options.items() if name != "where" and value is not None}
    named: dict[str, Any] = {**_chosen(crm, object, options), "path": object.path, "title": object.title}
    named["columns"] = columns(crm, object)
    named |= {f"fields.{name}": value for name, value in fields.items() if name}
    named["fields"] = fields.get("", {})
    if action.id is not None:
        named |= _id(crm, object, action.id)
    if "to" in options:
        named["to"] = crm.staff.native(options["to"])
        if named["to"] is MISSING:
            raise crm.wrong("people", f"不知道 {options['to']} 在系统里的编号。The CRM's id of this person is unknown.")
    if "attachment" in options:
        named["attachment"] = crm.native_id("attachment", options["attachment"])
    return named | _parent(crm, action) | _file(action)


def columns(crm: Crm, object: ObjectSpec) -> list[str]:
    """The CRM's own names of all that the mapping reads of an object, for calls that must ask for each."""
    known = crm.columns.get(object.name)
    if known is None:
        places = (*object.id, *(spec.path for spec in object.fields.values() if spec.path))
        known = crm.columns[object.name] = list(dict.fromkeys(places))
    return known


def _chosen(crm: Crm, object: ObjectSpec, options: Mapping[str, Any]) -> dict[str, Any]:
    """Options such as {stage} in the CRM's own words, where a field of that name tells its choices."""
    fields = object.fields
    return {
        name: bare(crm, fields[name], value) if name in fields and fields[name].choices else value
        for name, value in options.items()
    }


def _id(crm: Crm, object: ObjectSpec, id: str) -> dict[str, Any]:
    parts = crm.id_parts(object, id)
    numbered = {f"id.{number}": part for number, part in enumerate(parts, 1)}
    if object.name == "user":
        found = crm.staff.native(id)
        return {"id": id if found is MISSING else found, **numbered}
    return {"id": crm.native_id(object.name, id), **numbered}


def _parent(crm: Crm, action: Action) -> dict[str, Any]:
    """The record that a follow-up or a file hangs on."""
    told = {**action.options.get("where", {}), **action.fields}
    name, id = told.get("parent_object"), told.get("parent_id")
    if name is None and action.name in ("attach", "attachments", "download"):
        name, id = action.object, action.id
    if name is None:
        return {}
    parent = crm.object(str(name))
    return {"parent_object": name, "parent_path": parent.path, "parent_id": crm.native_id(parent.name, id)}


def _file(action: Action) -> dict[str, Any]:
    """The file to be sent: (name, bytes, content type), as Calls hold it."""
    body = action.options.get("body", action.options.get("csv"))
    if not isinstance(body, bytes):
        return {}
    default = f"{action.object}.csv" if "csv" in action.options else "file"
    name = str(action.options.get("filename", default))
    kind = "text/csv" if "csv" in action.options else mimetypes.guess_type(name)[0] or "application/octet-stream"
    return {"filename": name, "file": (name, body, kind)}
