"""The people who work here: directory, new accounts, disabling, hand-over of somebody who leaves."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Mapping
from typing import Any

from . import auth, store
from .auth import User, user_from
from .db import Database
from .defects import active
from .errors import CrmError, conflict, invalid, missing
from .objects import OBJECTS
from .rights import ROLES
from .values import now

LOGIN = r"^[a-z][a-z0-9_.-]{1,31}$"
DEPARTMENT_OF: Mapping[str, str] = {
    "sales_rep": "sales",
    "sales_lead": "sales",
    "sales_manager": "sales",
    "marketer": "marketing",
    "service_agent": "service",
    "accountant": "finance",
    "executive": "management",
    "it_admin": "it",
    "data_admin": "it",
}
Row = dict[str, Any]


def directory(db: Database) -> list[User]:
    """Everybody who is active, by name; what a "new owner" list shows."""
    return [user_from(row) for row in db.conn.execute("SELECT * FROM users WHERE active ORDER BY department, login")]


def users(db: Database, me: User) -> list[Row]:
    """All accounts, for IT."""
    store.require(me, "read", "user")
    return [to_row(user_from(row)) for row in db.conn.execute("SELECT * FROM users ORDER BY login")]


def to_row(user: User) -> Row:
    """A user as the API answers it."""
    return {
        "login": user.login,
        "name": user.name,
        "role": user.role,
        "department": user.department,
        "active": user.active,
        "team": user.team,
    }


def add(db: Database, me: User, fields: Mapping[str, Any]) -> Row:
    """A new account: login, name, role, password. Raises duplicate when the login is taken."""
    if not active("user_create_by_anyone"):
        store.require(me, "create", "user")
    login, name, role = (str(fields.get(key) or "").strip() for key in ("login", "name", "role"))
    password = str(fields.get("password") or "")
    wrong = _wrong(login, name, role, password)
    if wrong:
        raise invalid("新账号的资料不完整或格式不对:" + "、".join(wrong), wrong)
    with db.write() as tx:
        if tx.execute("SELECT 1 FROM users WHERE login = ?", (login,)).fetchone():
            raise CrmError("duplicate", f"用户名 {login} 已被使用。", {"login": "已被使用。"})
        insert(tx, User(login, name, role, DEPARTMENT_OF[role]), auth.hash_password(password))
        store.audit(tx, me, "user", login, "create", "", None, password if active("password_in_audit") else login)
        return to_row(find(tx, login))


def insert(tx: sqlite3.Connection, user: User, password: str) -> None:
    """Store a user with the hash of a password."""
    values = (user.login, user.name, user.role, user.department, int(user.active), password, now(), user.team)
    tx.execute("INSERT INTO users VALUES (?, ?, ?, ?, ?, ?, ?, ?)", values)


def find(conn: sqlite3.Connection, login: str) -> User:
    """The user with that login. Raises missing."""
    row = conn.execute("SELECT * FROM users WHERE login = ?", (login,)).fetchone()
    if row is None:
        raise missing(f"没有用户 {login}。")
    return user_from(row)


def disable(db: Database, me: User, login: str) -> Row:
    """Disable an account; its sessions end at once."""
    if not active("disable_by_anyone"):
        store.require(me, "change", "user")
    with db.write() as tx:
        _disable(tx, me, find(tx, login), active("session_survives_disabling"))
        return to_row(find(tx, login))


def change(db: Database, me: User, login: str, fields: Mapping[str, Any]) -> Row:
    """Change role, team, name or password. One's own name and password are everybody's to change, the rest is IT's.

    A new role counts from the next request on; a new password ends every session of that person.
    """
    mine = login == me.login
    own = {"name", "password", "role"} if active("self_elevation") else {"name", "password"}
    if not (mine and fields.keys() <= own):
        store.require(me, "change", "user")
    with db.write() as tx:
        user = find(tx, login)
        if mine and fields.get("role", user.role) != user.role and not active("self_elevation"):
            raise conflict("不能改自己的角色。")
        _refuse_wrong(fields)
        _changed(tx, me, user, fields)
        return to_row(find(tx, login))


def _refuse_wrong(fields: Mapping[str, Any]) -> None:
    checked = {"login": "ok", "name": "-", "role": ROLES[0], "password": "-" * 8, **fields}
    wrong = _wrong(*(str(checked[name] or "").strip() for name in ("login", "name", "role", "password")))
    if len(str(fields.get("team") or "")) > 64:
        wrong["team"] = "最多 64 字。"
    if wrong:
        raise invalid("账号的资料格式不对:" + "、".join(wrong), wrong)


def _changed(tx: sqlite3.Connection, me: User, user: User, fields: Mapping[str, Any]) -> None:
    values: Row = {name: str(fields[name] or "").strip() for name in ("name", "role", "team") if name in fields}
    if "role" in values:
        values["department"] = DEPARTMENT_OF[values["role"]]
    for name, value in values.items():
        if getattr(user, name) != value:
            tx.execute(f"UPDATE users SET {name} = ? WHERE login = ?", (value, user.login))
            store.audit(tx, me, "user", user.login, "change", name, getattr(user, name), value)
    if "password" in fields:
        hashed = auth.hash_password(str(fields["password"]))
        tx.execute("UPDATE users SET password = ? WHERE login = ?", (hashed, user.login))
        if not active("password_change_keeps_sessions"):
            auth.end_sessions(tx, user.login)
        store.audit(tx, me, "user", user.login, "change", "password", None, None)


def enable(db: Database, me: User, login: str) -> Row:
    """Enable an account again."""
    store.require(me, "change", "user")
    with db.write() as tx:
        user = find(tx, login)
        tx.execute("UPDATE users SET active = 1 WHERE login = ?", (login,))
        store.audit(tx, me, "user", login, "enable", "active", user.active, True)
        return to_row(find(tx, login))


def handover(db: Database, me: User, login: str, to: str) -> dict[str, int]:
    """Give everything of somebody who leaves to a colleague, and disable the account. Counts per plural."""
    if not active("handover_by_anyone"):
        store.require(me, "change", "user")
    with db.write() as tx:
        leaver = find(tx, login)
        successors = {user.login for user in directory(db) if user.department == leaver.department} - {login}
        if to not in successors:
            raise conflict("接手人须是同一部门的另一位在职同事。")
        counts = {kind.plural: _hand_all(tx, me, kind.name, login, to) for kind in OBJECTS.values()}
        if not active("handover_leaves_account_on"):
            _disable(tx, me, leaver, active("handover_keeps_session"))
        return counts


def remove(db: Database, me: User, login: str) -> None:
    """Delete an account that owns nothing, for whoever tidies up the data. Raises conflict when it owns something."""
    store.require(me, "delete", "user")
    with db.write() as tx:
        user = find(tx, login)
        owned = [
            kind.zh for kind in OBJECTS.values() if tx.execute(_OWNED.format(*_owning(kind.name)), (login,)).fetchone()
        ]
        if owned or login == me.login:
            raise conflict(f"{user.name} 名下还有{'、'.join(owned)}，不能删除。" if owned else "不能删除自己的账号。")
        for table in ("sessions", "notifications", "users"):
            tx.execute(f"DELETE FROM {table} WHERE login = ?", (login,))
        store.audit(tx, me, "user", login, "delete", "", user.name, None)


_OWNED = 'SELECT 1 FROM "{}" WHERE {} = ? LIMIT 1'


def _owning(object: str) -> tuple[str, str]:
    return OBJECTS[object].plural, "assignee" if object == "ticket" else "owner"


def _hand_all(tx: sqlite3.Connection, me: User, object: str, login: str, to: str) -> int:
    if object == "opportunity" and active("handover_drops_opportunities"):
        return 0
    field = "assignee" if object == "ticket" else "owner"
    rows = tx.execute(f"{store.select(object)} WHERE t.{field} = ?", (login,)).fetchall()
    for row in rows:
        store.update(tx, me, object, row, {field: to}, "handover")
    return len(rows)


def _disable(tx: sqlite3.Connection, me: User, user: User, keep_sessions: bool = False) -> None:
    if user.login == me.login:
        raise conflict("不能停用自己的账号。")
    tx.execute("UPDATE users SET active = 0 WHERE login = ?", (user.login,))
    if not keep_sessions:
        auth.end_sessions(tx, user.login)
    store.audit(tx, me, "user", user.login, "disable", "active", user.active, False)


def _wrong(login: str, name: str, role: str, password: str) -> dict[str, str]:
    wrong = {}
    if not re.search(LOGIN, login):
        wrong["login"] = "2 到 32 个小写字母、数字或 _.-,以字母开头。"
    if not name or len(name) > 64:
        wrong["name"] = "必填,最多 64 字。"
    if role not in ROLES:
        wrong["role"] = f"应为其中之一:{'、'.join(ROLES)}。"
    if not 8 <= len(password) <= 128:
        wrong["password"] = "8 到 128 个字符。"
    return wrong
