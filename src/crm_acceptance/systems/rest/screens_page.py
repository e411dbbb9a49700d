"""One person's page: opening, looking until something is there or the page has come to rest. Knows no CRM's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from time import monotonic
from typing import Any
from weakref import WeakKeyDictionary

from playwright.sync_api import Dialog, Download, ElementHandle, Error, Page, Request, Response
from playwright.sync_api import TimeoutError as TooLate

from crm_acceptance.errors import SiteOutOfReach

POLL_MS = 100
REST = 0.8
"""Seconds without a request and without a change after which a page counts as being at rest."""
PATIENT_REST = 3.0
"""The same before something that is needed is said to be missing: pages that draw late look at rest meanwhile."""
LONG_POLL = 10.0
"""Seconds after which a request that is still open is taken for a channel that never ends."""
_SILENT = frozenset(("websocket", "eventsource", "ping", "media", "image", "font"))
_PARTS = ("screens_look.js", "screens_read.js")


@cache
def _library() -> str:
    room = files("crm_acceptance.systems.rest")
    return "\n".join(room.joinpath(name).read_text(encoding="utf-8") for name in _PARTS)


def script(call: str) -> str:
    """A JavaScript function of one argument `a`, with everything of screens_look.js and screens_read.js at hand."""
    return f"a => {{ {_library()}\nreturn {call}; }}"


@dataclass
class Traffic:
    """What the page asks its server: what is under way, and what was answered since the last `fresh`."""

    open: dict[Request, float] = field(default_factory=dict)
    answers: list[tuple[str, int, str]] = field(default_factory=list)
    refusals: list[Response] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)
    files: list[Download] = field(default_factory=list)
    size: str = ""
    since: float = 0.0

    def watch(self, page: Page) -> None:
        """Listens to the page for as long as it lives."""
        page.on("request", self._asked)
        page.on("requestfinished", self._done)
        page.on("requestfailed", self._done)
        page.on("response", self._answered)
        page.on("dialog", self._spoken)
        page.on("download", self._arrived)

    def fresh(self) -> None:
        """Forgets what was answered, and starts waiting for rest anew."""
        self.answers.clear()
        self.refusals.clear()
        self.dialogs.clear()
        self.files.clear()
        self.size, self.since = "", monotonic()

    def resting(self, size: str, rest: float) -> bool:
        """Whether nothing is under way and the page has not changed for `rest` seconds."""
        now = monotonic()
        if size != self.size or any(now - began < LONG_POLL for began in self.open.values()):
            self.size, self.since = size, now
        return now - self.since >= rest

    def words(self, url: str) -> str:
        """What the server said when it refused that address, cut short; "" when the browser no longer knows."""
        with suppress(Error):
            return next((one.text()[:300] for one in self.refusals if one.url == url), "")
        return ""

    def _asked(self, request: Request) -> None:
        if request.resource_type not in _SILENT:
            self.open[request] = monotonic()

    def _done(self, request: Request) -> None:
        if self.open.pop(request, None) is not None:
            self.since = monotonic()

    def _answered(self, response: Response) -> None:
        kind = response.request.resource_type
        if kind in ("xhr", "fetch", "document"):
            self.answers.append((response.request.method, response.status, response.url))
            if response.status >= 400:
                self.refusals.append(response)

    def _arrived(self, file: Download) -> None:
        self.files.append(file)

    def _spoken(self, dialog: Dialog) -> None:
        """Questions that the browser itself asks: yes, as a person who means it."""
        if dialog.type != "beforeunload":
            self.dialogs.append(dialog.message)
        dialog.accept()


_TRAFFIC: WeakKeyDictionary[Page, Traffic] = WeakKeyDictionary()


def traffic(page: Page) -> Traffic:
    """The page's traffic, listened to from the first time that somebody asks for it."""
    if page not in _TRAFFIC:
        _TRAFFIC[page] = Traffic()
        _TRAFFIC[page].watch(page)
    return _TRAFFIC[page]


@dataclass(frozen=True)
class Glass:
    """A page looked at with patience (seconds); `quiet` are the seconds without a change that count as rest."""

    page: Page
    patience: float
    quiet: float = REST

    @property
    def traffic(self) -> Traffic:
        """What the page asks its server."""
        return traffic(self.page)

    def goto(self, url: str) -> int:
        """Opens an address from scratch; the HTTP status of the document, 200 where there is none."""
        self.page.set_default_timeout(self.patience * 1000)
        if "#" in url and self.page.url.split("#")[0] == url.split("#")[0]:
            self.page.goto("about:blank")  # else only the part behind # changes and what was open before stays
        self.traffic.fresh()
        answer = self.page.goto(url, wait_until="domcontentloaded", timeout=self.patience * 1000)
        self.traffic.since = monotonic()
        return answer.status if answer is not None else 200

    def look(self, call: str, *values: Any) -> Any:
        """What a function of the library says right now. A page that is just being replaced is asked again."""
        ends = monotonic() + self.patience
        while True:
            try:
                return self.page.evaluate(script(call), list(values))
            except Error as error:
                if not _replaced(error) or monotonic() > ends:
                    raise
                self.page.wait_for_load_state("domcontentloaded")

    def thing(self, call: str, *values: Any) -> ElementHandle | None:
        """The element that a function of the library finds right now."""
        ends = monotonic() + self.patience
        while True:
            try:
                return self.page.evaluate_handle(script(call), list(values)).as_element()
            except Error as error:
                if not _replaced(error) or monotonic() > ends:
                    raise
                self.page.wait_for_load_state("domcontentloaded")

    def until(self, call: str, *values: Any) -> Any:
        """What the function says as soon as it says something; None when the page is at rest and still says nothing."""
        for _ in self.waiting(max(PATIENT_REST, self.quiet)):
            if found := self.look(call, *values):
                return found
        return None

    def seek(self, call: str, *values: Any) -> ElementHandle | None:
        """The element as soon as it is there; None when the page is at rest without it."""
        for _ in self.waiting(max(PATIENT_REST, self.quiet)):
            if found := self.thing(call, *values):
                return found
        return None

    def waiting(self, rest: float | None = None) -> Iterator[Mapping[str, Any]]:
        """The page's state, again and again, until it has come to rest: then for the last time.

        SiteOutOfReach when it does not come to rest within the patience.
        """
        ends = monotonic() + self.patience
        while True:
            state: Mapping[str, Any] = self.look("state()")
            resting = (
                state["ready"]
                and not state["busy"]
                and self.traffic.resting(f"{state['url']} {state['size']}", rest or self.quiet)
            )
            yield state
            if resting:
                return
            if monotonic() > ends:
                raise SiteOutOfReach(
                    f"{self.page.url} 在 {self.patience:.0f} 秒内没有安定下来。The page did not come to rest in time: "
                    "[screens] patience."
                )
            self._breathe()

    def rest(self) -> Mapping[str, Any]:
        """The page's state once it is at rest."""
        self.traffic.since = monotonic()
        *_, last = self.waiting()
        return last

    def _breathe(self) -> None:
        """One look later: Playwright hands out what has happened meanwhile."""
        self.page.wait_for_timeout(POLL_MS)


def _replaced(error: Error) -> bool:
    return "context was destroyed" in error.message or "navigat" in error.message or "detached" in error.message


@contextmanager
def sentences(page: Page, site: str, patience: float) -> Iterator[None]:
    """Turns Playwright's own failures, whatever was being done, into one sentence without its call log."""
    try:
        yield
    except TooLate as late:
        words = f"{page.url} 在 {patience:.0f} 秒内没有做到该做的事。Not in time: {_first(late)}"
        raise SiteOutOfReach(words) from late
    except Error as error:
        words = f"{site} 打不开或中途断开，请检查站点地址和网络。Out of reach: {_first(error)}"
        raise SiteOutOfReach(words) from error


def _first(error: Error) -> str:
    return error.message.splitlines()[0]
