"""How a list, a count or a single act loses its condition with a defect on. What rights there are is in rights.py."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .defects import active

if TYPE_CHECKING:
    from .auth import User
    from .lists import Asked

MUCH = 100
"""Rows per page above which another query is used, as exports and pickers do."""

# (object, action) -> the act that looks for the record without asking whose it is.
ACTS: Mapping[tuple[str, str], str] = {
    ("lead", "convert"): "convert_ignores_scope",
    ("lead", "delete"): "delete_ignores_scope",
    ("order", "cancel"): "cancel_ignores_scope",
    ("opportunity", "transfer"): "transfer_ignores_scope",
    ("opportunity", "advance"): "advance_ignores_scope",
    ("contact", "attach"): "attach_ignores_scope",
    ("customer", "follow"): "note_ignores_scope",
}
# (purpose, object, scope) -> defect and the scope that it widens to.
_WIDER: Mapping[tuple[str, str, str], tuple[str, str]] = {
    ("list", "invoice", "team"): ("leader_sees_department", "department"),
    ("count", "invoice", "team"): ("leader_sees_department", "department"),
    ("sum", "invoice", "team"): ("leader_sees_department", "department"),
    ("export", "opportunity", "own"): ("export_by_department", "department"),
}
_kept: dict[str, tuple[int, dict[str, Any]]] = {}


def wider(object: str, purpose: str, scope: str) -> str:
    """The scope that counts for this purpose."""
    name, other = _WIDER.get((purpose, object, scope), ("", scope))
    return other if active(name) else scope


def unscoped(object: str, purpose: str, asked: Asked) -> bool:
    """Whether this way of asking forgets whose records they are."""
    ways = {
        "big_page_unscoped": (purpose, object) == ("list", "lead") and asked.size > MUCH,
        "second_page_unscoped": (purpose, object) == ("list", "payment") and asked.page > 1,
        "search_index_unscoped": (purpose, object) == ("list", "customer") and bool(asked.q) and not asked.pool,
        "sort_rebuilds_query": (purpose, object) == ("list", "quote") and bool(asked.sort),
        "owner_filter_trusted": (purpose, object) == ("list", "order") and "owner" in asked.where,
        "sum_ignores_scope": (purpose, object) == ("sum", "payment"),
        "count_ignores_scope": (purpose, object) == ("count", "ticket"),
        "filtered_export_unscoped": (purpose, object) == ("export", "order") and bool(asked.q or asked.where),
        "global_search_unscoped": purpose == "search",
    }
    return any(wanted and active(name) for name, wanted in ways.items()) or open_door(object, purpose)


def open_door(object: str, purpose: str) -> bool:
    """Whether this door asks for no role at all."""
    return (active("count_checks_no_role") and (purpose, object) == ("count", "contact")) or (
        active("export_checks_no_role") and (purpose, object) == ("export", "customer")
    )


def shared(conn: sqlite3.Connection, object: str, asked: Asked, work: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """The answer to the same question, until somebody writes: from a cache that does not know who asks."""
    if not (active("list_cache_shared") and object == "ticket"):
        return work()
    stamp = int(conn.execute("SELECT COALESCE(MAX(row), 0) FROM audit").fetchone()[0])
    key = repr(asked)
    if _kept.get(key, (-1, {}))[0] != stamp:
        _kept[key] = (stamp, work())
    return _kept[key][1]


def role_kept(token: str, user: User) -> User:
    """The user as first seen with that token: whoever keeps roles beside sessions does not notice a new one."""
    if not active("stale_role_cache"):
        _roles.clear()
        return user
    return _roles.setdefault(token, user)


_roles: dict[str, User] = {}
