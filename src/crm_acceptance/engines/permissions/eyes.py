"""People at a site without an API: each has a browser window, and every page that came is kept for the oracle."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus, urlsplit

from crm_acceptance.actors import ScreensDoor
from crm_acceptance.engines.browser import body_of, opened
from crm_acceptance.engines.permissions.voices import Exchange, Heard
from crm_acceptance.engines.permissions.wording import deed, who
from crm_acceptance.errors import Refused, Unproven, Unsupported
from crm_acceptance.model import Action, Outcome, Person
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import Answer, Call

READ_BY_PEOPLE = ("document", "xhr", "fetch")
"""Kinds of answers in which values can stand; scripts, styles and pictures are the same for everybody."""


class Eyes:
    """One window per person, opened when first needed and kept. `door` gives each person theirs."""

    def __init__(self, door: Callable[[Person], ScreensDoor]) -> None:
        self._door = door
        self._doors: dict[str, ScreensDoor] = {}
        self._mute: dict[str, str] = {}

    def hear(self, person: Person, action: Action) -> Heard:
        """Does the action by hand. Refusals are part of what is heard; Unsupported and outages are raised."""
        door = self._opened(person)
        return self._watched(person, action, lambda _: door.do(action))

    def watch(self, person: Person, action: Action, visit: Callable[[Any], object]) -> Heard:
        """What `visit` shows, which is given the person's page; `action` is what it is called."""

        def visited(page: Any) -> None:
            visit(page)

        return self._watched(person, action, visited)

    def page(self, person: Person) -> Any:
        """The person's window, signed in."""
        return self._opened(person).page()

    def after_leaving(self, person: Person, action: Action) -> Heard:
        """What stands at the window's address once its person has signed out and a thief has put the cookies back."""
        door, page = self._opened(person), self.page(person)
        where, cookies = page.url, page.context.cookies()
        try:
            door.log_out()
            page.context.add_cookies(cookies)
            return self.watch(person, action, lambda again: opened(again, where))
        finally:
            door.close()

    def _watched(self, person: Person, action: Action, do: Callable[[Any], Outcome]) -> Heard:
        page, kept = self.page(person), list[Any]()
        keep = _keeper(kept)
        page.on("response", keep)
        try:
            outcome = do(page)
        except Refused as no:
            if no.kind == "throttled":
                raise Unproven(f"站点限流，“{deed(action)}”没有做成：{no}。Throttled: nothing is known.") from no
            return Heard(action, None, no, _exchanges(kept, page))
        finally:
            page.remove_listener("response", keep)
        return Heard(action, outcome, None, _exchanges(kept, page))

    def session(self, person: Person) -> Session:
        """A window is no session that one could send requests with."""
        raise Unsupported(f"没有接口，不能以{who(person)}的身份发请求。Without an API there is nothing to send with.")

    fresh_session = session

    def _opened(self, person: Person) -> ScreensDoor:
        """Unproven when the site does not let this person in: their cells prove nothing, others go on."""
        if person.key in self._mute:
            raise Unproven(self._mute[person.key])
        if person.key not in self._doors:
            door = self._door(person)
            try:
                door.page()
            except Refused as no:
                reason = f"{who(person)}登录失败：{no}。This person cannot log in, so the role is unproven."
                self._mute[person.key] = reason
                raise Unproven(reason) from no
            self._doors[person.key] = door
        return self._doors[person.key]


def _keeper(kept: list[Any]) -> Callable[[Any], None]:
    def keep(response: Any) -> None:
        if response.request.resource_type in READ_BY_PEOPLE:
            kept.append(response)

    return keep


def _exchanges(kept: list[Any], page: Any) -> tuple[Exchange, ...]:
    """Bodies are fetched afterwards: a listener must not wait. What the person sees at the end counts, too."""
    seen = Answer(200, {}, page.content().encode(), unquote_plus(page.url))
    return (*(_exchange(response) for response in kept), (Call("GET", unquote_plus(page.url)), seen))


def _exchange(response: Any) -> Exchange:
    request = response.request
    asked = urlsplit(request.url)
    sent = unquote_plus(request.post_data_buffer.decode("utf-8", "replace")) if request.post_data_buffer else ""
    path = unquote_plus(asked.path + (f"?{asked.query}" if asked.query else ""))
    call = Call(request.method, path, form={"": sent} if sent else None)
    return call, Answer(response.status, {}, body_of(response), unquote_plus(response.url))
