"""Databases, dumps and backups as streams of bytes, unpacked on the way: gz, bz2, xz, zip, tar, folders. Read-only."""

from __future__ import annotations

import bz2
import gzip
import lzma
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from crm_acceptance.errors import Unproven

PIECE = 1 << 20
DEPTH = 4
"""Archives within archives that are opened."""
_SQLITE_BESIDE = ("-wal", "-journal")
_BROKEN = (OSError, EOFError, zipfile.BadZipFile, tarfile.TarError, lzma.LZMAError, zlib.error, RuntimeError)


@dataclass
class Allowance:
    """How many bytes may still be read; Unproven when they are used up, because the rest was not looked at."""

    left: int

    def take(self, name: str, size: int) -> None:
        self.left -= size
        if self.left < 0:
            raise Unproven(
                f"{name} 太大，超过 [storage] megabytes，后面的没有看。Too large: the rest was not looked at; raise "
                "megabytes in sensitive.toml."
            )


def streams(path: Path, allowance: Allowance) -> Iterator[tuple[str, Iterator[bytes]]]:
    """(name, pieces) of every file behind the path; the pieces must be read before the next file is asked for.

    Unproven when the path is not there, or is an archive that cannot be opened.
    """
    if not path.exists():
        raise Unproven(f"文件不存在：{path}（sensitive.toml [storage] files）。The file is not there.")
    files = sorted(one for one in path.rglob("*") if one.is_file()) if path.is_dir() else [path]
    beside = [path.with_name(path.name + tail) for tail in _SQLITE_BESIDE] if path.is_file() else []
    for file in (*files, *(one for one in beside if one.is_file())):
        with _readable(file.name), file.open("rb") as opened:
            yield from _unpacked(file.name, opened, allowance, 0)


@contextmanager
def _readable(name: str) -> Iterator[None]:
    try:
        yield
    except _BROKEN as broken:
        raise Unproven(
            f"{name} 读不了（{type(broken).__name__}: {broken}），加密或损坏的备份请先解开。"
            "Cannot be read: unpack an encrypted or broken backup first."
        ) from None


def _unpacked(name: str, opened: IO[bytes], allowance: Allowance, depth: int) -> Iterator[tuple[str, Iterator[bytes]]]:
    start = opened.read(512)
    opened.seek(0)
    if depth < DEPTH:
        if inside := _inside(start, opened):
            yield from _unpacked(f"{name}!", inside, allowance, depth + 1)
            return
        if start.startswith(b"PK\x03\x04"):
            yield from _zipped(name, opened, allowance, depth)
            return
        if start[257:262] == b"ustar":
            yield from _tarred(name, opened, allowance, depth)
            return
    yield name, _pieces(name, opened, allowance)


_PACKED: Mapping[bytes, Any] = {b"\x1f\x8b": gzip.GzipFile, b"BZh": bz2.BZ2File, b"\xfd7zXZ\x00": lzma.LZMAFile}


def _inside(start: bytes, opened: IO[bytes]) -> IO[bytes] | None:
    for mark, kind in _PACKED.items():
        if start.startswith(mark):
            return cast(IO[bytes], kind(fileobj=opened) if kind is gzip.GzipFile else kind(opened))
    return None


def _zipped(name: str, opened: IO[bytes], allowance: Allowance, depth: int) -> Iterator[tuple[str, Iterator[bytes]]]:
    with zipfile.ZipFile(opened) as packed:
        for member in packed.infolist():
            if not member.is_dir():
                with packed.open(member) as inside:
                    yield from _unpacked(f"{name}!{member.filename}", inside, allowance, depth + 1)


def _tarred(name: str, opened: IO[bytes], allowance: Allowance, depth: int) -> Iterator[tuple[str, Iterator[bytes]]]:
    with tarfile.open(fileobj=opened, mode="r:") as packed:
        for member in packed:
            inside = packed.extractfile(member) if member.isfile() else None
            if inside is not None:
                yield from _unpacked(f"{name}!{member.name}", inside, allowance, depth + 1)


def _pieces(name: str, opened: IO[bytes], allowance: Allowance) -> Iterator[bytes]:
    while piece := _piece(name, opened):
        allowance.take(name, len(piece))
        yield piece


def _piece(name: str, opened: IO[bytes]) -> bytes:
    with _readable(name):
        return opened.read(PIECE)


def found(pieces: Iterator[bytes], needles: Mapping[bytes, str]) -> set[bytes]:
    """Which of the needles stand in the stream; upper-case letters count as lower-case ones, too."""
    longest = max(map(len, needles), default=1)
    wanted, met, kept = set(needles), set[bytes](), b""
    for piece in pieces:
        window = kept + piece
        lower = window.lower()
        met |= {needle for needle in wanted - met if needle in window or needle in lower}
        kept = window[-(longest - 1) :] if longest > 1 else b""
    return met
