"""The tables, derived from objects.py, and their indexes. No query lives here."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

from .fields import Field, ObjectType
from .objects import OBJECTS

SQL_TYPES: Mapping[str, str] = {"int": "INTEGER", "percent": "INTEGER", "money": "INTEGER", "ref": "INTEGER"}
# Columns that nobody sees: comparison keys, whether it ever was in the pool, how a lead came, the customer's name then.
HIDDEN: Mapping[str, tuple[str, ...]] = {
    "customer": ("phone_key TEXT", "name_key TEXT", "pooled INTEGER NOT NULL DEFAULT 0"),
    "lead": ("assigned INTEGER NOT NULL DEFAULT 0",),
    "order": ("customer_name_then TEXT",),
    "ticket": ("customer_name_then TEXT",),
}
OTHER_TABLES = """
CREATE TABLE IF NOT EXISTS users (
    login TEXT PRIMARY KEY, name TEXT NOT NULL, role TEXT NOT NULL, department TEXT NOT NULL,
    active INTEGER NOT NULL DEFAULT 1, password TEXT NOT NULL, created_at TEXT NOT NULL,
    team TEXT NOT NULL DEFAULT '');
CREATE TABLE IF NOT EXISTS sessions (
    token TEXT PRIMARY KEY, login TEXT NOT NULL REFERENCES users(login), csrf TEXT NOT NULL, expires_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS followups (
    id INTEGER PRIMARY KEY AUTOINCREMENT, object TEXT NOT NULL, record_id INTEGER NOT NULL, text TEXT NOT NULL,
    at TEXT NOT NULL, author TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS attachments (
    id INTEGER PRIMARY KEY AUTOINCREMENT, object TEXT NOT NULL, record_id INTEGER NOT NULL, name TEXT NOT NULL,
    size INTEGER NOT NULL, body BLOB NOT NULL, at TEXT NOT NULL, author TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS audit (
    row INTEGER PRIMARY KEY AUTOINCREMENT, object TEXT NOT NULL, record_id TEXT NOT NULL, action TEXT NOT NULL,
    field TEXT NOT NULL, old TEXT, new TEXT, who TEXT NOT NULL, at TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS answers (
    login TEXT NOT NULL, key TEXT NOT NULL, operation TEXT NOT NULL, digest TEXT NOT NULL, body TEXT NOT NULL,
    PRIMARY KEY (login, key));
CREATE TABLE IF NOT EXISTS former_owners (
    object TEXT NOT NULL, record_id INTEGER NOT NULL, login TEXT NOT NULL, PRIMARY KEY (object, record_id, login));
CREATE TABLE IF NOT EXISTS notifications (
    id INTEGER PRIMARY KEY AUTOINCREMENT, login TEXT NOT NULL, what TEXT NOT NULL, object TEXT NOT NULL,
    record_id INTEGER NOT NULL, who TEXT NOT NULL, at TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS notifications_login ON notifications (login);
CREATE INDEX IF NOT EXISTS audit_who ON audit (who);
CREATE INDEX IF NOT EXISTS followups_parent ON followups (object, record_id);
CREATE INDEX IF NOT EXISTS attachments_parent ON attachments (object, record_id);
CREATE INDEX IF NOT EXISTS audit_parent ON audit (object, record_id);
CREATE INDEX IF NOT EXISTS customers_phone_key ON customers (phone_key);
CREATE INDEX IF NOT EXISTS customers_name_key ON customers (name_key);
CREATE TABLE IF NOT EXISTS guesses (login TEXT NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS guesses_login ON guesses (login);
CREATE INDEX IF NOT EXISTS sessions_login ON sessions (login);
"""


def create_tables(conn: sqlite3.Connection) -> None:
    """Create every table and index that is not there yet."""
    for kind in OBJECTS.values():
        conn.execute(_table(kind))
        for field in kind.fields:
            if field.type in ("ref", "person") and not field.live:
                conn.execute(
                    f'CREATE INDEX IF NOT EXISTS "{kind.plural}_{field.name}" ON "{kind.plural}" ("{field.name}")'
                )
    conn.executescript(OTHER_TABLES)
    if "team" not in {row[1] for row in conn.execute("PRAGMA table_info(users)")}:  # a file kept from before teams
        conn.execute("ALTER TABLE users ADD COLUMN team TEXT NOT NULL DEFAULT ''")


def _table(kind: ObjectType) -> str:
    columns = [_column(field) for field in kind.fields if not field.live]
    columns += [*HIDDEN.get(kind.name, ()), "created_by TEXT NOT NULL", "version INTEGER NOT NULL DEFAULT 1"]
    columns += ["created_at TEXT NOT NULL", "updated_at TEXT NOT NULL"]
    inside = ", ".join(["id INTEGER PRIMARY KEY AUTOINCREMENT", *columns])
    return f'CREATE TABLE IF NOT EXISTS "{kind.plural}" ({inside}) STRICT'


def _column(field: Field) -> str:
    reference = f' REFERENCES "{OBJECTS[field.ref].plural}"(id)' if field.ref else ""
    return f'"{field.name}" {SQL_TYPES.get(field.type, "TEXT")}{reference}'
