"""[trackers.<name>] of the profile -> trackers and their desks; secrets by name only, found when they are needed."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from crm_acceptance import vault
from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.exposed import NAME
from crm_acceptance.messages.robot import LOOPBACK
from crm_acceptance.model import DEPARTMENTS
from crm_acceptance.profile import FILE, Profile
from crm_acceptance.trackers import tapddesk, trellodesk
from crm_acceptance.trackers.desk import Desk, Paced, session
from crm_acceptance.trackers.jiradesk import JiraDesk

_EVERY: dict[str, Any] = {"kind": str, "departments": list, "url": str}
_KEYS: Mapping[str, dict[str, Any]] = {
    "jira": {
        **_EVERY, "token_env": str, "user": str, "project": str, "issue_type": str, "close": str, "reopen": str,
        "fields": dict,
    },
    "tapd": {**_EVERY, "user_env": str, "secret_env": str, "token_env": str, "workspace": str, "reporter": str},
    "trello": {**_EVERY, "key_env": str, "token_env": str, "list": str, "done": str},
}  # fmt: skip
_NEEDED: Mapping[str, tuple[str, ...]] = {
    "jira": ("url", "token_env", "project"),
    "tapd": ("workspace",),
    "trello": ("key_env", "token_env", "list"),
}
_PLAIN = re.compile(r"[A-Za-z0-9_-]+")
PREFIX = "tracker:"
"""What a tracker's name begins with where channels of messages stand beside it."""


@dataclass(frozen=True)
class Tracker:
    """One place where defects are tracked. departments: whose defects it gets, empty: everybody's."""

    name: str
    kind: str
    departments: tuple[str, ...]
    told: Mapping[str, Any]

    @property
    def lane(self) -> str:
        """Its name in the outbox."""
        return PREFIX + self.name


def trackers(profile: Profile, only: str = "") -> tuple[Tracker, ...]:
    """Every tracker of the profile, or `only` that one. WrongUse: none, an unknown one, or a wrong key."""
    found = {name: _tracker(name, told) for name, told in profile.trackers.items()}
    if not found:
        raise WrongUse(
            f"{FILE} 里还没有缺陷系统。请加一段 [trackers.名字]，kind 是 {' | '.join(_KEYS)}，"
            "见 docs/guides/messages.md。"
            "No tracker in the profile yet: add a [trackers.NAME] table."
        )
    if only and only not in found:
        raise unknown(f"缺陷系统 tracker in {FILE} [trackers]", only, found)
    return tuple(one for name, one in found.items() if only in ("", name))


def _tracker(name: str, told: Mapping[str, Any]) -> Tracker:
    where, kind = f"trackers.{name}", str(told.get("kind", ""))
    if kind not in _KEYS:
        raise unknown(f"缺陷系统类型 {where}.kind in {FILE}", kind, _KEYS)
    for one, value in told.items():
        _check(where, one, value, _KEYS[kind])
    for needed in _NEEDED[kind]:
        if not told.get(needed):
            raise WrongUse(f"{FILE} 的 [{where}] 缺少 {needed}（is missing）。docs/guides/messages.md 里有例子。")
    if kind == "tapd" and not told.get("token_env") and not (told.get("user_env") and told.get("secret_env")):
        raise WrongUse(f"{FILE} 的 [{where}] 要写 user_env 和 secret_env，或 token_env（credentials by name）。")
    return Tracker(name, kind, tuple(told.get("departments", ())), told)


def _check(where: str, one: str, value: Any, known: Mapping[str, Any]) -> None:
    if one not in known:
        raise unknown(f"配置项 key in {FILE} [{where}]", one, known)
    if not isinstance(value, known[one]):
        raise WrongUse(f"{FILE} 里 {where}.{one} 应当是 {known[one].__name__}（must be one）。")
    if one.endswith("_env") and not NAME.fullmatch(value):
        raise WrongUse(f"{FILE} 里 {where}.{one} 应当是环境变量的名字（the NAME of an environment variable）。")
    if one in ("project", "workspace", "list", "done") and value and not _PLAIN.fullmatch(value):
        raise WrongUse(f"{FILE} 里 {where}.{one} 只能是字母、数字、_ 和 -（letters, digits, _ and -）：{value}")
    if one == "url" and urlsplit(value).scheme != "https" and urlsplit(value).hostname not in LOOPBACK:
        raise WrongUse(f"{FILE} 里 {where}.url 必须以 https:// 开头（must begin with https://）。")
    for department in value if one == "departments" else ():
        if department not in DEPARTMENTS:
            raise unknown(f"部门 {where}.departments in {FILE}", str(department), DEPARTMENTS)


def missing(tracker: Tracker) -> str:
    """Which secret of it is nowhere, as a sentence, or ""."""
    for one, name in tracker.told.items():
        value = (vault.find(name) or "").strip() if one.endswith("_env") else "-"
        if not value:
            return f"没有环境变量 {name}{vault.where(name)}（is not set）"
        if not value.isascii() or not value.isprintable():
            return f"环境变量 {name} 里有不可能的字符（a character that no key or token has）"
    return ""


def desk(tracker: Tracker, now: Callable[[], float] = time.time, sleep: Callable[[float], None] = time.sleep) -> Desk:
    """The tracker to be asked. Call only when nothing is `missing`."""
    told = tracker.told
    secret = {one: (vault.find(name) or "").strip() for one, name in told.items() if one.endswith("_env")}
    url = str(told.get("url", "")).rstrip("/")
    if tracker.kind == "jira":
        return JiraDesk(url, told["project"], str(told.get("user", "")), secret["token_env"], told)
    if tracker.kind == "trello":
        adapter = Paced(url, trellodesk.GAP, now=now, sleep=sleep)
        http = session(adapter, str(urlsplit(url or trellodesk.API).hostname))
        lists = (told["list"], str(told.get("done", "")))
        return trellodesk.TrelloDesk(adapter, http, secret["key_env"], secret["token_env"], lists)
    adapter = Paced(most=tapddesk.PER_MINUTE, now=now, sleep=sleep)
    http = session(adapter, str(urlsplit(url or tapddesk.API).hostname))
    if token := secret.get("token_env"):
        http.headers["Authorization"] = f"Bearer {token}"
    else:
        http.auth = (secret["user_env"], secret["secret_env"])
    reporter = str(told.get("reporter", ""))
    return tapddesk.TapdDesk(adapter, http, url or tapddesk.API, told["workspace"], reporter)
