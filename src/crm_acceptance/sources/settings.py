"""[sources.<name>] of the profile -> settings; secrets by name only, found when they are needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from crm_acceptance import vault
from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.exposed import NAME
from crm_acceptance.profile import FILE, Profile

COLUMNS = ("id", "department", "criticality", "dimension", "text", "text_en")
LOOPBACK = ("127.0.0.1", "localhost", "::1")
TIMEOUT = 20.0
"""Seconds for one answer."""
_EVERY: Mapping[str, type] = {"kind": str, "url": str, "fields": dict, "values": dict, "defaults": dict}
_KEYS: Mapping[str, Mapping[str, type]] = {
    "jira": {**_EVERY, "user": str, "token_env": str, "jql": str},
    "tapd": {**_EVERY, "user_env": str, "secret_env": str, "token_env": str, "workspace": str, "filter": dict},
}
_NEEDED: Mapping[str, tuple[str, ...]] = {"jira": ("url", "token_env", "jql"), "tapd": ("workspace",)}


@dataclass(frozen=True)
class Source:
    """One place where stories stand. `fields`: column -> the story's field; `values`: what is written there -> what it
    means here; `defaults`: column -> its value for a new requirement that has none."""

    name: str
    kind: str
    url: str
    told: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, str] = field(default_factory=dict)
    values: Mapping[str, str] = field(default_factory=dict)
    defaults: Mapping[str, str] = field(default_factory=dict)

    @property
    def at_home(self) -> bool:
        """Whether it is on this machine, where no proxy of the environment is asked."""
        return urlsplit(self.url).hostname in LOOPBACK

    def secret(self, key: str) -> str:
        """The secret whose name stands under `key`, "" when none stands there. WrongUse when it is not set."""
        variable = str(self.told.get(key, ""))
        found = vault.find(variable) if variable else ""
        if found is None:
            raise WrongUse(
                f"[sources.{self.name}] {key} 指的环境变量 {variable} 没有设置{vault.where(variable)}。"
                f"The environment variable {variable} is not set."
            )
        return found


def source(profile: Profile, name: str) -> Source:
    """The source of that name. WrongUse: there is none, or a wrong or missing key in it."""
    if name not in profile.sources:
        raise unknown(
            f"需求来源 source in {FILE} [sources]", name, profile.sources, "也可以写一个 .csv 或 .xlsx 文件名。"
        )
    told: Mapping[str, Any] = profile.sources[name]
    where, kind = f"sources.{name}", str(told.get("kind", name))
    if kind not in _KEYS:
        raise unknown(f"来源类型 {where}.kind in {FILE}", kind, _KEYS)
    for key, value in told.items():
        _check(where, key, value, _KEYS[kind])
    for key in _NEEDED[kind]:
        if not told.get(key):
            raise WrongUse(f"{FILE} 的 [{where}] 缺少 {key}（is missing）。例子见 docs/guides/zh/变更与追溯.md。")
    if kind == "tapd" and not told.get("token_env") and not (told.get("user_env") and told.get("secret_env")):
        raise WrongUse(f"{FILE} 的 [{where}] 要写 user_env 和 secret_env，或 token_env（credentials by name）。")
    maps = {key: _texts(f"{where}.{key}", told.get(key, {})) for key in ("fields", "values", "defaults")}
    for key in ("fields", "defaults"):
        for column in maps[key]:
            if column not in COLUMNS:
                raise unknown(f"列 column in {FILE} [{where}.{key}]", column, COLUMNS)
    return Source(name, kind, str(told.get("url", "")).rstrip("/"), told, **maps)


def _check(where: str, key: str, value: Any, known: Mapping[str, type]) -> None:
    if key not in known:
        raise unknown(f"配置项 key in {FILE} [{where}]", key, known)
    kind: Any = known[key]
    if not isinstance(value, kind):
        raise WrongUse(f"{FILE} 里 {where}.{key} 应当是 {kind.__name__}（must be one）。")
    if key.endswith("_env") and not NAME.fullmatch(value):
        raise WrongUse(f"{FILE} 里 {where}.{key} 应当是环境变量的名字（the NAME of an environment variable）。")
    if key == "url" and value and urlsplit(value).scheme != "https" and urlsplit(value).hostname not in LOOPBACK:
        raise WrongUse(f"{FILE} 里 {where}.url 必须以 https:// 开头（must begin with https://）。")


def _texts(where: str, said: Mapping[str, Any]) -> dict[str, str]:
    for key, value in said.items():
        if not isinstance(value, str):
            raise WrongUse(f"{FILE} 里 {where}.{key} 应当是文字（must be a text）：{value!r}。")
    return dict(said)
