"""When two customers are the same: the keys that are compared, and the search for matches. No rights here."""

from __future__ import annotations

import re
import sqlite3
import unicodedata

from .defects import active

_SUFFIXES = ("股份有限公司", "有限责任公司", "有限公司")


def name_key(name: str) -> str:
    """The name without spaces, width, case and the legal form at its end."""
    name = name if active("duplicate_check_width") else unicodedata.normalize("NFKC", name)
    key = re.sub(r"\s", "", name).casefold()
    for suffix in _SUFFIXES:
        if key.endswith(suffix) and key != suffix:
            return key.removesuffix(suffix)
    return key


def phone_key(phone: str) -> str:
    """The digits of a phone number without the country code of China."""
    digits = re.sub(r"\D", "", unicodedata.normalize("NFKC", phone))
    if active("duplicate_check_country_code"):
        return digits
    return digits.removeprefix("86") if len(digits) == 13 and digits.startswith("86") else digits


def keys(name: str | None, phone: str | None) -> dict[str, str | None]:
    """The hidden columns of a customer that matching compares."""
    return {"name_key": name_key(name) if name else None, "phone_key": phone_key(phone) if phone else None}


def matches(conn: sqlite3.Connection, name: str | None, phone: str | None) -> list[sqlite3.Row]:
    """The customers that are the same as one with that name or phone, whoever owns them; at most 20."""
    if active("duplicate_check_exact_only"):
        sql, args = "SELECT * FROM customers WHERE name = ? OR phone = ?", (name, phone)
    else:
        sql = "SELECT * FROM customers WHERE name_key = ? OR phone_key = ?"
        args = tuple(key or None for key in keys(name, phone).values())  # type: ignore[assignment]
    return conn.execute(f"{sql} ORDER BY id LIMIT 20", args).fetchall()
