"""Public keys come into the workspace, so that everybody can check what their holders sign; private ones never do."""

from __future__ import annotations

import json
import os
from pathlib import Path

from crm_acceptance.errors import WrongUse
from crm_acceptance.sealing import keys
from crm_acceptance.sealing.keys import FOLDER, PublicKey


def register(workspace: Path, person: str, file: Path | None = None) -> PublicKey:
    """Puts PERSON.pub into signatories/. An older key of that name is kept beside it: what it signed can be checked on.

    `file`: a public key that somebody handed in; else the one among this machine's own keys.
    WrongUse: no such key, or something else in the file.
    """
    found = keys.public(_handed_in(file), file.name) if file else _own(person)
    target = _place(workspace, person)
    if target.is_file():
        old = keys.public(target.read_bytes(), target.name)
        if old.fingerprint != found.fingerprint:
            os.replace(target, target.with_name(f"{person}-{old.fingerprint[:12]}.pub"))
    target.write_bytes(found.pem)
    return found


def lines(person: str, key: PublicKey, department: str, name: str) -> str:
    """What to write into acceptance.toml, by hand: who may sign is decided by people, not by a command."""
    return (
        f"[[signatories.{department or '部门'}.people]]\n"
        f'name = {json.dumps(name or person, ensure_ascii=False)}\nperson = "{person}"\nkey = "{key.fingerprint}"\n'
    )


def fingerprint(workspace: Path, told: str) -> str:
    """The fingerprint meant: itself, its beginning, or a name in signatories/. WrongUse when it is not one of them."""
    known = {
        file.stem: keys.public(file.read_bytes(), file.name).fingerprint
        for file in sorted((workspace / FOLDER).glob("*.pub"))
    }
    found = {one for name, one in known.items() if told in (name, one) or (len(told) >= 12 and one.startswith(told))}
    if len(found) != 1:
        shown = ", ".join(f"{name} {one[:12]}" for name, one in known.items()) or "(none)"
        raise WrongUse(f"没有（唯一的）这把公钥：{told}。已登记 known: {shown}。No such public key.")
    return found.pop()


def _own(person: str) -> PublicKey:
    mine = keys.listed()
    if person not in mine:
        known = ", ".join(name for name in mine if name != keys.MACHINE) or "(none)"
        raise WrongUse(
            f"没有密钥 {person}。已有 known: {known}。用 keys create {person} 新建，或用 --file 交公钥。No such key."
        )
    return mine[person]


def _handed_in(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as refused:
        raise WrongUse(f"读不了公钥 {file}：{refused.strerror}。The public key cannot be read.") from None


def _place(workspace: Path, person: str) -> Path:
    keys.check_name(person)
    try:
        (workspace / FOLDER).mkdir(exist_ok=True)
    except OSError as refused:
        raise WrongUse(f"写不进 {workspace / FOLDER}：{refused.strerror}（cannot be written）。") from None
    return workspace / FOLDER / f"{person}.pub"
