"""Ed25519 keys of people and machines: made, kept, read; a person's key only opens with the passphrase."""

from __future__ import annotations

import hashlib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from crm_acceptance.errors import WrongUse

HOME_ENV = "CRM_ACCEPTANCE_KEYS"
PASSPHRASE_ENV = "CRM_ACCEPTANCE_PASSPHRASE"
MACHINE = "this-machine"
"""The key that seals bundles where nobody gives one. It says on which machine, not who."""
SHORTEST_PASSPHRASE = 8
LONGEST_PASSPHRASE = 1023
"""Bytes; OpenSSL takes no more."""
FOLDER = "signatories"
"""Below a workspace: NAME.pub of everybody who signs. Public keys only; git keeps them."""
_NAME = re.compile(r"[\w][\w.@-]{0,63}")


@dataclass(frozen=True)
class PublicKey:
    """A key that others may see. `fingerprint` is the SHA-256 of its 32 raw bytes, in hex."""

    key: Ed25519PublicKey

    @property
    def fingerprint(self) -> str:
        """What people compare."""
        return hashlib.sha256(self.key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()

    @property
    def pem(self) -> bytes:
        """As a file."""
        return self.key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def home() -> Path:
    """Where this person's keys are: CRM_ACCEPTANCE_KEYS, or a folder in the home directory."""
    told = os.environ.get(HOME_ENV)
    return Path(told) if told else Path.home() / ".config" / "crm-acceptance" / "keys"


def create(name: str, passphrase: str, folder: Path | None = None) -> PublicKey:
    """A new key pair NAME.key (closed by the passphrase) and NAME.pub. WrongUse: a bad name, one that is there."""
    if len(passphrase) < SHORTEST_PASSPHRASE:
        raise WrongUse(
            f"口令太短，至少 {SHORTEST_PASSPHRASE} 个字符。A passphrase needs {SHORTEST_PASSPHRASE} characters."
        )
    if len(_spelt(passphrase)) > LONGEST_PASSPHRASE:
        raise WrongUse(
            f"口令太长，最多 {LONGEST_PASSPHRASE} 字节。A passphrase has {LONGEST_PASSPHRASE} bytes at most."
        )
    return _made(name, BestAvailableEncryption(_spelt(passphrase)), folder or home())


def machine(folder: Path | None = None) -> Ed25519PrivateKey:
    """This machine's own key, made when it is first needed."""
    where = folder or home()
    if not (where / f"{MACHINE}.key").is_file():
        try:
            _made(MACHINE, NoEncryption(), where)
        except WrongUse:
            if not (where / f"{MACHINE}.key").is_file():
                raise
            # somebody else made it at the same moment
    return private(MACHINE, "", where)


def private(name: str, passphrase: str, folder: Path | None = None) -> Ed25519PrivateKey:
    """The private key of that name. WrongUse: there is none, it does not open, or it is of another kind."""
    file = _file(name, "key", folder or home())
    raw = _read(file)
    _only_mine(file)
    if name != MACHINE and (not passphrase or b"ENCRYPTED" not in raw):
        why = "没有口令保护，任何人拿到文件都能签" if passphrase else "口令是空的"
        raise WrongUse(f"密钥 {name} 打不开：{why}。A person's key opens with a passphrase only.")
    try:
        key = load_pem_private_key(raw, _spelt(passphrase) or None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise WrongUse(
            f"密钥 {name} 打不开：口令不对，或文件损坏（{file.name}）。Wrong passphrase, or a broken key."
        ) from None
    if not isinstance(key, Ed25519PrivateKey):
        raise WrongUse(f"{file.name} 不是 Ed25519 密钥。Not an Ed25519 key.")
    return key


def public(pem: bytes, where: str) -> PublicKey:
    """The public key in a PEM file. WrongUse when it is none."""
    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PublicKey):
        raise WrongUse(f"{where} 不是 Ed25519 公钥（PEM）。Not an Ed25519 public key in PEM.")
    return PublicKey(key)


def listed(folder: Path | None = None) -> dict[str, PublicKey]:
    """Name -> public key of everything that is kept here."""
    where = folder or home()
    return {file.stem: public(file.read_bytes(), file.name) for file in sorted(where.glob("*.pub"))}


def registered(workspace: Path) -> dict[str, PublicKey]:
    """Fingerprint -> key of every signatories/*.pub. WrongUse: a file there is no Ed25519 public key."""
    found = (public(file.read_bytes(), file.name) for file in sorted((workspace / FOLDER).glob("*.pub")))
    return {key.fingerprint: key for key in found}


def _made(name: str, closed: KeySerializationEncryption, folder: Path) -> PublicKey:
    secret, shown = _file(name, "key", folder), _file(name, "pub", folder)
    if secret.exists() or shown.exists():
        raise WrongUse(f"已经有密钥 {name} 了，不会覆盖：{secret}。There is such a key; it is not overwritten.")
    key = Ed25519PrivateKey.generate()
    pem, made = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, closed), PublicKey(key.public_key())
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with os.fdopen(os.open(secret, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(pem)
        shown.write_bytes(made.pem)
    except FileExistsError:
        raise WrongUse(
            f"已经有密钥 {name} 了，不会覆盖：{secret}。There is such a key; it is not overwritten."
        ) from None
    except OSError as refused:
        raise WrongUse(f"写不进 {folder}：{refused.strerror}。The key cannot be written.") from None
    return made


def _only_mine(file: Path) -> None:
    """WrongUse where others on this machine may read it, as ssh says it, too. Windows has no such bits."""
    if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise WrongUse(f"别人也能读私钥 {file}，请先执行 chmod 600 {file}。Others can read this private key.")


def _spelt(passphrase: str) -> bytes:
    """Its bytes, whatever the console made of it."""
    return passphrase.encode(errors="surrogateescape")


def check_name(name: str) -> None:
    """WrongUse when it cannot be a key's name."""
    if not _NAME.fullmatch(name):
        raise WrongUse(f"密钥名只能用字母、数字、汉字和 . _ - @：{name!r}。A key's name: letters, digits, . _ - @.")


def there(name: str, folder: Path | None = None) -> Path:
    """The file of a private key. WrongUse, with what there is, when it cannot be read."""
    file = _file(name, "key", folder or home())
    _read(file)
    return file


def _file(name: str, kind: str, folder: Path) -> Path:
    check_name(name)
    return folder / f"{name}.{kind}"


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        known = ", ".join(sorted(one.stem for one in file.parent.glob("*.key"))) or "(none)"
        raise WrongUse(
            f"没有密钥 {file.stem}。已有 known: {known}。用 crm-acceptance keys create 新建。No such key."
        ) from None
    except OSError as refused:
        raise WrongUse(f"读不了 {file}：{refused.strerror}（cannot be read）。") from None
