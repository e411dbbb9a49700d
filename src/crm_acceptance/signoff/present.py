"""What the workspace says now, collected once per state of its files; compares nothing."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from pathlib import Path

from crm_acceptance import strength
from crm_acceptance.changes import workspace as collected
from crm_acceptance.contents import Contents
from crm_acceptance.profile import FILE, Profile

ALSO = (FILE, "fixtures")
"""Beside the suite, what decides about what a workspace says."""
_known: dict[tuple[str, str], Contents] = {}
_one_at_a_time = threading.Lock()


def contents_now(profile: Profile) -> Contents:
    """What requirements and checks say at this moment. WrongUse when they cannot be collected.

    Collecting takes seconds; it is done again only when a file of the workspace is another than before.
    """
    key = (str(profile.workspace), fingerprint(profile))
    with _one_at_a_time:
        if key not in _known:
            _known[key] = collected(profile)
        return _known[key]


def fingerprint(profile: Profile) -> str:
    """Every file that has a say, as one digest."""
    whole = hashlib.sha256(f"{profile.system} {profile.digest}".encode())
    whole.update(strength.digest(profile.workspace).encode())
    for file in _more(profile):
        whole.update(f"\n{file}".encode() + hashlib.sha256(file.read_bytes()).digest())
    return whole.hexdigest()


def _more(profile: Profile) -> Iterator[Path]:
    tables = (profile.path(name) for name in ("requirements", "people", "permissions", "peaks", "mapping", "sensitive"))
    yield from sorted({file for file in tables if file is not None and file.is_file()})
    for name in ALSO:
        place = profile.workspace / name
        yield from sorted(file for file in (place, *place.rglob("*")) if file.is_file() and file.suffix != ".pyc")
