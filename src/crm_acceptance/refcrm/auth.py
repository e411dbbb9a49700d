"""Who somebody is: passwords, sessions (API tokens and UI cookies alike) and the acting User. No rights here."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import sqlite3
import time
from dataclasses import dataclass

from . import slips
from .db import Database
from .defects import active
from .errors import unauthenticated

TOKEN_SECONDS = 8 * 3600
# Cheap on purpose: ten people must be able to log in at once on a small machine.
SCRYPT = {"n": 2**11, "r": 8, "p": 1}


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


def hash_password(password: str) -> str:
    """salt$digest, both hex."""
    salt = secrets.token_bytes(16)
    return f"{salt.hex()}${_scrypt(password, salt)}"


def password_matches(password: str, stored: str) -> bool:
    """Whether `password` is the one behind `stored`."""
    salt, _, digest = stored.partition("$")
    return hmac.compare_digest(_scrypt(password, bytes.fromhex(salt)), digest)


def login(db: Database, login: str, password: str) -> Session:
    """Open a session. Raises unauthenticated alike for an unknown login, a wrong password and a disabled account."""
    row = db.conn.execute("SELECT * FROM users WHERE login = ?", (_printable(login),)).fetchone()
    stored = row["password"] if row else _NOBODY
    if not password_matches(password, stored) or row is None or not (row["active"] or active("disabled_can_sign_in")):
        raise unauthenticated("用户名或密码不正确,或账号已停用。")
    session = Session(secrets.token_urlsafe(32), TOKEN_SECONDS, user_from(row), secrets.token_urlsafe(24))
    with db.write() as tx:
        tx.execute("DELETE FROM sessions WHERE expires_at < ?", (time.time(),))
        values = (_digest(session.token), session.user.login, session.csrf, time.time() + TOKEN_SECONDS)
        tx.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", values)
    return session


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
        tx.execute("DELETE FROM sessions WHERE token = ?", (_digest(token),))


def end_sessions(tx: sqlite3.Connection, login: str) -> None:
    """End every session of somebody, within an open transaction."""
    tx.execute("DELETE FROM sessions WHERE login = ?", (login,))


def user_from(row: sqlite3.Row) -> User:
    """The User in a row of `users`."""
    return User(row["login"], row["name"], row["role"], row["department"], bool(row["active"]), row["team"])


_LIVING_ON = ("session_survives_disabling", "handover_keeps_session", "disabled_can_sign_in")


def _session(db: Database, token: str) -> sqlite3.Row:
    sql = "SELECT * FROM sessions s JOIN users u ON u.login = s.login WHERE s.token = ?"
    row: sqlite3.Row | None = db.conn.execute(sql, (_digest(token),)).fetchone()
    if row is None:
        raise unauthenticated("登录已失效,请重新登录。")
    if row["expires_at"] < time.time():
        raise unauthenticated("登录已过期,请重新登录。", "expired")
    if not row["active"] and not any(active(name) for name in _LIVING_ON):
        raise unauthenticated("账号已停用。")
    return row


def _scrypt(password: str, salt: bytes) -> str:
    return hashlib.scrypt(password.encode("utf-8", "surrogatepass"), salt=salt, dklen=32, **SCRYPT).hex()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def _printable(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


# Compared against when the login is unknown, so that the answer takes as long as for a known one.
_NOBODY = hash_password(secrets.token_hex(8))
