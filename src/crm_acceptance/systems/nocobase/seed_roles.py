"""Seeds roles.toml: what NocoBase's permission pages would be told by hand, scope by scope and field by field."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from crm_acceptance.systems.nocobase.seed_collections import field_names
from crm_acceptance.systems.nocobase.wire import Wire

TABLE: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("roles.toml").read_text("utf-8"))
SET_BY_NOCOBASE = {"id", "createdAt", "updatedAt", "createdBy", "createdById", "updatedBy", "updatedById"}
WITHOUT_SCOPE = {"create", "importXlsx"}
ACCOUNTS = ["username", "nickname", "email", "password", "department", "roles"]
COLLEAGUES = ["id", "nickname", "username", "department"]


def seed_roles(wire: Wire) -> None:
    """All roles with their rights; whoever has none on a collection cannot even name it."""
    scopes: dict[tuple[str, str], int] = {}
    for role, row in TABLE["roles"].items():
        snippets = ["!ui.*", "!pm", "!pm.*", *row.get("snippets", ())]
        wire.create("roles", {"name": role, "title": row["title"], "snippets": snippets, "allowNewMenu": True})
        wire.call("dataSources/main/roles:update", {"strategy": {"actions": []}}, filterByTk=role)
        for collection, rights in row["rights"].items():
            actions = [_action(wire, scopes, role, collection, name, of) for name, of in rights.items()]
            _grant(wire, role, collection, actions)
        accounts = [{"name": name, "fields": ACCOUNTS} for name in row.get("accounts", ())]
        _grant(wire, role, "users", [{"name": "view", "fields": COLLEAGUES + ["roles"] * bool(accounts)}, *accounts])


def _grant(wire: Wire, role: str, collection: str, actions: list[dict[str, Any]]) -> None:
    body = {"name": collection, "dataSourceKey": "main", "usingActionsConfig": True, "actions": actions}
    at = {"dataSourceKey": "main", "name": collection}
    wire.call(f"roles/{role}/dataSourceResources:create", body, filterByTk=collection, filter=at)


def _action(
    wire: Wire, scopes: dict[tuple[str, str], int], role: str, collection: str, name: str, of: str
) -> dict[str, Any]:
    row = TABLE["roles"][role]
    made: dict[str, Any] = {"name": name, "fields": _allowed(row, collection, name)}
    if of == "all" or name in WITHOUT_SCOPE:
        return made
    if (collection, of) not in scopes:
        body = {"resourceName": collection, "name": of, "scope": TABLE["scopes"][of]}
        scopes[collection, of] = wire.call("dataSources/main/rolesResourcesScopes:create", body)["id"]
    return {**made, "scope": {"id": scopes[collection, of]}}


def _allowed(row: Mapping[str, Any], collection: str, action: str) -> list[str]:
    """The fields of one action; NocoBase takes an empty list as "none", so that they are all named."""
    every = field_names(collection)
    if action in ("view", "export"):
        hidden = {*row.get("hides", {}).get(collection, ()), "name_key", "phone_key"}
        return [name for name in every if name not in hidden]
    if collection in row.get("writes", {}):
        return list(row["writes"][collection])
    kept = SET_BY_NOCOBASE | set(TABLE["computed"][collection])
    return [name for name in every if name not in kept]
