"""Who signed, as files of a bundle, and out of a bundle again: offline, from the bundle alone."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import rfc8785

from crm_acceptance import logbook
from crm_acceptance.errors import WrongUse
from crm_acceptance.profile import Profile
from crm_acceptance.sealing import keys
from crm_acceptance.sealing.bundle import SIGNOFF, laid
from crm_acceptance.sealing.keys import PublicKey, registered
from crm_acceptance.sealing.packing import Broken
from crm_acceptance.signoff import journal, offline
from crm_acceptance.signoff.named import of
from crm_acceptance.signoff.standing import Standing, standings
from crm_acceptance.signoff.subject import alone

JOURNAL, NAMED, KEYS = f"{SIGNOFF}signoff.jsonl", f"{SIGNOFF}signatories.json", f"{SIGNOFF}keys/"


@dataclass(frozen=True)
class Unpacked:
    """What a bundle says about signatures, judged again. None of it knows what became of the workspace since."""

    standings: tuple[Standing, ...]
    lines: int


def packed(profile: Profile) -> dict[str, bytes]:
    """The files to put into a bundle; none where nobody is named and nothing was signed. WrongUse: a broken journal."""
    raw, known = offline.raw(profile.workspace), registered(profile.workspace)
    if not raw and not profile.signatories:
        return {}
    checked = offline.check(offline.kept(profile.workspace), known)
    if checked.problems:
        raise WrongUse(f"签字簿核对不上，不封装：{checked.problems[0]}。The journal of signatures does not verify.")
    named = rfc8785.dumps(json.loads(json.dumps(dict(profile.signatories))))
    public = {f"{KEYS}{fingerprint}.pub": key.pem for fingerprint, key in known.items()}
    return {JOURNAL: raw, NAMED: named, **public}


def unpacked(bodies: Mapping[str, bytes], now: datetime) -> Unpacked | None:
    """Where every department stands, from a bundle's files; None when it holds no signatures. Broken names the part."""
    if JOURNAL not in bodies:
        return None
    known = dict(_key(name, body) for name, body in bodies.items() if name.startswith(KEYS))
    lines = logbook.parse(bodies[JOURNAL])
    for problem in offline.check(lines, known).problems:
        raise Broken(JOURNAL, problem)
    book = journal.of(lines, known)
    try:
        named = of(json.loads(bodies[NAMED]), known)
    except (KeyError, ValueError, TypeError, RecursionError, WrongUse) as wrong:
        raise Broken(NAMED, str(wrong)) from None
    with tempfile.TemporaryDirectory(prefix="crm-acceptance-verify-") as kept:
        laid(Path(kept), {name: body for name, body in bodies.items() if not name.startswith(SIGNOFF)})
        return Unpacked(standings(alone(Path(kept)), named, book, now), len(book.lines))


def _key(name: str, pem: bytes) -> tuple[str, PublicKey]:
    try:
        key = keys.public(pem, name)
    except WrongUse as wrong:
        raise Broken(name, str(wrong)) from None
    if name != f"{KEYS}{key.fingerprint}.pub":
        raise Broken(name, "文件名不是它的指纹（is not named by its fingerprint）")
    return key.fingerprint, key
