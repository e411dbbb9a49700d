"""Many files as one, the same bytes for the same content whoever packs it, so that every byte of it means something."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_NEVER = (1980, 1, 1, 0, 0, 0)
LARGEST = 2_000_000_000
"""Bytes of all files together; a bundle is held in memory."""


class Broken(ValueError):
    """Not a bundle as it was packed. `part` names what changed."""

    def __init__(self, part: str, why: str) -> None:
        super().__init__(f"{part}：{why}")
        self.part = part


def packed(bodies: Mapping[str, bytes]) -> bytes:
    """A ZIP of these files, stored, in order of name, without times, owners and comments."""
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_STORED) as bundle:
        for name in sorted(bodies):
            entry = zipfile.ZipInfo(name, _NEVER)
            entry.create_system = 3
            entry.external_attr = 0o644 << 16
            bundle.writestr(entry, bodies[name])
    return whole.getvalue()


def unpacked(raw: bytes) -> dict[str, bytes]:
    """The files, name -> content. Broken when a single byte is not as `packed` would have written it."""
    bodies: dict[str, bytes] = {}
    left = min(LARGEST, len(raw))  # what is stored is no larger than the file: nothing is unfolded in memory
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as bundle:
            for entry in bundle.infolist():
                left -= entry.file_size
                if left < 0 or entry.compress_type != zipfile.ZIP_STORED:
                    raise Broken(entry.filename, "不是封装时的写法，或太大（not as it was packed, or too large）")
                bodies[entry.filename] = _member(bundle, entry, raw)
    except Broken:
        raise
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError, LookupError) as wrong:
        raise Broken("bundle", f"不是完整的证据包（not a whole bundle）：{wrong}") from None
    again = packed(bodies)
    if again != raw:
        raise Broken(_where(again, raw, bodies), "不是封装时的字节（the bytes are not those that were packed）")
    return bodies


def _member(bundle: zipfile.ZipFile, entry: zipfile.ZipInfo, raw: bytes) -> bytes:
    try:
        return bundle.read(entry)
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError, RuntimeError, EOFError) as wrong:
        # The name stands before the content and in the table of contents: one of the two may be what was changed.
        part = entry.filename if raw.count(entry.filename.encode()) >= 2 else "bundle"
        raise Broken(part, f"内容被改动过（was changed）：{wrong}") from None


def _where(again: bytes, raw: bytes, bodies: Mapping[str, bytes]) -> str:
    """The file at which the bytes first differ; the table of contents at the end is nobody's."""
    at = next((n for n, (a, b) in enumerate(zip(again, raw, strict=False)) if a != b), min(len(again), len(raw)))
    with zipfile.ZipFile(io.BytesIO(again)) as bundle:
        starts = sorted((entry.header_offset, entry.filename) for entry in bundle.infolist())
        end = bundle.start_dir
    before = [name for start, name in starts if start <= at]
    return before[-1] if before and at < end and bodies else "bundle"
