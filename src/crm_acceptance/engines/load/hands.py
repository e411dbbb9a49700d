"""What a pair of hands does with one Call: manners before the clock starts, none after, since they would be measured.

Sends by wire.py; plain pages that need no login go out as bytes that were made once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from crm_acceptance.engines.load import pages, quotas
from crm_acceptance.engines.load.expecting import Answers
from crm_acceptance.engines.load.safety import UNKNOWN, Limits, stop_reason
from crm_acceptance.engines.load.wire import Request, Wire, headers_of
from crm_acceptance.errors import Refused, Unproven
from crm_acceptance.manners import pace
from crm_acceptance.sending import counted, patiently
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import Answer, Call

SAVED = 2.0
"""Seconds: people come irregularly, and a peak within its allowance on the whole is not held back for two who come
together."""
HELD = 0.05
"""Seconds that a request may wait for our own allowance before its time says nothing about the CRM."""


class Hands:
    """`measuring` says whether the clock runs; `spoilt` ends a run that can say nothing any more."""

    def __init__(
        self,
        wire: Wire,
        sleep: Callable[[float], object],
        measuring: Callable[[], bool],
        spoilt: Callable[[str], Unproven],
        limits: Limits = UNKNOWN,
        answers: Answers | None = None,
    ) -> None:
        self._limits = limits
        self._answers = answers or Answers()
        self._wire, self._sleep, self._measuring, self._spoilt = wire, sleep, measuring, spoilt
        allowance = pace.told()
        self._limited = allowance is not None and allowance.limited
        self._ready: dict[str, Request] = {}

    def send(self, call: Call) -> Answer:
        """One Call; before the clock starts with patience, then without: who is held back measures no CRM."""
        if not self._measuring():
            return patiently(lambda: self.once(call), lambda given: (given.status, given.headers), self._sleep)
        self._allowed()
        answer = self._wire.send(call)
        self._heed(answer.status, answer.headers)
        return answer

    def once(self, call: Call) -> Answer:
        """One request, whatever it brings."""
        counted(self._sleep)
        return self._wire.send(call)

    def glance(self, verb: str) -> str:
        """Opens a page that needs no login; what is wrong with its answer, "" when nothing is."""
        request = self._ready.get(verb) or self._prepared(verb)
        if self._limited:
            self._allowed()
        if self._answers.wanted(verb):
            return self._read(verb, request)
        status, head = self._wire.look(request)
        if status < 300 and not quotas.hinted(head):
            return ""
        headers = headers_of(head)
        self._heed(status, headers)
        return self._fault(verb, status, headers, b"")

    def _read(self, verb: str, request: Request) -> str:
        """The same with a body that somebody wants."""
        answer = self._wire.read(request)
        self._heed(answer.status, answer.headers)
        return self._fault(verb, answer.status, answer.headers, answer.body)

    def _fault(self, verb: str, status: int, headers: Mapping[str, str], body: bytes) -> str:
        try:
            pages.accept(self._answers, verb, status, headers.get("location", "?"), body)
        except Refused as no:
            return f"Refused: {no}"[:200]
        return ""

    def _prepared(self, verb: str) -> Request:
        flow = pages.OPEN.flow(Session(pages.NOBODY), pages.visit(verb))
        return self._ready.setdefault(verb, self._wire.prepared(next(flow)))

    def _allowed(self) -> None:
        held = counted(self._sleep, SAVED) if self._limited else 0.0
        if held > HELD:
            raise self._spoilt(f"[site] rate 太小，压力被自己拦住了 {held:.2f} 秒。Our own rate held the load back.")

    def _heed(self, status: int, headers: Mapping[str, str]) -> None:
        """The site may say that it has had enough, or that little is left for others."""
        if status < 300 and headers.keys().isdisjoint(quotas.NAMES):
            return  # nearly every answer: not worth another look
        if said := stop_reason(status, headers, self._limits):
            raise self._spoilt(said)
