"""Whether people with the same password have the same hash: then one that is guessed opens all. Reads, judges."""

from __future__ import annotations

import re
import sqlite3
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from crm_acceptance.engines.sensitive.archives import Allowance, streams
from crm_acceptance.engines.sensitive.verdict import Verdict

SQLITE = b"SQLite format 3\x00"
_SECRET_NAME = re.compile(r"pass|pwd|hash|secret|密码|口令", re.IGNORECASE)
# A hash as files write it: $2b$..., pbkdf2_sha256$..., {SSHA}..., hexadecimal, base64.
_HASH = re.compile(
    rb"(?:\$|pbkdf2|scrypt|argon2|bcrypt|\{S?SHA\d*\})[\w$./+=,:{}-]{20,}|\b[0-9a-fA-F]{32,256}\b"
    rb"|(?<![\w+/])[A-Za-z0-9+/]{27,}={0,2}(?![\w+/])"
)
_ROWS = re.compile(rb"\r?\n|\)\s*,\s*\(")
_TAIL = 1 << 16
Hashes = Mapping[str, set[str]]
"""Login -> what looks like a hash beside it."""


def judged(path: Path, groups: Iterable[Collection[str]], allowance: Allowance) -> Verdict:
    """`groups`: logins of people who share a password. Nothing is looked at where no login stands beside a hash."""
    verdict = Verdict()
    shared = [set(logins) for logins in groups if len(logins) > 1]
    if path.is_file() and path.open("rb").read(16) == SQLITE:
        every: Iterable[tuple[str, Hashes]] = [(path.name, _of_database(path, shared))]
    else:
        every = _of_texts(path, shared, allowance)
    for name, hashes in every:
        for logins in shared:
            _judge(name, logins, hashes, verdict)
    return verdict


def _judge(name: str, logins: set[str], hashes: Hashes, verdict: Verdict) -> None:
    known = sorted(login for login in logins if hashes.get(login))
    if len(known) < 2:
        return
    verdict.saw(f"{name}：{len(known)} 个人密码相同，比较了他们的散列 hashes of equal passwords compared")
    for number, one in enumerate(known):
        for other in known[number + 1 :]:
            if hashes[one] & hashes[other]:
                verdict.wrong(
                    f"{name}：{one} 和 {other} 密码相同，散列也相同，没有加盐：猜中一个就全开。"
                    "Equal passwords have equal hashes: no salt."
                )
                return


def _of_database(path: Path, groups: Sequence[set[str]]) -> Hashes:
    logins = set().union(*groups)
    found: dict[str, set[str]] = defaultdict(set)
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as database:
        database.text_factory = lambda raw: raw.decode("utf-8", "replace")
        tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            for login, value in _beside(database, table, logins):
                found[login].add(value)
    return found


def _beside(database: sqlite3.Connection, table: str, logins: set[str]) -> Iterator[tuple[str, str]]:
    """What stands in columns with a secret's name, in the rows of these people."""
    quoted = '"' + table.replace('"', '""') + '"'
    columns = [row[1] for row in database.execute(f"PRAGMA table_info({quoted})")]
    secret = [number for number, column in enumerate(columns) if _SECRET_NAME.search(column)]
    if not secret:
        return
    for row in database.execute(f"SELECT * FROM {quoted}"):
        said = {str(value) for value in row if isinstance(value, str)} & logins
        for login in said if len(said) == 1 else ():
            yield from ((login, str(row[number])) for number in secret if row[number])


def _of_texts(path: Path, groups: Sequence[set[str]], allowance: Allowance) -> Iterator[tuple[str, Hashes]]:
    """Dumps: rows that hold one of the logins as a value of its own, and hashes beside it."""
    logins = {login.encode(): login for group in groups for login in group}
    if not logins:
        return
    names = b"|".join(map(re.escape, sorted(logins, key=len, reverse=True)))
    value = re.compile(rb"(?<![\w.@-])(" + names + rb")(?![\w.@-])")
    for name, pieces in streams(path, allowance):
        found: dict[str, set[str]] = defaultdict(set)
        elsewhere: set[bytes] = set()
        for row in _rows(pieces):
            hashes = _HASH.findall(row)
            said = set(value.findall(row)) if hashes else set()
            if len(said) == 1:
                found[logins[said.pop()]] |= {one.decode("ascii") for one in hashes}
            elif hashes and len(elsewhere) < _TAIL:
                elsewhere |= set(hashes)  # a word that stands in other people's rows, too, belongs to nobody
        others = {one.decode("ascii") for one in elsewhere}
        yield name, {login: words - others for login, words in found.items()}


def _rows(pieces: Iterator[bytes]) -> Iterator[bytes]:
    kept = b""
    for piece in pieces:
        *whole, kept = _ROWS.split(kept + piece)
        yield from whole
        kept = kept[-_TAIL:]
    yield kept
