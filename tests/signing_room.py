"""A workspace with a finished, sealed run and people with keys who may sign for it. No test lives here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from greenrun import FINISHED, RUN, GreenRun

from crm_acceptance import chain, contents, profile
from crm_acceptance.contents import Contents
from crm_acceptance.gate import judge
from crm_acceptance.profile import Profile
from crm_acceptance.sealing import keys
from crm_acceptance.sealing.keys import PublicKey
from crm_acceptance.signoff import Standing, status
from crm_acceptance.signoff.signing import Answer, Desk, Receipt, desk, sign

PASSPHRASE = "一个足够长的口令"
NOW = datetime.fromtimestamp(FINISHED / 1000).astimezone() + timedelta(hours=1)
PEOPLE = {
    "chenjing": ("陈静", "sales"),
    "lina": ("李娜", "sales"),
    "wufang": ("吴芳", "finance"),
    "zhaolei": ("赵磊", "service"),
    "sunhao": ("孙浩", "it"),
}
NEEDED = ("sales", "finance", "service", "it")


@dataclass
class Room:
    """Everything at hand. `keys` are open; `home` is where the closed ones would be; `quorum` per department."""

    path: Path
    run: Path
    keys: dict[str, Ed25519PrivateKey] = field(default_factory=dict)
    quorum: dict[str, int] = field(default_factory=dict)
    revoked: list[str] = field(default_factory=list)
    unnamed: set[str] = field(default_factory=set)
    now: datetime = NOW
    present: Contents | None = None

    @property
    def journal(self) -> Path:
        return self.path / "reports" / "journal" / "signoff.jsonl"

    def forget(self) -> None:
        """As if nobody had ever signed."""
        for file in (self.journal, *self.journal.parent.glob("signoff.jsonl.*")):
            file.unlink(missing_ok=True)

    @property
    def profile(self) -> Profile:
        return profile.load(self.path)

    def fingerprint(self, person: str) -> str:
        return PublicKey(self.keys[person].public_key()).fingerprint

    def lay(self) -> Room:
        """Writes acceptance.toml and signatories/*.pub as they are wanted now."""
        (self.path / "acceptance.toml").write_text(self._toml(), "utf-8")
        (self.path / "signatories").mkdir(exist_ok=True)
        for person, key in self.keys.items():
            (self.path / "signatories" / f"{person}.pub").write_bytes(PublicKey(key.public_key()).pem)
        return self

    def desk(self, now: datetime | None = None) -> Desk:
        return desk(self.profile, self.run, now or self.now, self._present())

    def sign(self, person: str, answer: str = "yes", now: datetime | None = None, **more: object) -> Receipt:
        department = str(more.pop("department", PEOPLE[person][1]))
        asked = Answer(department, person, answer, **more)  # type: ignore[arg-type]
        return sign(self.desk(now), asked, self.keys[person])

    def standing(self, department: str, now: datetime | None = None) -> Standing:
        found = status(self.profile, self.run, now or self.now, self._present())
        return next(one for one in found if one.department == department)

    def states(self, now: datetime | None = None) -> Mapping[str, str]:
        return {one.department: one.state for one in status(self.profile, self.run, now or self.now, self._present())}

    def _present(self) -> Contents:
        return self.present or contents.of_run(self.run)

    def _toml(self) -> str:
        lines = ['system = "refcrm"', "[gate]", f"departments = {json.dumps(NEEDED)}"]
        lines += ["[signatories]", f"revoked = {json.dumps(self.revoked)}"]
        for department in dict.fromkeys(department for _, department in PEOPLE.values()):
            lines += [f"[signatories.{department}]", f"quorum = {self.quorum.get(department, 1)}"]
            for person, (name, own) in PEOPLE.items():
                if own == department and person in self.keys and person not in self.unnamed:
                    lines += [f"[[signatories.{department}.people]]", f'name = "{name}"', f'person = "{person}"']
                    lines += [f'key = "{self.fingerprint(person)}"']
        return "\n".join(lines) + "\n"


def make(folder: Path, green: GreenRun | None = None, sealed: bool = True) -> Room:
    """A fresh room below `folder`; keys without passphrases, which take their time."""
    run = (green or told()).lay(folder / "reports" / RUN)
    judge(run)
    if sealed:
        chain.seal(run)
    return Room(folder, run, {person: Ed25519PrivateKey.generate() for person in PEOPLE}).lay()


def told() -> GreenRun:
    """A green run whose checks have content."""
    green = GreenRun()
    green.run["departments"] = list(NEEDED)
    for phase in green.expected.values():
        for item in phase["items"]:
            item["content"] = f"content of {item['nodeid']}"
    return green


def closed_keys(room: Room, home: Path) -> None:
    """Gives everybody a key closed by PASSPHRASE below `home` instead of the open one."""
    for person in PEOPLE:
        keys.create(person, PASSPHRASE, home)
        room.keys[person] = keys.private(person, PASSPHRASE, home)
    room.lay()
