"""A reference CRM in a process of its own for the tests of it, and the people who work with it. No test lives here."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import requests

PASSWORD = "for-tests-only-1"
CONTROL_KEY = "control-for-tests"
_numbers = count(1)


def fresh(word: str) -> str:
    """A name that no other test uses."""
    return f"{word}{next(_numbers)}号{os.getpid()}"


def mobile() -> str:
    """A phone number that no other test uses."""
    return f"177{os.getpid() % 1000:03d}{next(_numbers):05d}"


class Person:
    """Somebody signed in over HTTP. A session per person, as in life."""

    def __init__(self, url: str, login: str) -> None:
        self.url, self.login, self.http = f"{url}/api/v1", login, requests.Session()
        answer = self.post("/login", {"username": login, "password": PASSWORD})
        self.http.headers["Authorization"] = f"Bearer {answer.json()['token']}"

    def get(self, path: str, **params: Any) -> requests.Response:
        return self.http.get(self.url + path, params=params, timeout=30)

    def post(self, path: str, body: Any = None, key: str = "", **more: Any) -> requests.Response:
        headers = {"Idempotency-Key": key} if key else {}
        return self.http.post(self.url + path, json=body, headers=headers, timeout=30, **more)

    def patch(self, path: str, **body: Any) -> requests.Response:
        return self.http.patch(self.url + path, json=body, timeout=30)

    def delete(self, path: str) -> requests.Response:
        return self.http.delete(self.url + path, timeout=30)

    def make(self, plural: str, **fields: Any) -> dict[str, Any]:
        """A new record; the test ends here when it is refused."""
        answer = self.post(f"/{plural}", fields)
        assert answer.status_code == 201, answer.text
        return dict(answer.json())

    def upload(self, path: str, name: str, body: bytes) -> requests.Response:
        return self.http.post(self.url + path, files={"file": (name, body)}, timeout=30)


@dataclass
class Crm:
    """A running CRM: its address, its process, whoever signed in so far, and the file of its data."""

    url: str
    process: subprocess.Popen[str]
    people: dict[str, Person] = field(default_factory=dict)
    store: str = ""

    def __getitem__(self, login: str) -> Person:
        if login not in self.people:
            self.people[login] = Person(self.url, login)
        return self.people[login]

    def control(self, method: str, path: str, body: Any = None, key: str = CONTROL_KEY) -> requests.Response:
        headers = {"X-Control-Key": key}
        return requests.request(method, f"{self.url}/__control{path}", json=body, headers=headers, timeout=30)

    @contextmanager
    def defect(self, name: str) -> Iterator[None]:
        """That defect is on inside."""
        assert self.control("PUT", f"/defects/{name}", {"on": True}).json()["on"] is True
        try:
            yield
        finally:
            self.control("PUT", f"/defects/{name}", {"on": False})


def environment() -> dict[str, str]:
    """The environment of a CRM for tests."""
    return os.environ | {"REFCRM_PASSWORD": PASSWORD, "REFCRM_CONTROL_KEY": CONTROL_KEY}


@contextmanager
def running(*arguments: str) -> Iterator[Crm]:
    """A CRM with a small seed, stopped by closing its lifeline."""
    command = [sys.executable, "-m", "crm_acceptance.refcrm", "--lifeline", "--size", "40", *arguments]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment(), text=True, encoding="utf-8"
    )
    assert process.stdin and process.stdout
    try:
        line = process.stdout.readline()
        assert line.startswith("REFCRM READY "), line
        yield Crm(line.split()[-1], process, store=process.stdout.readline().split(maxsplit=2)[-1].strip())
    finally:
        process.stdin.close()
        process.wait(20)
