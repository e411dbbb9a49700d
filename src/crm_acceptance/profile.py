"""acceptance.toml -> Profile, with "known: ..." sentences for wrong keys; holds names of secrets, never secrets."""

from __future__ import annotations

import hashlib
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from crm_acceptance import exposed, policy
from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.manners.production import is_address
from crm_acceptance.model import DEPARTMENTS

FILE = "acceptance.toml"
KINDS = ("reference", "stand-in", "sandbox", "production")
LONGEST = 3600.0
"""Seconds; whoever waits longer for one answer has mistyped a timeout."""
CONSENTS = ("我同意在生产环境上运行验收", "I agree to run acceptance against production")
"""The words, one of them, that `[site] production` must hold before a site that looks like production is touched."""

_SITE: dict[str, type] = {
    "url": str, "kind": str, "timeout": float, "production": str, "rate": float, "budget": int, "ca": str,
    "cleaner": str, "fuzz_writes": bool, "workers": int, "approval": str,
    "metrics": str,
}  # fmt: skip
_SECRETS: dict[str, type] = {"password": str}
_TABLES: dict[str, type] = {
    "requirements": str,
    "people": str,
    "permissions": str,
    "peaks": str,
    "contract": str,
    "mapping": str,
    "sensitive": str,
}
_GATE: dict[str, type] = {"departments": list, "rule": list, "tolerate": list}
_SECTIONS: dict[str, dict[str, type]] = {"site": _SITE, "secrets": _SECRETS, "tables": _TABLES, "gate": _GATE}
_FREE = ("launch", "signatories", "messages", "trackers", "changes", "warning", "sources", "golive", "documents")
_TOP = ("system", *_SECTIONS, *_FREE, "metrics", "systems")
_OVERRIDES: dict[str, type] = {**_SITE, **_SECRETS, **_TABLES, "launch": dict}


@dataclass(frozen=True)
class Profile:
    """What acceptance.toml says about one system. Table paths are relative to `workspace`; "" means: there is none.

    `timeout` is seconds for one answer; `password` the NAME of an environment variable; `launch` goes to the launcher.
    `rate` is requests per second (0: no limit; unsaid: manners/pace.py) and `budget` requests per run (0: no limit);
    `ca` a PEM file of the site's own certificate; `mapping` the file that describes a CRM without Python; `cleaner` the
    login of somebody who may delete what a run has created; `sensitive` what the company declares about secrets ("":
    what most demand); `fuzz_writes`: generated writes are welcome on a site that was not launched from here; `workers`
    checks at most at a time (0: as many as the machine bears); `approval` the reference under which load is allowed;
    `metrics` where the server tells its own figures, `monitoring` the table [metrics]: engines/load/listening.py.
    `messages` and `trackers` are tables by name, as
    messages/channels.py and trackers/trackers.py read them; `changes`, `warning` and `sources` as changes/terms.py,
    changes/warning.py and sources/ do.
    """

    workspace: Path
    system: str = "refcrm"
    url: str = ""
    kind: str = "sandbox"
    timeout: float = 15.0
    production: str = ""
    rate: float | None = None
    budget: int = 0
    ca: str = ""
    cleaner: str = ""
    fuzz_writes: bool = False
    workers: int = 0
    approval: str = ""
    metrics: str = ""
    password: str = "CRM_ACCEPTANCE_PASSWORD"
    requirements: str = "features/requirements.csv"
    people: str = "fixtures/people.csv"
    permissions: str = "security/permissions.csv"
    peaks: str = "load/peaks.toml"
    contract: str = ""
    mapping: str = ""
    sensitive: str = ""
    launch: Mapping[str, str] = field(default_factory=dict)
    departments: tuple[str, ...] = ()
    rule: tuple[Mapping[str, Any], ...] = ()
    tolerate: tuple[Mapping[str, Any], ...] = ()
    signatories: Mapping[str, Any] = field(default_factory=dict)
    messages: Mapping[str, Any] = field(default_factory=dict)
    trackers: Mapping[str, Any] = field(default_factory=dict)
    changes: Mapping[str, Any] = field(default_factory=dict)
    warning: Mapping[str, Any] = field(default_factory=dict)
    sources: Mapping[str, Any] = field(default_factory=dict)
    golive: Mapping[str, Any] = field(default_factory=dict)
    documents: Mapping[str, Any] = field(default_factory=dict)
    monitoring: Mapping[str, Any] = field(default_factory=dict)
    digest: str = ""

    def path(self, table: str) -> Path | None:
        """The file behind a table, a name of [tables]; None where the system has none."""
        name: str = getattr(self, table)
        return self.workspace / name if name else None


def load(workspace: Path, system: str | None = None) -> Profile:
    """Reads `workspace`/acceptance.toml for `system` (default: the one it names). WrongUse tells any wrong key."""
    file = workspace / FILE
    raw = _bytes(file)
    table = _parsed(file, raw)
    exposed.refuse(FILE, table)
    _check_keys("", table, _TOP)
    flat = _flat(table)
    name = system or str(table.get("system", Profile.system))
    overrides = _overrides(table, name)
    flat |= overrides
    if system and system != table.get("system", Profile.system) and "url" not in overrides:
        flat.pop("url", None)  # the profile's address belongs to the profile's own system
    profile = Profile(workspace=workspace, digest=_digest(workspace, raw, flat), **(flat | {"system": name}))
    return _checked(profile)


def for_run(workspace: Path, system: str) -> Profile:
    """What a run of that system is held against: that system's profile where acceptance.toml is about it or names it
    as [systems.<name>], else its own, to which the run is a stranger: nobody signs a demo for the real CRM."""
    named = _parsed(workspace / FILE, _bytes(workspace / FILE)).get("systems", {})
    return load(workspace, system if isinstance(named, dict) and system in named else None)


def _digest(workspace: Path, raw: bytes, flat: Mapping[str, Any]) -> str:
    """Of the profile and of the mapping file: whoever changes either has another system before them."""
    mapping = workspace / flat["mapping"] if flat.get("mapping") else None
    return hashlib.sha256(raw + (_bytes(mapping) if mapping else b"")).hexdigest()


def find_workspace(start: Path) -> Path | None:
    """`start` or the nearest folder above it that holds an acceptance.toml."""
    return next((folder for folder in (start, *start.parents) if (folder / FILE).is_file()), None)


def at_site(profile: Profile, url: str) -> Profile:
    """The same profile for another address, as `--site` asks."""
    return _checked(replace(profile, url=url.rstrip("/")))


def _bytes(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        if file.name != FILE:
            raise WrongUse(f"{FILE} 提到的文件不存在：{file}。A file that the profile names is missing.") from None
        raise WrongUse(
            f"这里没有 {FILE}：{file.parent}。请进入验收工作区，或用 crm-acceptance init 新建一个。"
            f"No {FILE} here: go to a workspace, or lay one down with `crm-acceptance init`."
        ) from None
    except OSError as refused:
        raise WrongUse(f"读不了 {file}：{refused.strerror}（cannot be read）。") from None


def _parsed(file: Path, raw: bytes) -> dict[str, Any]:
    try:
        return tomllib.loads(raw.decode("utf-8-sig"))
    except UnicodeDecodeError:
        raise WrongUse(f"{file.name} 不是 UTF-8 编码，请另存为 UTF-8。Not UTF-8: save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as broken:
        raise WrongUse(f"{file.name} 不是正确的 TOML：{broken}。Not valid TOML.") from None


def _check_keys(where: str, table: Mapping[str, Any], known: Iterable[str]) -> None:
    for key in table:
        if key not in set(known):
            raise unknown(f"配置项 key in {FILE}{' [' + where + ']' if where else ''}", key, known)


def _typed(where: str, table: Any, types: Mapping[str, type]) -> dict[str, Any]:
    if not isinstance(table, dict):
        raise WrongUse(f"{FILE} 里的 {where} 应当是一个表：[{where}]。It must be a table.")
    _check_keys(where, table, types)
    return {key: _value(f"{where}.{key}", value, types[key]) for key, value in table.items()}


def _value(where: str, value: Any, kind: type) -> Any:
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if not isinstance(value, kind):
        said = type(value).__name__
        raise WrongUse(f"{FILE} 里 {where} 应当是 {kind.__name__}，现在是 {said}。It must be a {kind.__name__}.")
    return {str(k): str(v) for k, v in value.items()} if isinstance(value, dict) else value


def _flat(table: Mapping[str, Any]) -> dict[str, Any]:
    flat: dict[str, Any] = {}
    for section, types in _SECTIONS.items():
        flat |= _typed(section, table.get(section, {}), types)
    for name in _GATE:
        flat[name] = tuple(flat.get(name, ()))
    policy.read(flat["rule"], flat["tolerate"])
    flat["launch"] = _value("launch", table.get("launch", {}), dict)
    flat["signatories"] = table.get("signatories", {})
    flat |= {name: _tables(name, table.get(name, {})) for name in ("messages", "trackers", "sources")}
    flat["monitoring"] = table.get("metrics", {})
    flat |= {name: table.get(name, {}) for name in ("changes", "warning", "golive", "documents")}
    return flat


def _tables(where: str, section: Any) -> dict[str, Any]:
    """[<where>.<name>] tables; what may stand in each is known where it is used."""
    if not isinstance(section, dict) or not all(isinstance(inner, dict) for inner in section.values()):
        raise WrongUse(f"{FILE} 里的 {where} 应当是表 [{where}.<name>]。It must be a table.")
    return section


def _overrides(table: Mapping[str, Any], system: str) -> dict[str, Any]:
    sections = table.get("systems", {})
    if not isinstance(sections, dict):
        raise WrongUse(f"{FILE} 里的 systems 应当是表 [systems.<name>]。It must be a table.")
    every = {name: _typed(f"systems.{name}", section, _OVERRIDES) for name, section in sections.items()}
    return every.get(system, {})


def _checked(profile: Profile) -> Profile:
    if not 0 < profile.timeout <= LONGEST:
        raise WrongUse(
            f"{FILE} 里 site.timeout 应当在 0 到 {LONGEST:g} 秒之间，现在是 {profile.timeout:g}。"
            "site.timeout is seconds above 0."
        )
    for name, limit in (("rate", profile.rate or 0), ("budget", profile.budget)):
        if not 0 <= limit < float("inf"):
            raise WrongUse(f"{FILE} 里 site.{name} 不能是 {limit:g}，0 表示不限。site.{name} is 0 (no limit) or more.")
    if profile.kind not in KINDS:
        raise unknown(f"站点类型 site.kind in {FILE}", profile.kind, KINDS)
    for department in profile.departments:
        if str(department) not in DEPARTMENTS:
            raise unknown(f"部门 gate.departments in {FILE}", str(department), DEPARTMENTS)
    if profile.url and not is_address(profile.url):
        raise WrongUse(f"站点地址应以 http:// 或 https:// 开头：{profile.url}。A site's URL starts with http(s)://.")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", profile.password):
        raise WrongUse(
            f"{FILE} 的 secrets.password 只写环境变量的名字，不写密码本身。"
            "secrets.password holds the NAME of an environment variable, never the secret."
        )
    return replace(profile, url=profile.url.rstrip("/"))
