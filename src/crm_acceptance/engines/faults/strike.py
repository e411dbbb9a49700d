"""Decides which fault strikes which request, and counts; the passing on is passing.py's."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from crm_acceptance.engines.faults.bodies import without
from crm_acceptance.engines.faults.faults import Fault

PROOFS = ("authorization", "cookie", "x-api-key", "x-auth-token", "x-access-token", "x-token", "token")
"""Request headers that prove who somebody is."""
Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Request:
    """One request on its way to the CRM; `path` with its query."""

    method: str
    path: str
    headers: Headers
    body: bytes = b""

    def header(self, name: str) -> str:
        """The first header of that name, lower case; "" when there is none."""
        return next((value for one, value in self.headers if one.lower() == name), "")


@dataclass(frozen=True)
class Plan:
    """What is done to one request: the request as it goes out, and what happens around it."""

    request: Request
    latency: float = 0.0
    error: bool = False
    double: bool = False
    lose: bool = False


class Striker:
    """The faults of one proxy. `tally` counts how often each really struck: one that never did has proved nothing."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self._faults = tuple(faults)
        self.tally: Counter[str] = Counter({str(fault): 0 for fault in self._faults})
        self._met: Counter[str] = Counter()
        self._seen: dict[tuple[tuple[str, str], ...], None] = {}
        self._lock = threading.Lock()
        self.struck = threading.Event()
        """Set by every strike, for whoever writes the tally down."""

    def plan(self, request: Request) -> Plan:
        """Every fault in the order in which it was asked for."""
        self._remember(request)
        plan = Plan(request)
        for fault in self._faults:
            if fault.at(request.path):
                plan = self._struck(plan, fault)
        return plan

    def hit(self, fault: str) -> None:
        """Counts one strike."""
        with self._lock:
            self.tally[fault] += 1
        self.struck.set()

    def hiding(self, path: str, body: bytes, content_type: str) -> bytes:
        """The answer's body without the fields that get lost on the way back."""
        for fault in self._faults:
            if fault.kind == "drop_answer_field" and fault.at(path):
                left = without(body, content_type, fault.value)
                if left is not None:
                    self.hit(str(fault))
                    body = left
        return body

    def hides(self, path: str) -> bool:
        """Whether answers from this path have to be read whole before they are passed on."""
        return any(fault.kind == "drop_answer_field" and fault.at(path) for fault in self._faults)

    def _struck(self, plan: Plan, fault: Fault) -> Plan:
        made: Mapping[str, object] | None = _CHANGES[fault.kind](self, plan.request, fault)
        if made is None:
            return plan
        if fault.kind != "drop_answer_field":
            self.hit(str(fault))
        return replace(plan, **made)  # type: ignore[arg-type]

    def _turn(self, fault: Fault) -> bool:
        with self._lock:
            self._met[str(fault)] += 1
            return self._met[str(fault)] % fault.every == 0

    def _remember(self, request: Request) -> None:
        proof = _proof(request.headers)
        if proof:
            with self._lock:
                self._seen.setdefault(proof)

    def _latency(self, request: Request, fault: Fault) -> Mapping[str, object] | None:
        return {"latency": float(fault.value) / 1000}

    def _error(self, request: Request, fault: Fault) -> Mapping[str, object] | None:
        return {"error": True} if self._turn(fault) else None

    def _drop_field(self, request: Request, fault: Fault) -> Mapping[str, object] | None:
        left = without(request.body, request.header("content-type"), fault.value)
        return {"request": replace(request, body=left)} if left is not None else None

    def _drop_answer_field(self, request: Request, fault: Fault) -> Mapping[str, object] | None:
        return None

    def _double(self, request: Request, fault: Fault) -> Mapping[str, object] | None:
        return {"double": True} if request.method == fault.method else None

    def _lose_answer(self, request: Request, fault: Fault) -> Mapping[str, object] | None:
        meant = request.method == fault.method if fault.method else self._turn(fault)
        return {"lose": True} if meant else None

    def _swap_token(self, request: Request, fault: Fault) -> Mapping[str, object] | None:
        """The next one of those whose credentials were seen before; nobody when nobody else was seen."""
        mine = _proof(request.headers)
        others = [one for one in self._seen if one != mine]
        if not mine or not others or not self._turn(fault):
            return None
        other = others[self._met[str(fault)] % len(others)]
        kept = tuple(pair for pair in request.headers if pair[0].lower() not in PROOFS)
        return {"request": replace(request, headers=kept + other)}

    def _strip_header(self, request: Request, fault: Fault) -> Mapping[str, object] | None:
        kept = tuple(pair for pair in request.headers if pair[0].lower() != fault.value.lower())
        return {"request": replace(request, headers=kept)} if len(kept) < len(request.headers) else None


_CHANGES = {
    "latency": Striker._latency,
    "error": Striker._error,
    "drop_field": Striker._drop_field,
    "drop_answer_field": Striker._drop_answer_field,
    "double": Striker._double,
    "lose_answer": Striker._lose_answer,
    "swap_token": Striker._swap_token,
    "strip_header": Striker._strip_header,
}


def _proof(headers: Headers) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(pair for pair in headers if pair[0].lower() in PROOFS))
