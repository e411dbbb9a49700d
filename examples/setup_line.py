"""One administrator's HTTP connection with which an example gives its system collections, roles, people and records."""

from __future__ import annotations

from typing import Any

import requests

from crm_acceptance.errors import SiteOutOfReach

SECONDS = 60.0


class SetupLine:
    """Sends JSON as the administrator; SiteOutOfReach with the system's words when it says anything but yes."""

    def __init__(self, url: str, token: str = "") -> None:
        self.url = url
        self._http = requests.Session()
        self._http.trust_env = False  # a company proxy is not asked for 127.0.0.1
        self.sign(token)

    def sign(self, token: str) -> None:
        """Everything from now on is sent with this bearer token."""
        if token:
            self._http.headers["Authorization"] = f"Bearer {token}"

    def post(self, path: str, body: Any) -> Any:
        """The JSON that the system answers to a POST."""
        return self.send("POST", path, body)

    def get(self, path: str) -> Any:
        """The JSON that the system answers to a GET."""
        return self.send("GET", path)

    def send(self, method: str, path: str, body: Any = None) -> Any:
        """The answer's JSON, None when it has no body."""
        answer = self._http.request(method, self.url + path, json=body, timeout=SECONDS)
        if not answer.ok:
            raise SiteOutOfReach(f"{method} {path}: HTTP {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None

    def close(self) -> None:
        """Gives the connection back."""
        self._http.close()
