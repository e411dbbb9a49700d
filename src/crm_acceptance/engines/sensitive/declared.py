"""sensitive.toml: what a company declares about secrets and personal data. Reads one file, checks every key."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.profile import Profile
from crm_acceptance.vocabulary import FIELDS, OBJECTS

DEMANDS = ("nosniff", "frame", "csp", "referrer", "no-store", "cors", "cookies")
"""What a browser must be told; `[browser] demanded` may leave some out."""
PERSONAL: Mapping[str, tuple[str, ...]] = {
    "customer": ("phone", "email", "tax_number"),
    "contact": ("phone", "email"),
    "lead": ("phone", "email"),
}
_KEYS: Mapping[str, Mapping[str, type]] = {
    "login": {"attempts": int, "page": str},
    "session": {"hours": float},
    "answers": {"words": list},
    "browser": {"demanded": list, "hsts_days": int},
    "storage": {"files": list, "encrypted": dict, "megabytes": int},
}
_LIMITS: Mapping[str, tuple[float, float]] = {
    "attempts": (2, 50),
    "hours": (0.01, 24 * 366),
    "hsts_days": (1, 3650),
    "megabytes": (1, 1_000_000),
}


@dataclass(frozen=True)
class Declared:
    """`fields`: object -> personal fields. `attempts`: wrong passwords after which no more may be tried.

    `page`: path of the login page, "": found from the first page. `hours`: the longest session. `words`: what no error
    may say beyond what none ever may. `demanded`: names of DEMANDS. `files`: databases, dumps or backups, absolute.
    `encrypted`: object -> fields that must not stand in them in plain; None when nothing is said.
    """

    fields: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: PERSONAL)
    attempts: int = 10
    page: str = ""
    hours: float = 24.0
    words: tuple[str, ...] = ()
    demanded: tuple[str, ...] = DEMANDS
    hsts_days: int = 180
    files: tuple[Path, ...] = ()
    encrypted: Mapping[str, tuple[str, ...]] | None = None
    megabytes: int = 4096


def load(file: Path | None, workspace: Path = Path()) -> Declared:
    """What the file declares, paths relative to `workspace`; what most demand, without one. WrongUse names mistakes."""
    if file is None:
        return Declared()
    table = _parsed(file)
    _known(file, "", table, ("fields", *_KEYS))
    said: dict[str, Any] = {}
    for section, keys in _KEYS.items():
        said |= _section(file, section, table.get(section, {}), keys)
    if "fields" in table:
        said["fields"] = _fields(file, "fields", table["fields"])
    if "encrypted" in said:
        said["encrypted"] = _fields(file, "storage.encrypted", said["encrypted"])
    _one_of(file, "browser.demanded", said.get("demanded", ()), DEMANDS)
    said["files"] = tuple(workspace / Path(name).expanduser() for name in said.get("files", ()))
    return Declared(**said)


def saying(*names: str) -> Callable[[Profile], str]:
    """For a content digest: what a profile's file says of these, each a field of Declared or one of DEMANDS."""

    def said(profile: Profile) -> str:
        found = load(profile.path("sensitive"), Path())  # files as they are written, not where they are on this machine
        every = [name in found.demanded if name in DEMANDS else getattr(found, name) for name in names]
        return str([sorted(one.items()) if isinstance(one, Mapping) else _texts_of(one) for one in every])

    return said


def _texts_of(one: Any) -> Any:
    return [part.as_posix() if isinstance(part, Path) else part for part in one] if isinstance(one, tuple) else one


def _parsed(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise WrongUse(
            f"acceptance.toml 的 [tables] sensitive 指向的文件不存在：{file}。"
            'The file is missing: create it, or write sensitive = "" for what most demand.'
        ) from None
    except OSError as refused:
        raise WrongUse(f"读不了 {file}：{refused.strerror}（cannot be read）。") from None
    except UnicodeDecodeError:
        raise WrongUse(f"{file.name} 不是 UTF-8 编码，请另存为 UTF-8。Not UTF-8: save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as broken:
        raise WrongUse(f"{file.name} 不是正确的 TOML：{broken}。Not valid TOML.") from None


def _known(file: Path, where: str, table: Any, known: Iterable[str]) -> None:
    if not isinstance(table, dict):
        raise WrongUse(f"{file.name} 里的 [{where}] 应当是一个表。[{where}] must be a table.")
    for key in table:
        if key not in set(known):
            raise unknown(f"配置项 key in {file.name}{f' [{where}]' if where else ''}", key, known)


def _section(file: Path, section: str, table: Any, keys: Mapping[str, type]) -> dict[str, Any]:
    _known(file, section, table, keys)
    return {key: _value(file, f"{section}.{key}", value, keys[key]) for key, value in table.items()}


def _value(file: Path, where: str, value: Any, kind: type) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, kind) or isinstance(value, bool):
        said = type(value).__name__
        raise WrongUse(f"{file.name} 里 {where} 应当是 {kind.__name__}，现在是 {said}。It must be a {kind.__name__}.")
    low, high = _LIMITS.get(where.partition(".")[2], (0, 0))
    if isinstance(value, int | float) and not low <= value <= high:
        raise WrongUse(f"{file.name} 里 {where} 应当在 {low:g} 到 {high:g} 之间，现在是 {value:g}。Out of range.")
    return _texts(file, where, value) if kind is list else value


def _texts(file: Path, where: str, value: Any) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) and one.strip() for one in value):
        raise WrongUse(f'{file.name} 里 {where} 应当是文字列表，例如 ["a", "b"]。It must be a list of texts.')
    return tuple(value)


def _fields(file: Path, where: str, table: Any) -> dict[str, tuple[str, ...]]:
    objects = sorted(set(OBJECTS.values()))
    _known(file, where, table, objects)
    said = {name: _texts(file, f"{where}.{name}", value) for name, value in table.items()}
    for name, fields in said.items():
        _one_of(file, f"{where}.{name}", fields, sorted(set(FIELDS.values())))
    return said


def _one_of(file: Path, where: str, said: Iterable[str], known: Iterable[str]) -> None:
    for one in said:
        if one not in set(known):
            raise unknown(f"取值 value of {where} in {file.name}", one, known)
