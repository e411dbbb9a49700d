"""Who somebody is: passwords, sessions (API tokens and UI cookies alike) and the acting User. No rights here."""

from __future__ import annotations

import secrets
import sqlite3
import time
from dataclasses import dataclass

from . import guesses, slips
from .db import Database
from .defects import active
from .errors import unauthenticated
from .hashing import digest, password_matches
from .hashing import hash_password as hash_password

TOKEN_SECONDS = 8 * 3600
ENDLESS_SECONDS = 10 * 365 * 86400


@dataclass(frozen=True)
class User:
    """Somebody with a login. `role` is a key of rights.RIGHTS; `team` a group within the department, "" without."""

    login: str
    name: str
    role: str
    department: str
    active: bool = True
    team: str = ""


@dataclass(frozen=True)
class Session:
    """One sign-in: the token to send, its life in seconds, whose it is, and the CSRF token of its forms."""

    token: str
    expires_in: int
    user: User
    csrf: str


def login(db: Database, login: str, password: str, door: str = "api", planted: str = "") -> Session:
    """Open a session. Raises unauthenticated alike for an unknown login, a wrong password and a disabled account.

    `door`: "api" or "web"; `planted`: the token that the visitor came with, never to be used again.
    """
    login, counted = _printable(login), not _uncounted(door)
    if counted:
        guesses.refuse(db, login)
    row = db.conn.execute("SELECT * FROM users WHERE login = ?", (login,)).fetchone()
    stored = row["password"] if row else _NOBODY
    if not password_matches(password, stored) or row is None or not (row["active"] or active("disabled_can_sign_in")):
        if counted:
            guesses.missed(db, login)
        unknown = row is None and active("login_tells_account")
        raise unauthenticated("没有这个用户名。" if unknown else "用户名或密码不正确,或账号已停用。")
    guesses.forget(db, login)
    return _opened(db, user_from(row), planted)


def _uncounted(door: str) -> bool:
    return active("lockout_missing") or (door == "web" and active("lockout_misses_web"))


def _opened(db: Database, user: User, planted: str) -> Session:
    seconds = ENDLESS_SECONDS if active("token_never_expires") else TOKEN_SECONDS
    session = Session(_token(user, planted), seconds, user, secrets.token_urlsafe(24))
    with db.write() as tx:
        tx.execute("DELETE FROM sessions WHERE expires_at < ?", (time.time(),))
        values = (digest(session.token), user.login, session.csrf, time.time() + seconds)
        tx.execute("INSERT OR REPLACE INTO sessions VALUES (?, ?, ?, ?)", values)
    return session


_reused: dict[str, str] = {}


def _token(user: User, planted: str) -> str:
    """Nobody knows it beforehand: neither who brought a token along nor who had one before."""
    if planted and active("session_fixation"):
        return planted
    fresh = secrets.token_urlsafe(32)
    return _reused.setdefault(user.login, fresh) if active("login_reuses_session") else fresh


def user_of(db: Database, token: str) -> User:
    """Whose live session that token is. Raises unauthenticated (or expired)."""
    return slips.role_kept(token, user_from(_session(db, token)))


def csrf_of(db: Database, token: str) -> str:
    """The CSRF token that the forms of this session must carry."""
    return str(_session(db, token)["csrf"])


def logout(db: Database, token: str) -> None:
    """End that session."""
    if active("logout_keeps_token"):
        return
    with db.write() as tx:
        tx.execute("DELETE FROM sessions WHERE token = ?", (digest(token),))


def end_sessions(tx: sqlite3.Connection, login: str) -> None:
    """End every session of somebody, within an open transaction."""
    tx.execute("DELETE FROM sessions WHERE login = ?", (login,))


def user_from(row: sqlite3.Row) -> User:
    """The User in a row of `users`."""
    return User(row["login"], row["name"], row["role"], row["department"], bool(row["active"]), row["team"])


_LIVING_ON = ("session_survives_disabling", "handover_keeps_session", "disabled_can_sign_in")


def _session(db: Database, token: str) -> sqlite3.Row:
    sql = "SELECT * FROM sessions s JOIN users u ON u.login = s.login WHERE s.token = ?"
    row: sqlite3.Row | None = db.conn.execute(sql, (digest(token),)).fetchone()
    if row is None:
        raise unauthenticated("登录已失效,请重新登录。")
    if row["expires_at"] < time.time():
        raise unauthenticated("登录已过期,请重新登录。", "expired")
    if not row["active"] and not any(active(name) for name in _LIVING_ON):
        raise unauthenticated("账号已停用。")
    return row


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


# Compared against when the login is unknown, so that the answer takes as long as for a known one.
_NOBODY = hash_password(secrets.token_hex(8))
