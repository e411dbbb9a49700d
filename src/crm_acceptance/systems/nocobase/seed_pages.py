"""Seeds pages.toml: a menu entry per collection, its table, forms and details, as its page editor would draw them."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crm_acceptance.systems.nocobase.seed_collections import COLLECTIONS
from crm_acceptance.systems.nocobase.wire import Wire

PAGES: Mapping[str, Mapping[str, list[str]]] = tomllib.loads(Path(__file__).with_name("pages.toml").read_text("utf-8"))
WIDE = ("crm_customers", "crm_quotes")
CURRENT = {"binding": "currentRecord"}
SUBMIT = [{"type": "submit", "title": "提交"}]


def seed_pages(wire: Wire) -> None:
    """In the order of the file, which is the order of the menu."""
    for collection, page in PAGES.items():
        wire.call("flowSurfaces:applyBlueprint", _page(collection, str(COLLECTIONS[collection]["title"]), page))


def _page(collection: str, title: str, page: Mapping[str, list[str]]) -> dict[str, Any]:
    tab = {"key": "main", "title": title, "blocks": [_table(collection, title, page)]}
    head = {"title": title, "enableHeader": True, "displayTitle": True}
    menu = {"item": {"title": title}}
    made = {"version": "1", "mode": "create", "navigation": menu, "page": head, "tabs": [tab], "assets": {}}
    return made | {"defaults": {"collections": {name: _groups(name) for name in WIDE}}}


def _groups(collection: str) -> dict[str, Any]:
    """How a record with many fields is shown when a reference to it is opened; NocoBase insists on being told."""
    names = [str(field["name"]) for field in COLLECTIONS[collection]["fields"]]
    shown = [*names, "owner", "createdAt", "updatedAt"]
    return {"fieldGroups": [{"title": COLLECTIONS[collection]["title"], "fields": shown}]}


def _table(collection: str, title: str, page: Mapping[str, list[str]]) -> dict[str, Any]:
    create = _popup(f"新建{title}", {"type": "createForm", "collection": collection, "fields": page["asks"]})
    edits = page.get("edits", page["asks"])
    edit = _popup(f"编辑{title}", {"type": "editForm", "resource": CURRENT, "fields": edits})
    view = _popup(f"查看{title}", {"type": "details", "resource": CURRENT, "fields": page["shows"]})
    above = [{"type": "filter"}, {"type": "refresh"}, {"type": "addNew", "title": "新建", "popup": create}]
    beside = [
        {"type": "view", "title": "查看", "popup": view},
        {"type": "edit", "title": "编辑", "popup": edit},
        {"type": "delete", "title": "删除"},
    ]
    block = {"key": "table", "type": "table", "collection": collection, "fields": page["shows"]}
    return {**block, "actions": above, "recordActions": beside}


def _popup(title: str, block: dict[str, Any]) -> dict[str, Any]:
    actions = {} if block["type"] == "details" else {"actions": SUBMIT}
    return {"mode": "drawer", "title": title, "blocks": [{"key": "block", **block, **actions}]}
