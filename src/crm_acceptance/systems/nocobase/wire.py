"""A short wire to NocoBase's own HTTP API for launching and seeding: signs in once, says what went wrong."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import requests

from crm_acceptance.errors import SiteOutOfReach

LIMIT_SECONDS = 120


class Wire:
    """One person's signed-in connection to a NocoBase; never by a proxy."""

    def __init__(self, url: str, account: str, password: str) -> None:
        self.url = url
        self._http = requests.Session()
        self._http.trust_env = False
        self._http.headers["X-Authenticator"] = "basic"
        found = self.call("auth:signIn", {"account": account, "password": password})
        self._http.headers["Authorization"] = f"Bearer {found['token']}"

    def call(self, action: str, body: Any = None, **params: Any) -> Any:
        """POST /api/<action>; the answer's `data`. Parameters that are no text are sent as JSON."""
        asked = {name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items()}
        answer = self._http.post(f"{self.url}/api/{action}", json=body, params=asked, timeout=LIMIT_SECONDS)
        return self._data(action, answer)

    def get(self, action: str, **params: Any) -> Any:
        """GET /api/<action>; the answer's `data`."""
        asked = {name: value if isinstance(value, str) else json.dumps(value) for name, value in params.items()}
        return self._data(action, self._http.get(f"{self.url}/api/{action}", params=asked, timeout=LIMIT_SECONDS))

    def create(self, collection: str, values: Mapping[str, Any]) -> dict[str, Any]:
        """The new record."""
        found: dict[str, Any] = self.call(f"{collection}:create", values)
        return found

    def close(self) -> None:
        """Ends the connection."""
        self._http.close()

    def _data(self, action: str, answer: requests.Response) -> Any:
        text = answer.content and not answer.headers.get("content-type", "").startswith("application/json")
        if not answer.ok or text:
            raise SiteOutOfReach(
                f"NocoBase 拒绝了 {action}（HTTP {answer.status_code}）：{answer.text[:400]}。"
                f"NocoBase refused {action} while it was being set up."
            )
        found = answer.json() if answer.content else {}
        return found.get("data") if isinstance(found, dict) else found
