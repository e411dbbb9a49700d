"""Stories of a TAPD workspace over plain HTTP (no client library serves); every page, or none."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import requests

from crm_acceptance.errors import SiteOutOfReach, WrongUse
from crm_acceptance.sources.settings import TIMEOUT, Source
from crm_acceptance.sources.stories import Story, story
from crm_acceptance.sources.trouble import answered, lost, odd

API = "https://api.tapd.cn"
DEFAULTS = {"text": "name", "criticality": "priority_label"}
"""Where a column stands unless the profile says otherwise."""
PRIORITIES = {"High": "critical", "Middle": "major", "Low": "minor", "Nice To Have": "minor",
              "高": "critical", "中": "major", "低": "minor", "无关紧要": "minor"}  # fmt: skip
PAGE = 200
PER_MINUTE = 50
"""Requests, where 60 are allowed."""
NOT_THERE = "Hello world"
"""How TAPD answers, with 200, an address that it does not know."""


def stories(source: Source, sleep: Callable[[float], None] = time.sleep) -> list[Story]:
    """Every story that the filter leaves. WrongUse: refused; SiteOutOfReach: no sensible answer."""
    try:
        return _every(source, _connected(source), sleep)
    except (KeyError, TypeError, ValueError, AttributeError) as strange:  # JSON, but not as documented
        raise odd(source.name, f"{type(strange).__name__}: {strange}") from None


def _every(source: Source, http: requests.Session, sleep: Callable[[float], None]) -> list[Story]:
    said = {str(key): str(value) for key, value in source.told.get("filter", {}).items()}
    wanted = ",".join(sorted({"id", "name", *source.fields.values()}))
    total = int(_asked(source, http, "/stories/count", said)["count"])
    found: dict[str, dict[str, Any]] = {}
    for page in range(1, -(-total // PAGE) + 1):
        if page > PER_MINUTE - 2:
            sleep(60 / PER_MINUTE)
        more = {"limit": str(PAGE), "page": str(page), "order": "id asc", "fields": wanted}
        rows = _asked(source, http, "/stories", {**said, **more})
        found |= {str(one["Story"]["id"]): one["Story"] for one in rows}
    if len(found) < total:
        raise SiteOutOfReach(
            f"{source.name} 说有 {total} 条，只给了 {len(found)} 条；什么也不改，请稍后再试。"
            "Fewer stories came than it says there are: nothing is changed."
        )
    return [story(source, _short(id), f"TAPD-{_short(id)}", one) for id, one in found.items()]


def _short(id: str) -> str:
    """The number that TAPD shows: its long id begins with 11 and the workspace."""
    return str(int(id[-9:])) if id.isdigit() else id


def _connected(source: Source) -> requests.Session:
    http = requests.Session()
    http.trust_env = not source.at_home
    token = source.secret("token_env")
    if token:
        http.headers["Authorization"] = f"Bearer {token}"
    else:
        http.auth = (source.secret("user_env"), source.secret("secret_env"))
    return http


def _asked(source: Source, http: requests.Session, path: str, said: dict[str, str]) -> Any:
    """The `data` of the answer. HTTP 200 says nothing: only status 1 is a yes."""
    asked = {"workspace_id": str(source.told["workspace"]), **said}
    try:
        answer = http.get(f"{source.url or API}{path}", params=asked, timeout=TIMEOUT)
    except requests.RequestException as error:
        raise lost(source.name, error) from None
    if answer.ok and answer.text.startswith(NOT_THERE):
        raise WrongUse(f"{source.name}：{path} 不是 TAPD 的接口，请检查 url。No such address at TAPD.")
    if not answer.ok:
        raise answered(source.name, answer.status_code, answer.text)
    try:
        body = answer.json()
    except ValueError:
        raise odd(source.name, answer.text) from None
    if not isinstance(body, dict) or body.get("status") != 1:
        code = body.get("status") if isinstance(body, dict) else None
        raise answered(source.name, code if isinstance(code, int) else 500, answer.text)
    return body["data"]
