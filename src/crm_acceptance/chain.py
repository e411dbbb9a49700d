"""The chain of a run: an append-only list of what the run left, each line bound to the one before; signs nothing.

`chain.jsonl` in a run folder holds one canonical JSON object (RFC 8785) per line: n prev at phase path sha256 size.
`prev` is the SHA-256 of the line before, in hex, and of nothing for the first; so no line can be changed, left out,
doubled or moved without every later one changing, and the head stands for everything.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import rfc8785

FILE = "chain.jsonl"
KEPT = ("expected", "allure-results")
"""Folders of a run whose files are written once."""
DERIVED = "gate.json"
ONCE = ("run.json", "requirements.json", DERIVED)
"""Files that are rewritten while the run goes on, and bound when it is sealed."""
_TYPES = {"n": int, "prev": str, "at": str, "phase": str, "path": str, "sha256": str, "size": int}


@dataclass(frozen=True)
class Link:
    """One line of the chain: a file below the run folder as it was when its phase ended. `size` is bytes."""

    n: int
    prev: str
    at: str
    phase: str
    path: str
    sha256: str
    size: int


@dataclass(frozen=True)
class Chain:
    """The lines as they stand, and what is wrong with them; `head` is the SHA-256 of the last line."""

    links: tuple[Link, ...]
    head: str
    problems: tuple[str, ...] = ()


def append(run: Path, phase: str, paths: Iterable[Path] | None = None) -> Chain:
    """Binds the files that are new since the last time (or `paths`), in order of name. The chain as it is then."""
    chain = read(run)
    known = {link.path for link in chain.links}
    wanted = sorted(paths if paths is not None else _written(run))
    fresh = [path for path in wanted if paths is not None or path.relative_to(run).as_posix() not in known]
    lines: list[bytes] = []
    n, head = len(chain.links), chain.head
    for path in fresh:
        body = path.read_bytes()
        link = Link(n, head, _now(), phase, path.relative_to(run).as_posix(), _sha256(body), len(body))
        lines.append(rfc8785.dumps(vars(link)) + b"\n")
        n, head = n + 1, _sha256(lines[-1])
    _written_through(run / FILE, b"".join(lines))
    return read(run)


def seal(run: Path) -> Chain:
    """Binds what is rewritten while a run goes on, now that it is over."""
    return append(run, "end", [run / name for name in ONCE if (run / name).is_file()])


def read(run: Path) -> Chain:
    """The chain of a run folder; an empty one where there is none yet."""
    file = run / FILE
    return parse(file.read_bytes() if file.is_file() else b"")


def parse(raw: bytes) -> Chain:
    """The chain in these bytes, with every break in it."""
    links: list[Link] = []
    problems: list[str] = []
    head = _sha256(b"")
    for number, line in enumerate(raw.splitlines(keepends=True)):
        found = _link(line)
        if found is None:
            problems.append(f"第 {number + 1} 行不是完整的链节（line {number + 1} is no whole link）")
        elif (found.n, found.prev) != (number, head):
            problems.append(f"第 {number + 1} 行接不上前一行（line {number + 1} does not follow the one before）")
        else:
            links.append(found)
        head = _sha256(line)
    return Chain(tuple(links), head, tuple(problems))


def last(chain: Chain) -> Mapping[str, Link]:
    """Path -> its latest link."""
    return {link.path: link for link in chain.links}


def differences(chain: Chain, bodies: Mapping[str, bytes]) -> Iterator[str]:
    """One sentence per file that is not as it was bound, is gone, or was never bound. `bodies`: path -> content."""
    bound = last(chain)
    for path, link in bound.items():
        body = bodies.get(path)
        if body is None:
            yield f"{path}：文件不见了（is gone）"
        elif (_sha256(body), len(body)) != (link.sha256, link.size):
            yield f"{path}：内容被改动过（was changed）"
    yield from (f"{path}：不是这次运行留下的（was never bound）" for path in sorted(set(bodies) - set(bound)))


def broken(run: Path) -> tuple[str, ...]:
    """What in a run folder is not as it was bound (gate.json apart, which is made again whenever a run is judged)."""
    if not (run / FILE).is_file():
        return (f"没有证据链 {FILE}，说不出证据有没有被改过 no chain: nobody can tell whether the evidence was edited",)
    chain = read(run)
    again = {*(link.path for link in chain.links), *(path.relative_to(run).as_posix() for path in _written(run))}
    bodies = {path: body for path in again - {DERIVED} if (body := _body(run / path)) is not None}
    found = [*chain.problems, *(one for one in differences(chain, bodies) if not one.startswith(f"{DERIVED}："))]
    return tuple(f"证据链对不上 the chain does not fit: {one}" for one in found)


def _body(file: Path) -> bytes | None:
    """None for what is not there, or cannot be read: somebody may have written any name into the chain."""
    try:
        return file.read_bytes() if file.is_file() else None
    except OSError:
        return None


def _written(run: Path) -> Iterator[Path]:
    for name in KEPT:
        yield from (path for path in (run / name).rglob("*") if path.is_file())


def _link(line: bytes) -> Link | None:
    """None when it is not as `append` writes it."""
    try:
        found: Any = json.loads(line)
        link = Link(**found)
        typed = all(type(value) is _TYPES[name] for name, value in vars(link).items())
        return link if typed and rfc8785.dumps(vars(link)) + b"\n" == line else None
    except (ValueError, TypeError, RecursionError):
        return None


def _written_through(file: Path, body: bytes) -> None:
    """On the disk before anything goes on: a crash afterwards must not lose what was bound."""
    with file.open("ab") as out:
        out.write(body)
        out.flush()
        os.fsync(out.fileno())


def _sha256(body: bytes) -> str:
    return hashlib.sha256(body).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
