"""Bytes of an answer as texts that a person could get out of them: archives, PDF, base64, other encodings.

What stands in the texts is the oracle's business. Nothing here guesses: what cannot be unpacked is read as it is.
"""

from __future__ import annotations

import base64
import binascii
import gzip
import html
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from urllib.parse import unquote_plus

LIMIT = 20_000_000
"""Bytes of one unpacked file; more is cut off, so that a bomb cannot fill the memory."""
DEEP = 3
"""Wrappings within wrappings: a workbook in base64 in JSON is two."""
_BASE64 = re.compile(rb'(?:"|base64,)((?:[A-Za-z0-9+/]|\\n|\\/){16,}={0,2}(?:\\n)?)(?="|\'|\))')
_STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
_STRING = re.compile(rb"\(((?:[^()\\]|\\.)*)\)|<([0-9A-Fa-f\s]{4,})>", re.DOTALL)
_TAG = re.compile(r"<[^<>]{1,200}>")
_ESCAPE = re.compile(r"\\+u([0-9a-fA-F]{4})")
_SURROGATES = re.compile("[\ud800-\udfff]")


def texts(body: bytes, deep: int = DEEP) -> Iterator[str]:
    """Every text in the body, the plain one first."""
    for text in _decoded(body):
        yield from spelt_out(text)
    if deep:
        for part in _parts(body):
            yield from texts(part, deep - 1)


def spelt_out(text: str) -> Iterator[str]:
    """The text, and the same as a browser or a JSON reader shows it, where that differs."""
    yield text
    plain = text
    if "\\u" in plain:
        plain = _SURROGATES.sub("?", _ESCAPE.sub(lambda found: chr(int(found[1], 16)), plain))
    if "%" in plain:
        plain = unquote_plus(plain)
    if "&" in plain:
        plain = html.unescape(plain)
    if plain != text:
        yield plain
    if "<" in plain:  # a hit in a search is marked in the middle of the word
        yield _TAG.sub("", plain)


def _decoded(body: bytes) -> Iterator[str]:
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield body.decode("utf-16", errors="replace")
        return
    if len(body) > 3 and body[1:400:2].count(0) > len(body[1:400:2]) // 2:
        yield body.decode("utf-16-le", errors="replace")
    try:
        yield body.decode("utf-8")
    except UnicodeDecodeError:
        yield body.decode("utf-8", errors="replace")
        yield body.decode("gb18030", errors="replace")


def _parts(body: bytes) -> Iterator[bytes]:
    """What is packed in the body, one level down."""
    if body.startswith(b"PK\x03\x04"):
        yield from _zipped(body)
    elif body.startswith(b"\x1f\x8b"):
        yield from _gzipped(body)
    elif body.startswith(b"%PDF"):
        yield from _printed(body)
    else:
        for found in _BASE64.findall(body[:LIMIT]):
            yield from _base64(found)


def _zipped(body: bytes) -> Iterator[bytes]:
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as packed:
            for name in packed.namelist():
                yield name.encode()
                with packed.open(name) as member:
                    yield member.read(LIMIT)
    except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError):
        return  # cut off, protected by a password, packed in a way of its own


def _gzipped(body: bytes) -> Iterator[bytes]:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
            yield packed.read(LIMIT)
    except (OSError, EOFError, zlib.error):
        return


def _printed(body: bytes) -> Iterator[bytes]:
    """The strings of a PDF's streams, joined: a line is set in pieces. Fonts whose glyphs are numbered stay dumb."""
    for stream in _STREAM.findall(body[:LIMIT]):
        try:
            page = zlib.decompressobj().decompress(stream, LIMIT)
        except zlib.error:
            page = stream
        for wide in (False, True):
            pieces = [_string(plain, spelt, wide) for plain, spelt in _STRING.findall(page)]
            yield "".join(pieces).encode("utf-8", "replace")


def _string(plain: bytes, spelt: bytes, wide: bool) -> str:
    """`wide`: two bytes a character where the string is spelt in hexadecimal, as Chinese is."""
    if spelt:
        digits = re.sub(rb"\s", b"", spelt)
        raw = binascii.unhexlify(digits + b"0" * (len(digits) % 2))
    else:
        raw = re.sub(rb"\\([()\\])", rb"\1", plain)
        raw = re.sub(rb"\\([0-7]{1,3})", lambda found: bytes([int(found[1], 8) & 255]), raw)
    if raw.startswith(b"\xfe\xff"):
        return raw.decode("utf-16", errors="replace")
    return raw.decode("utf-16-be", errors="replace") if spelt and wide else raw.decode("latin-1")


def _base64(found: bytes) -> Iterator[bytes]:
    packed = found.replace(b"\\n", b"").replace(b"\\/", b"/")
    if len(packed) % 4 == 0:
        try:
            yield base64.b64decode(packed, validate=True)
        except binascii.Error:
            return
