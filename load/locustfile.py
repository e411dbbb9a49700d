"""What people do at the peak, under Locust's own clients: `locust -f load/locustfile.py --host http://...` works too.

The schedule, the verbs and the figures are crm_acceptance.engines.load; only this file knows Locust.
"""

from __future__ import annotations

import os
import time
import zlib
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import gevent
from gevent.ssl import create_default_context
from geventhttpclient.response import HTTPConnectionClosed, HTTPParseError
from locust import FastHttpUser, constant, events, task
from locust.contrib.fasthttp import FastResponse
from locust.env import Environment
from locust.exception import StopUser
from urllib3.filepost import encode_multipart_formdata

from crm_acceptance import catalogue, profile, sites
from crm_acceptance.engines.load import peaks
from crm_acceptance.engines.load.floor import Floor
from crm_acceptance.engines.load.generator import DRAINING
from crm_acceptance.engines.load.orders import VARIABLE, Order, read_order, write_measured
from crm_acceptance.engines.load.pages import door_of
from crm_acceptance.engines.load.schedule import arrivals
from crm_acceptance.errors import SiteOutOfReach
from crm_acceptance.manners import pauses
from crm_acceptance.model import Site
from crm_acceptance.sending import NO_COOKIES, counted, patiently
from crm_acceptance.systems import find
from crm_acceptance.systems.flow import Answer, Call

PIECE, BIGGEST = 2**16, 32 * 2**20
"""Bytes read at once, and of one answer at most."""
HELD = 0.05
"""Seconds that a request may wait for our own allowance before its time says nothing about the CRM."""


def order_of(environment: Environment) -> Order:
    """The order that the harness wrote; without one, the first peak of the workspace that this file lies in."""
    if VARIABLE in os.environ:
        return read_order(Path(os.environ[VARIABLE]))
    asked = profile.load(Path(__file__).resolve().parent.parent)
    known = catalogue.load(asked)
    people = tuple(known.people.values())
    peak = peaks.load(asked.workspace / asked.peaks, people, known.requirements)[0]
    asked = profile.at_site(asked, environment.host or asked.url)
    sites.guard(asked)
    site = sites.described(Site(asked.system, asked.url), asked)
    return Order(site, people, arrivals(peak), peak.users, peak.timeout, peak.ramp + peak.plateau + DRAINING, "")


def password(key: str) -> str:
    """Passwords come from the environment only."""
    shared = os.environ.get("CRM_ACCEPTANCE_PASSWORD", "")
    return os.environ.get(f"CRM_ACCEPTANCE_PASSWORD_{key.upper()}", shared)


def trusting(ca: str, **given: Any) -> Any:
    """A TLS context for the site's own certificate, else for those of the usual authorities."""
    return create_default_context(**given | ({"cafile": ca} if ca else {}))


@events.test_start.add_listener
def open_floor(environment: Environment, **_: Any) -> None:
    """One floor per run; everybody works on it."""
    order = order_of(environment)
    Employee.connection_timeout = Employee.network_timeout = order.timeout
    Employee.ssl_context_factory = partial(trusting, order.site.ca)
    mapping = Path(order.site.mapping) if order.site.mapping else None
    system = find(order.site.system, mapping) if order.site.system else None
    quotes = system is not None and system.supports("order", "quote")
    environment.floor = Floor(order, door_of(system, order.site), password, time.monotonic, gevent.sleep, quotes)
    environment.began = (time.monotonic(), time.process_time())
    gevent.spawn(_go_home, environment)


def _go_home(environment: Environment) -> None:
    """Ends the run when the last piece of work is done; asked now and then, because nobody knows who will be last."""
    while not environment.floor.finished():
        environment.floor.beat()
    environment.runner.quit()


@events.test_stop.add_listener
def close_floor(environment: Environment, **_: Any) -> None:
    """Leaves the results where the order wants them."""
    floor: Floor = environment.floor
    clock, cpu = environment.began
    measured = floor.measured(time.process_time() - cpu, time.monotonic() - clock)
    if floor.order.results:
        write_measured(Path(floor.order.results), measured)


def written(call: Call) -> tuple[dict[str, str], bytes | str | None]:
    """Headers and body of a Call, forms and files written out; JSON is left to the client."""
    headers, form = dict(call.headers), dict(call.form or {})
    if call.files:
        body, kind = encode_multipart_formdata({**form, **call.files})
        return {**headers, "Content-Type": kind}, body
    if call.form is not None:
        return {"Content-Type": "application/x-www-form-urlencoded", **headers}, urlencode(form)
    return headers, call.body


def merged(headers: Any) -> list[tuple[str, str]]:
    """Header lines of one name as one line, as requests has them: several Set-Cookie lines are all kept."""
    return list(headers.itermerged()) if hasattr(headers, "itermerged") else list((headers or {}).items())


class Body:
    """An answer whose body has been read: hands it out, and is the answer in everything else."""

    def __init__(self, answer: Any, body: bytes) -> None:
        self._answer, self._body = answer, body

    def read(self) -> bytes:
        """The whole body, as it came."""
        return self._body

    def __getattr__(self, name: str) -> Any:
        return getattr(self._answer, name)


class Bounded(FastResponse):
    """An answer of which no more is read than a CRM's may have: whoever sends gigabytes does not use up our memory."""

    def _content(self) -> bytes | None:
        if self.headers is None:
            return None
        pieces, size = [], 0
        while piece := self._response.read(PIECE):
            pieces.append(piece)
            size += len(piece)
            if size > BIGGEST:
                raise Unreadable(f"应答超过 {BIGGEST // 2**20} MB（too big an answer）")
        self._response = Body(self._response, b"".join(pieces))
        content: bytes = super()._content()
        return content


class Unreadable(ConnectionError):
    """An answer that is too big or has no end."""


UNREADABLE = (OSError, HTTPParseError, HTTPConnectionClosed, zlib.error)
"""What reading a body may come to."""


class Employee(FastHttpUser):
    """A pair of hands: takes the next arrival, whoever's it is, and does it at its time."""

    wait_time = constant(0)
    insecure = False  # Locust's own default never looks at a certificate

    def on_start(self) -> None:
        """The first one opens the floor, the others wait. Hands that work for many keep no cookies."""
        self.client.cookiejar.set_policy(NO_COOKIES)
        self.client.client.response_type = Bounded
        self.floor.open(self.send)

    @property
    def floor(self) -> Floor:
        """The floor of this run."""
        return self.environment.floor  # type: ignore[no-any-return]

    @task
    def next_arrival(self) -> None:
        """One arrival; when nothing is left to begin, these hands go home."""
        if self.floor.over():
            raise StopUser
        self.floor.work(self.send)

    def send(self, call: Call) -> Answer:
        """One Call; before the clock starts with patience, then without: who is held back measures no CRM."""
        if not self.floor.measuring:
            return patiently(lambda: self.once(call), lambda given: (given.status, given.headers), gevent.sleep)
        held, answer = counted(gevent.sleep), self.once(call, counting=False)
        if held > HELD:
            raise self.floor.spoilt(
                f"[site] rate 太小，压力被自己拦住了 {held:.2f} 秒。Our own rate held the load back."
            )
        if pauses.pause(answer.status, answer.headers, 0) is not None:
            raise self.floor.spoilt(f"站点限流（HTTP {answer.status}），测到的不是 CRM。The site throttles us.")
        return answer

    def once(self, call: Call, counting: bool = True) -> Answer:
        """One request under Locust's client, counted by Locust under its verb."""
        if counting:
            counted(gevent.sleep)
        # The client's own patience begins anew with every byte: an answer that drips would never end.
        whole = self.network_timeout * 1.1 + 0.5
        with gevent.Timeout(whole, SiteOutOfReach(f"应答没有完 {call.method} {call.path}：{whole:.1f} 秒。No end.")):
            return self._once(call)

    def _once(self, call: Call) -> Answer:
        headers, body = written(call)
        with self.client.request(
            *(call.method, call.path),
            name=call.verb or call.path, params=dict(call.params) or None, headers=headers,
            json=call.json, data=body, catch_response=True, allow_redirects=False,
        ) as reply:  # fmt: skip
            if not reply.status_code:
                reply.failure(str(reply.error))
                raise SiteOutOfReach(f"连不上或没有应答 {call.method} {call.path}：{reply.error!r}。No answer.")
            broken = reply.request_meta["exception"]
            if isinstance(broken, UNREADABLE):
                raise SiteOutOfReach(f"应答不完整 {call.method} {call.path}：{broken}。A broken answer.")
            reply.success() if reply.status_code < 400 else reply.failure(f"HTTP {reply.status_code}")
            lower = {str(name).lower(): str(value) for name, value in merged(reply.headers)}
            return Answer(reply.status_code, lower, reply.content or b"", reply.url or call.path)
