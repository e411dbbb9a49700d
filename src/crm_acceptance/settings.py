"""A table of the profile that leads to another program (tracker, source, chat), checked key by key; opens none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.exposed import NAME
from crm_acceptance.model import DEPARTMENTS
from crm_acceptance.profile import FILE

LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""This machine: no proxy of the environment is asked, and http is safe enough."""


@dataclass(frozen=True)
class Shape:
    """What a kind of table may say: key -> type; which keys it needs; and `either`: sets of keys of which one must be
    there whole."""

    keys: Mapping[str, type]
    needed: tuple[str, ...] = ()
    either: tuple[tuple[str, ...], ...] = ()


TAPD_EITHER = (("token_env",), ("user_env", "secret_env"))
"""TAPD's two ways to log in."""


def checked(where: str, kind: str, told: Mapping[str, Any], shapes: Mapping[str, Shape], guide: str) -> None:
    """WrongUse names the first thing that is wrong in [where]. `guide`: the page with an example."""
    if kind not in shapes:
        raise unknown(f"类型 {where}.kind in {FILE}", kind, shapes)
    shape = shapes[kind]
    for key, value in told.items():
        if key not in shape.keys:
            raise unknown(f"配置项 key in {FILE} [{where}]", key, shape.keys)
        _value(where, key, value, shape.keys[key])
    for key in shape.needed:
        if not told.get(key):
            raise WrongUse(f"{FILE} 的 [{where}] 缺少 {key}（is missing）。{guide} 里有例子。")
    if shape.either and not any(all(told.get(key) for key in keys) for keys in shape.either):
        ways = "，或 or ".join(" + ".join(keys) for keys in shape.either)
        raise WrongUse(f"{FILE} 的 [{where}] 要写 {ways}（credentials by name）。{guide} 里有例子。")


def _value(where: str, key: str, value: Any, kind: type) -> None:
    if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
        raise WrongUse(f"{FILE} 里 {where}.{key} 应当是 {kind.__name__}（must be one）。")
    if key.endswith("_env") and not NAME.fullmatch(str(value)):
        raise WrongUse(f"{FILE} 里 {where}.{key} 应当是环境变量的名字（the NAME of an environment variable）。")
    if key == "url" and value and not is_safe(str(value)):
        raise WrongUse(f"{FILE} 里 {where}.url 必须以 https:// 开头（must begin with https://）。")
    for department in value if key == "departments" and isinstance(value, list) else ():
        if not isinstance(department, str) or department not in DEPARTMENTS:
            raise unknown(f"部门 {where}.departments in {FILE}", str(department), DEPARTMENTS)


def is_safe(url: str) -> bool:
    """https, or a server on this machine: what is said there must not be read on its way."""
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and (parts.scheme == "https" or is_here(url))
    except ValueError:  # a bracket left open
        return False


def is_here(url: str) -> bool:
    """Whether the address is on this machine."""
    return urlsplit(url).hostname in LOOPBACK
