"""[sources.<name>] of the profile -> settings; secrets by name only, found when they are needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from crm_acceptance import vault
from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.profile import FILE, Profile
from crm_acceptance.settings import TAPD_EITHER, Shape, checked, is_here

COLUMNS = ("id", "department", "criticality", "dimension", "text", "text_en")
TIMEOUT = 20.0
"""Seconds for one answer."""
GUIDE = "docs/guides/zh/变更与追溯.md"
_EVERY: Mapping[str, type] = {"kind": str, "url": str, "fields": dict, "values": dict, "defaults": dict}
_TAPD: Mapping[str, type] = {"user_env": str, "secret_env": str, "token_env": str, "workspace": str, "filter": dict}
SHAPES = {
    "jira": Shape({**_EVERY, "user": str, "token_env": str, "jql": str}, ("url", "token_env", "jql")),
    "tapd": Shape({**_EVERY, **_TAPD}, ("workspace",), TAPD_EITHER),
}


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
        return is_here(self.url)

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
    checked(where, kind, told, SHAPES, GUIDE)
    maps = {key: _texts(f"{where}.{key}", told.get(key, {})) for key in ("fields", "values", "defaults")}
    for key in ("fields", "defaults"):
        for column in maps[key]:
            if column not in COLUMNS:
                raise unknown(f"列 column in {FILE} [{where}.{key}]", column, COLUMNS)
    return Source(name, kind, str(told.get("url", "")).rstrip("/"), told, **maps)


def _texts(where: str, said: Mapping[str, Any]) -> dict[str, str]:
    for key, value in said.items():
        if not isinstance(value, str):
            raise WrongUse(f"{FILE} 里 {where}.{key} 应当是文字（must be a text）：{value!r}。")
    return dict(said)
