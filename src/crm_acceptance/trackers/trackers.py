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
from crm_acceptance.profile import FILE, Profile
from crm_acceptance.settings import TAPD_EITHER, Shape, checked
from crm_acceptance.trackers import tapddesk, trellodesk
from crm_acceptance.trackers.desk import Desk, Paced, session
from crm_acceptance.trackers.jiradesk import JiraDesk

GUIDE = "docs/guides/messages.md"
_EVERY: Mapping[str, type] = {"kind": str, "departments": list, "url": str}
_JIRA: Mapping[str, type] = {
    "token_env": str, "user": str, "project": str, "issue_type": str, "close": str, "reopen": str, "fields": dict,
}  # fmt: skip
_TAPD: Mapping[str, type] = {"user_env": str, "secret_env": str, "token_env": str, "workspace": str, "reporter": str}
_TRELLO: Mapping[str, type] = {"key_env": str, "token_env": str, "list": str, "done": str}
SHAPES = {
    "jira": Shape({**_EVERY, **_JIRA}, ("url", "token_env", "project")),
    "tapd": Shape({**_EVERY, **_TAPD}, ("workspace",), TAPD_EITHER),
    "trello": Shape({**_EVERY, **_TRELLO}, ("key_env", "token_env", "list")),
}
_PLACES = ("project", "workspace", "list", "done")
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
            f"{FILE} 里还没有缺陷系统。请加一段 [trackers.名字]，kind 是 {' | '.join(SHAPES)}，"
            "见 docs/guides/messages.md。"
            "No tracker in the profile yet: add a [trackers.NAME] table."
        )
    if only and only not in found:
        raise unknown(f"缺陷系统 tracker in {FILE} [trackers]", only, found)
    return tuple(one for name, one in found.items() if only in ("", name))


def _tracker(name: str, told: Mapping[str, Any]) -> Tracker:
    where, kind = f"trackers.{name}", str(told.get("kind", ""))
    checked(where, kind, told, SHAPES, GUIDE)
    for one in _PLACES:
        if told.get(one) and not _PLAIN.fullmatch(told[one]):
            raise WrongUse(f"{FILE} 里 {where}.{one} 只能是字母、数字、_ 和 -（letters, digits, _ and -）：{told[one]}")
    return Tracker(name, kind, tuple(told.get("departments", ())), told)


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
