"""A misconfiguration on purpose: one right of one role loses its scope, as a careless click would do it by HTTP."""

from __future__ import annotations

from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.systems.nocobase.seed_roles import TABLE, WITHOUT_SCOPE
from crm_acceptance.systems.nocobase.wire import Wire


def check(right: str) -> None:
    """WrongUse when `right` ("r_sales/crm_customers:view") is not one that roles.toml gives with a scope."""
    known = [
        f"{role}/{collection}:{action}"
        for role, row in TABLE["roles"].items()
        for collection, rights in row["rights"].items()
        for action, scope in rights.items()
        if scope != "all" and action not in WITHOUT_SCOPE
    ]
    if right and right not in known:
        raise unknown("可放宽的权限 widen=ROLE/COLLECTION:ACTION", right, known)


def widen(wire: Wire, right: str) -> None:
    """Takes the scope away from this right of this role; all its others stay."""
    check(right)
    role, _, rest = right.partition("/")
    collection, _, action = rest.partition(":")
    at = {"dataSourceKey": "main", "name": collection}
    found = wire.get(f"roles/{role}/dataSourceResources:get", filter=at, appends="actions,actions.scope")
    if not found:
        raise WrongUse(f"NocoBase 里没有 {right} 这条权限。There is no such right in this NocoBase.")
    actions = [_without_scope(one) if one["name"] == action else _as_it_is(one) for one in found["actions"]]
    body = {"name": collection, "dataSourceKey": "main", "usingActionsConfig": True, "actions": actions}
    wire.call(f"roles/{role}/dataSourceResources:update", body, filterByTk=collection, filter=at)


def _without_scope(action: dict[str, object]) -> dict[str, object]:
    return {"name": action["name"], "fields": action["fields"], "scope": None}


def _as_it_is(action: dict[str, object]) -> dict[str, object]:
    scope = action.get("scope")
    kept = {"scope": {"id": scope["id"]}} if isinstance(scope, dict) else {}
    return {"name": action["name"], "fields": action["fields"], **kept}
