"""The hands on the floor: who does which arrival and when, as greenlets; what is done and how it went is floor.py's."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import gevent  # type: ignore[import-untyped]
from gevent import Greenlet, getcurrent

from crm_acceptance.engines.load.floor import Floor
from crm_acceptance.engines.load.work import Arrival
from crm_acceptance.systems.flow import Send

LOOK_UP = 0.25
"""Seconds after which whoever waits for a far-off time looks whether the run is over."""


class Crew:
    """As many hands as the order allows. Those that Locust brings serve first; more are hired when a stalling site
    keeps all of them busy, up to the order's `users`; what then nobody is free to begin waits in order."""

    def __init__(self, floor: Floor, send: Send) -> None:
        self._floor, self._send, self._most = floor, send, floor.order.users
        self._hub = gevent.get_hub()
        self._free: list[Greenlet] = []
        self._hired: set[Greenlet] = set()
        self._hands = 0
        self._home = False

    def start(self) -> None:
        """Once the floor is open: the plan begins."""
        plans = _plans(self._floor.queue) if self._floor.order.think else []
        if plans:
            self._floor.queue.clear()
            self._floor.ongoing = len(plans)
        for plan in plans:
            self._hire(self._live, plan)
        self._hire(self._deal)

    def close(self) -> None:
        """Sends everybody home; what is under way is broken off, and told so in its sample."""
        self._home = True
        gevent.killall([one for one in self._hired if one is not getcurrent()])

    def serve(self) -> None:
        """A pair of hands that Locust brings."""
        self._hands += 1
        self._serve(None)

    def _serve(self, given: Arrival | None) -> None:
        """Does what it is given, one after another, until the run is over."""
        floor, me = self._floor, getcurrent()
        try:
            while True:
                if given is not None:
                    floor.handed -= 1
                    floor.late(given.at)
                    floor.do(given, given.at, self._send)
                elif floor.waiting and not floor.over():
                    late = floor.waiting.popleft()
                    floor.do(late, late.at, self._send)
                if self._home:
                    return
                given = None if floor.waiting and not floor.over() else self._given(me)
        finally:
            self._hands -= 1

    def _given(self, me: Greenlet) -> Arrival | None:
        self._free.append(me)
        try:
            return self._hub.switch()  # type: ignore[no-any-return]
        except BaseException:  # killed: must not be given anything
            self._free = [one for one in self._free if one is not me]
            raise

    def _deal(self) -> None:
        """Hands out the plan at its times."""
        floor = self._floor
        while not floor.over():
            early = floor.queue[0].at - floor.now() if floor.queue else LOOK_UP
            if early > 0:
                gevent.sleep(min(early, LOOK_UP))
            elif self._free or self._hands < self._most:
                self._hand(floor.queue.popleft())
            else:
                floor.waiting.append(floor.queue.popleft())
        self._home = True
        while self._free:
            self._hub.loop.run_callback(self._free.pop().switch, None)

    def _hand(self, arrival: Arrival) -> None:
        self._floor.handed += 1
        if self._free:
            self._hub.loop.run_callback(self._free.pop().switch, arrival)
        else:
            self._hands += 1
            self._hire(self._serve, arrival)

    def _hire(self, *work: object) -> None:
        hired = gevent.spawn(*work)
        self._hired.add(hired)
        hired.rawlink(self._hired.discard)

    def _live(self, plan: deque[Arrival]) -> None:
        """One person of a closed loop: one thing after another, a pause before each."""
        floor, ended, left_out = self._floor, 0.0, -1.0
        try:
            for arrival in plan:
                intended = max(arrival.at, ended + arrival.pause)
                if arrival.until and (arrival.until == left_out or intended >= arrival.until):
                    left_out = arrival.until
                    continue
                if not self._reached(intended):
                    return
                floor.late(intended)
                floor.do(arrival, intended, self._send)
                ended = floor.now()
        finally:
            floor.ongoing -= 1

    def _reached(self, moment: float) -> bool:
        """Waits for that moment of the run; False when the run is over before."""
        floor = self._floor
        while (early := moment - floor.now()) > 0 and not floor.over():
            gevent.sleep(min(early, LOOK_UP))
        return not floor.over()


def _plans(arrivals: Iterable[Arrival]) -> list[deque[Arrival]]:
    """What each of the people does, in order."""
    found: dict[int, deque[Arrival]] = {}
    for arrival in arrivals:
        found.setdefault(arrival.hand, deque()).append(arrival)
    return list(found.values())
