"""A Tryton session of our own over JSON-RPC, for seeding and launching; scenarios go through adapter.py instead."""

from __future__ import annotations

import base64
from typing import Any

import requests

from crm_acceptance.errors import SiteOutOfReach
from crm_acceptance.systems.tryton.codec import decode, encode

DATABASE = "crm"
RPC = f"/{DATABASE}/rpc/"


def authorization(login: str, user_id: int, token: str) -> str:
    """The header value that carries a session outside the cookie jar (the cookie is Secure, plain HTTP drops it)."""
    return "Session " + base64.b64encode(f"{login}:{user_id}:{token}".encode()).decode("ascii")


class Wire:
    """One login at one running Tryton. `call` raises SiteOutOfReach with Tryton's own words when it is refused."""

    def __init__(self, url: str, login: str, password: str) -> None:
        self.url = url
        self.context: dict[str, Any] = {"language": "en"}
        self._http = requests.Session()
        self._http.trust_env = False
        user_id, token, _ = self._post("common.db.login", [login, {"password": password}, "en"])
        self._http.headers["Authorization"] = authorization(login, user_id, token)
        self.context |= self.call("model.res.user.get_preferences", True)

    def call(self, method: str, *args: Any, **context: Any) -> Any:
        """What the method returns, decoded. `context` adds to the person's own."""
        return self._post(method, [*args, self.context | context])

    def create(self, model: str, *rows: dict[str, Any], **context: Any) -> list[int]:
        """The ids of the new records, in order."""
        ids: list[int] = self.call(f"model.{model}.create", list(rows), **context)
        return ids

    def search(self, model: str, domain: list[Any]) -> list[int]:
        """The ids that fit `domain`, in the model's own order."""
        ids: list[int] = self.call(f"model.{model}.search", domain, 0, None, None)
        return ids

    def one(self, model: str, domain: list[Any]) -> int:
        """The first id that fits; SiteOutOfReach when there is none (the modules are not the pinned ones)."""
        ids = self.search(model, domain)
        if not ids:
            raise SiteOutOfReach(f"Tryton 里没有 {model} {domain}。Not found: is this the pinned Tryton 8.0?")
        return ids[0]

    def close(self) -> None:
        """Gives the sockets back."""
        self._http.close()

    def _post(self, method: str, params: list[Any]) -> Any:
        body = {"id": 0, "method": method, "params": encode(params)}
        answer = self._http.post(self.url + RPC, json=body, timeout=300)
        said = answer.json() if answer.ok else {"error": [answer.status_code, answer.reason]}
        if "error" in said:
            raise SiteOutOfReach(f"Tryton 拒绝了 {method}：{said['error']}。Tryton refused this set-up call.")
        return decode(said["result"])
