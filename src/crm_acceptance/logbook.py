"""A logbook: JSON lines that are only ever added to, each bound to the one before; knows nothing of what is written.

One canonical JSON object (RFC 8785) per line: n prev at kind body. `prev` is the SHA-256 of the line before, in hex,
and "" for the first; so no line can be changed, left out, doubled or moved without every later one changing. Beside it
FILE.head holds
the number and digest of the last line, so that lines cut off the end, or the last one edited, are noticed as well.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rfc8785
from filelock import FileLock, Timeout

from crm_acceptance.errors import WrongUse

FOLDER = Path("reports") / "journal"
"""Below the workspace: where its logbooks are."""
PATIENCE = 30.0
"""Seconds to wait for somebody else's line."""
_KEYS = {"n", "prev", "at", "kind", "body"}
_DIGITS = 12
"""No logbook has more lines; int() refuses a number without end."""


@dataclass(frozen=True)
class Entry:
    """One line. `at` is UTC, ISO 8601 with milliseconds; `digest` is the SHA-256 of the line, in hex."""

    n: int
    prev: str
    at: str
    kind: str
    body: Mapping[str, Any]
    digest: str


@dataclass(frozen=True)
class Logbook:
    """The lines up to the first that is wrong, and what is wrong; `head` is the digest of the last, "" when empty."""

    entries: tuple[Entry, ...] = ()
    problems: tuple[str, ...] = ()

    @property
    def head(self) -> str:
        """What stands for everything that is written."""
        return self.entries[-1].digest if self.entries else ""

    def of(self, *kinds: str) -> tuple[Entry, ...]:
        """The lines of these kinds, in order."""
        return tuple(entry for entry in self.entries if entry.kind in kinds)


@contextmanager
def held(path: Path) -> Iterator[Logbook]:
    """The logbook while nobody else can write it: for whoever must look before writing. Not re-entrant."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock", timeout=PATIENCE):
            yield _seen(path)
    except Timeout:
        raise WrongUse(
            f"{path.name} 被别的程序占用超过 {PATIENCE:.0f} 秒，请稍后再试。Somebody else holds the journal: try again."
        ) from None
    except OSError as refused:
        raise _unwritable(path, refused) from None


def append(path: Path, kind: str, body: Mapping[str, Any]) -> Entry:
    """Adds one line, for good: it is on the disk when this returns. WrongUse when the file is broken or read-only."""
    with held(path) as book:
        return add(path, book, kind, body)


def add(path: Path, book: Logbook, kind: str, body: Mapping[str, Any], at: datetime | None = None) -> Entry:
    """The same for whoever holds the logbook already; `book` is as `held` gave it, and nothing was added since.

    at: the moment, with an offset, that whoever writes has judged by; this one where nothing depends on it.
    """
    if book.problems:
        raise WrongUse(
            f"{path} 已被改动，不再往里写：{book.problems[0]}。请从备份恢复，不要手工修改。"
            "The journal was changed by hand; restore it from a copy."
        )
    entry = _entry(len(book.entries), book.head, at or datetime.now(UTC), kind, body)
    size = path.stat().st_size if path.is_file() else 0
    try:
        if not entry.n:
            _keep_head(path, -1, "")
        with path.open("ab") as file:
            file.write(_line(entry))
            file.flush()
            os.fsync(file.fileno())
        _keep_head(path, entry.n, entry.digest)
    except OSError as refused:
        _take_back(path, size)
        raise _unwritable(path, refused) from None
    return entry


def _take_back(path: Path, size: int) -> None:
    """Half a line (a full disk) would make every line before it unbelievable; whoever wrote it is told so."""
    if path.is_file() and path.stat().st_size > size:
        with suppress(OSError):
            os.truncate(path, size)


def _keep_head(path: Path, n: int, digest: str) -> None:
    """In one piece. A crash before it leaves a head that is one line behind, which is no fault: lines may be added.

    n is -1 before the very first line, so that there is a head whenever there is a line.
    """
    draft = head_of(path).with_suffix(".part")
    with draft.open("wb") as file:
        file.write(f"{n} {digest}\n".encode("ascii"))
        file.flush()
        os.fsync(file.fileno())  # a head that a power cut left empty would make every line unbelievable
    os.replace(draft, head_of(path))


def head_of(path: Path) -> Path:
    """The file that keeps what the last line was."""
    return path.with_name(f"{path.name}.head")


def read(path: Path) -> Logbook:
    """The logbook as it stands; empty when there is none yet. WrongUse when it cannot be read at all.

    What looks wrong is looked at once more while nobody writes: half a line may be one that is just being written.
    """
    book = _seen(path)
    if not book.problems:
        return book
    try:
        with FileLock(f"{path}.lock", timeout=PATIENCE):
            return _seen(path)
    except (Timeout, OSError):  # held by whoever asks, or on a disk that takes no lock: then it is as it was seen
        return book


def _seen(path: Path) -> Logbook:
    try:
        # the head first: a line that somebody adds in between is then one more than the head knows, which is no fault
        head = head_of(path).read_text(encoding="ascii", errors="replace") if head_of(path).is_file() else ""
        raw = path.read_bytes() if path.is_file() or path.is_dir() else b""
    except OSError as refused:
        raise WrongUse(f"读不了 {path}：{refused.strerror}（cannot be read）。") from None
    book = _parsed(path, raw)
    wrong = _cut(book, head) if raw or head else ""
    return Logbook(book.entries, (*book.problems, wrong)) if wrong else book


def _cut(book: Logbook, head: str) -> str:
    """Why the lines are not those that were written, or ""."""
    n, _, digest = head.strip().partition(" ")
    if n == "-1" and len(book.entries) <= 1:
        return ""
    if not n.isdecimal() or len(n) > _DIGITS:
        return "没有记下最后一行是哪一行（nobody wrote down which line is the last）"
    kept = book.entries[int(n)].digest if int(n) < len(book.entries) else ""
    return "" if kept == digest else "末尾的行被删去或改动（lines at the end were cut off or edited）"


_whole: dict[Path, tuple[bytes, tuple[Entry, ...]]] = {}
"""What this process found whole before, byte for byte: only what was added since is looked at again."""


def _parsed(path: Path, raw: bytes) -> Logbook:
    before, known = _whole.get(path, (b"", ()))
    book = parse(raw[len(before) :], known) if raw.startswith(before) else parse(raw)
    if not book.problems:
        _whole[path] = raw, book.entries
    return book


def parse(raw: bytes, known: tuple[Entry, ...] = ()) -> Logbook:
    """The same from bytes, which follow the lines that are `known`. A line that was not ended (a crash, a full disk) is
    wrong, too."""
    entries = list(known)
    *lines, rest = raw.split(b"\n")
    for n, line in enumerate(lines, len(known)):
        prev = entries[-1].digest if entries else ""
        entry, wrong = _read(line, n, prev)
        if entry is None:
            return Logbook(tuple(entries), (f"第 {n + 1} 行{wrong}",))
        entries.append(entry)
    last = len(known) + len(lines) + 1
    return Logbook(tuple(entries), (f"第 {last} 行没有写完（line is cut off）",) if rest else ())


def _read(line: bytes, n: int, prev: str) -> tuple[Entry | None, str]:
    try:
        said = json.loads(line)
        whole = set(said) == _KEYS and isinstance(said["body"], dict) and rfc8785.dumps(said) == line
    except (ValueError, TypeError, AttributeError, RecursionError):
        return None, "读不懂（cannot be read）"
    if not whole or not isinstance(said["kind"], str) or not _is_moment(said["at"]):
        return None, "不是程序写的样子（is not as the program writes it）"
    if said["n"] != n or said["prev"] != prev:
        return None, "与前一行接不上（does not follow the line before）"
    return Entry(n, prev, said["at"], said["kind"], said["body"], hashlib.sha256(line).hexdigest()), ""


def _is_moment(said: object) -> bool:
    """Whoever reads an entry may rely on it: ISO 8601 with an offset."""
    try:
        return isinstance(said, str) and datetime.fromisoformat(said).tzinfo is not None
    except ValueError:
        return False


def _entry(n: int, prev: str, moment: datetime, kind: str, body: Mapping[str, Any]) -> Entry:
    at = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    entry = Entry(n, prev, at, kind, dict(body), "")
    return Entry(n, prev, at, kind, dict(body), hashlib.sha256(_line(entry)[:-1]).hexdigest())


def _line(entry: Entry) -> bytes:
    said: dict[str, Any] = {
        "n": entry.n,
        "prev": entry.prev,
        "at": entry.at,
        "kind": entry.kind,
        "body": dict(entry.body),
    }
    return rfc8785.dumps(said) + b"\n"


def _unwritable(path: Path, refused: OSError) -> WrongUse:
    why = refused.strerror or type(refused).__name__
    return WrongUse(f"写不进 {path}：{why}。请检查权限和磁盘空间。The journal cannot be written; nothing was lost.")
