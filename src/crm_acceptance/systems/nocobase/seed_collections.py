"""Seeds the company's collections: collections.toml as what NocoBase's collection manager would be told by hand."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from crm_acceptance.systems.nocobase.wire import Wire

COLLECTIONS: Mapping[str, Mapping[str, Any]] = tomllib.loads(
    Path(__file__).with_name("collections.toml").read_text("utf-8")
)
OWNER = {"name": "owner", "kind": "person", "label": "负责人"}
DEPARTMENTS = {
    "sales": "销售部",
    "marketing": "市场部",
    "service": "客服部",
    "finance": "财务部",
    "management": "管理层",
}
# kind: (what the database keeps, what the form calls it, the form's component)
KINDS: Mapping[str, tuple[str, str, str]] = {
    "text": ("string", "input", "Input"),
    "long": ("text", "textarea", "Input.TextArea"),
    "phone": ("string", "phone", "Input"),
    "email": ("string", "email", "Input"),
    "select": ("string", "select", "Select"),
    "money": ("decimal", "number", "InputNumber"),
    "number": ("double", "number", "InputNumber"),
    "whole": ("integer", "integer", "InputNumber"),
    "day": ("dateOnly", "date", "DatePicker"),
    "moment": ("date", "datetime", "DatePicker"),
    "flag": ("boolean", "checkbox", "Checkbox"),
}


def seed_collections(wire: Wire) -> None:
    """Creates them in the order of the file, so that a reference finds its target."""
    department = {"name": "department", "kind": "select", "label": "部门", "choices": list(DEPARTMENTS.values())}
    wire.call("collections/users/fields:create", next(_fields("users", department)))
    for name, row in COLLECTIONS.items():
        fields = [made for field in (*row["fields"], OWNER) for made in _fields(name, field)]
        wire.call("collections:create", _collection(name, row["title"], fields))


def field_names(collection: str) -> list[str]:
    """Every field that a right can name, keys of references included."""
    made = [*_system(), *(one for field in (*COLLECTIONS[collection]["fields"], OWNER) for one in _fields("", field))]
    return [str(one["name"]) for one in made]


def _collection(name: str, title: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    kept = {"autoGenId": False, "createdBy": True, "updatedBy": True, "createdAt": True, "updatedAt": True}
    return {"name": name, "title": title, "template": "general", "fields": [*_system(), *fields], **kept}


def _system() -> Iterator[dict[str, Any]]:
    number = {"type": "number", "title": "ID", "x-component": "InputNumber", "x-read-pretty": True}
    yield {
        "name": "id", "type": "bigInt", "autoIncrement": True, "primaryKey": True, "allowNull": False,
        "interface": "integer", "uiSchema": number,
    }  # fmt: skip
    for name, title in (("createdAt", "创建时间"), ("updatedAt", "更新时间")):
        schema = {"type": "datetime", "title": title, "x-component": "DatePicker", "x-read-pretty": True}
        schema |= {"x-component-props": {"showTime": True}}
        yield {"name": name, "type": "date", "field": name, "interface": name, "uiSchema": schema}
    for name, title, key in (("createdBy", "创建人", "createdById"), ("updatedBy", "更新人", "updatedById")):
        shown = {"fieldNames": {"value": "id", "label": "nickname"}}
        schema = {"type": "object", "title": title, "x-component": "AssociationField", "x-component-props": shown}
        yield {
            "name": name, "type": "belongsTo", "target": "users", "foreignKey": key, "interface": name,
            "uiSchema": schema | {"x-read-pretty": True},
        }  # fmt: skip


def _fields(collection: str, field: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    kind = field["kind"]
    if kind == "person":
        yield from _reference({**field, "target": "users", "shown": "nickname"})
    elif kind == "ref":
        yield from _reference(field)
    elif kind == "files":
        yield _files(collection, field)
    elif kind == "formula":
        yield _formula(field)
    elif kind == "number_of":
        yield _numbered(field)
    else:
        yield _plain(field)


def _plain(field: Mapping[str, Any]) -> dict[str, Any]:
    kept, form, component = KINDS[field["kind"]]
    schema: dict[str, Any] = {"title": field["label"], "x-component": component, "type": "string"}
    made: dict[str, Any] = {"name": field["name"], "type": kept, "interface": form, "uiSchema": schema}
    if "choices" in field:
        schema["enum"] = [{"value": one, "label": one} for one in field["choices"]]
    if field["kind"] == "money":
        made |= {"precision": 15, "scale": 2}
        schema["x-component-props"] = {"step": "0.01", "stringMode": True}
    if field["kind"] == "moment":
        schema["x-component-props"] = {"showTime": True}
    if "default" in field:
        made["defaultValue"] = field["default"]
    if field.get("required"):
        schema["required"] = True
        kind = "number" if field["kind"] == "money" else "string"
        made |= {"validation": {"type": kind, "rules": [{"key": "r_required", "name": "required"}]}}
    return made


def _reference(field: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    name, key = field["name"], f"{field['name']}_id"
    number = {"type": "number", "title": f"{field['label']} ID", "x-component": "InputNumber"}
    yield {"name": key, "type": "bigInt", "interface": "integer", "isForeignKey": True, "uiSchema": number}
    shown = {"multiple": False, "fieldNames": {"label": field["shown"], "value": "id"}}
    schema = {"type": "object", "title": field["label"], "x-component": "AssociationField", "x-component-props": shown}
    yield {
        "name": name, "type": "belongsTo", "interface": "m2o", "target": field["target"], "foreignKey": key,
        "targetKey": "id", "onDelete": "SET NULL", "uiSchema": schema,
    }  # fmt: skip


def _files(collection: str, field: Mapping[str, Any]) -> dict[str, Any]:
    schema = {"type": "array", "title": field["label"], "x-component": "Upload.Attachment"}
    schema |= {"x-component-props": {"multiple": True}}
    through = {"through": f"{collection}_{field['name']}", "foreignKey": "record_id", "otherKey": "file_id"}
    made = {"name": field["name"], "type": "belongsToMany", "interface": "attachment", "target": "attachments"}
    return {**made, **through, "sourceKey": "id", "targetKey": "id", "uiSchema": schema}


def _formula(field: Mapping[str, Any]) -> dict[str, Any]:
    schema = {"type": "number", "title": field["label"], "x-component": "Formula.Result", "x-read-pretty": True}
    made = {"name": field["name"], "type": "formula", "interface": "formula", "dataType": "double"}
    return {**made, "engine": "formula.js", "expression": field["expression"], "uiSchema": schema}


def _numbered(field: Mapping[str, Any]) -> dict[str, Any]:
    patterns = [
        {"type": "string", "options": {"value": field["prefix"]}},
        {"type": "integer", "options": {"digits": 6, "start": 1, "key": 1}},
    ]
    schema = {"type": "string", "title": field["label"], "x-component": "Input", "x-read-pretty": True}
    return {
        "name": field["name"],
        "type": "sequence",
        "interface": "sequence",
        "patterns": patterns,
        "uiSchema": schema,
    }
