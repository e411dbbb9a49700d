"""Pressing what changes something, and telling from the page whether it worked or was refused."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import ElementHandle

from crm_acceptance.errors import Refused, SiteOutOfReach
from crm_acceptance.systems.rest.screens_desk import STATUS, Desk
from crm_acceptance.systems.rest.screens_shape import Names

WRITING = ("POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class After:
    """What a press led to: the address, and whether the page said that it worked."""

    url: str
    praised: bool


def press(desk: Desk, control: ElementHandle, *, may_vanish: bool = False) -> After:
    """Presses the control and waits for the page to come to rest. Refused when the page, the browser or the server
    says no."""
    return carried_out(desk, control.click, may_vanish=may_vanish)


def carried_out(desk: Desk, do: Callable[[], Any], *, may_vanish: bool = False) -> After:
    """Does something and judges what the page says then; messages that were there before do not count.

    `may_vanish`: the record may be out of the person's sight afterwards (given away), which is then no refusal.
    """
    before = {message["text"] for message in desk.glass.look("messages()")}
    at = desk.glass.page.url
    desk.glass.traffic.fresh()
    do()
    praised = False
    state: Mapping[str, Any] = {}
    for state in desk.glass.waiting():
        if not (may_vanish and _vanished(desk)):
            _judge_messages(desk, state, before)
        praised = praised or any(desk.is_good(one) for one in state["messages"] if one["text"] not in before)
    if not (may_vanish and _vanished(desk)):
        _judge_answers(desk, state)
    if desk.at_login():
        raise Refused("expired", "登录已失效，页面回到了登录页。The session is over: the login page is shown.")
    _judge_browser(desk, at, praised)
    return After(state["url"], praised)


def _vanished(desk: Desk) -> bool:
    """Whether what was sent was taken, and only the page after it is refused."""
    answers = desk.glass.traffic.answers
    taken = [n for n, (method, status, _) in enumerate(answers) if method in WRITING and status < 400]
    return bool(taken) and any(method == "GET" and status in (403, 404) for method, status, _ in answers[taken[-1] :])


def _judge_messages(desk: Desk, state: Mapping[str, Any], before: set[str]) -> None:
    """Refused with all that the page complains of: "not saved" often stands beside the message that says why."""
    said = [(desk.kind_of(one), one["text"]) for one in state["messages"] if one["text"] not in before]
    bad = [(kind, words) for kind, words in said if kind]
    if bad and state["ready"]:
        raise Refused(next((kind for kind, _ in bad if kind != "invalid"), "invalid"), "; ".join(w for _, w in bad))


def _judge_answers(desk: Desk, state: Mapping[str, Any]) -> None:
    """A refusal that the server gave and the page kept to itself."""
    said = "; ".join(message["text"] for message in state["messages"])
    for method, status, url in desk.glass.traffic.answers:
        if status >= 500 and (method in WRITING or url == state["url"]):
            raise SiteOutOfReach(f"{url} 应答 HTTP {status}：系统内部出错。The CRM broke down. {said}")
        if status >= 400 and (method in WRITING or url == state["url"]):
            words = desk.glass.traffic.words(url)
            kind = STATUS.get(status) or desk.kind_of({"text": words, "mood": "bad", "code": ""}) or "invalid"
            raise Refused(kind, said or f"HTTP {status} {url} {words}", status)


def _judge_browser(desk: Desk, at: str, praised: bool) -> None:
    """What the browser itself would not send, and a form that came back as it was."""
    answers = desk.glass.traffic.answers
    if praised or desk.glass.page.url != at or any(method in WRITING for method, _, _ in answers):
        return
    if wrong := desk.glass.look("invalid()"):
        raise Refused("invalid", wrong)


def came_back(desk: Desk, save: Names) -> bool:
    """Whether the server answered what was sent with a page that still has the button: the form, shown again."""
    posted = [a for a in desk.glass.traffic.answers if a[0] == "POST" and a[1] == 200 and a[2] == desk.glass.page.url]
    return bool(posted and desk.glass.look("!!pressable(a[0], false)", save))


def judge_unsent(desk: Desk, save: Names, at: str, after: After) -> None:
    """A form that stays open, with nothing sent and nothing said: refused for what it complains of."""
    sent = any(method in WRITING for method, _, _ in desk.glass.traffic.answers)
    if sent or after.praised or after.url != at or not desk.glass.look("!!pressable(a[0], false)", save):
        return
    said = "; ".join(desk.glass.look("complaints()"))
    if said:
        raise Refused("invalid", said)
    raise SiteOutOfReach(
        f"{at} 按下“{save[0]}”后什么也没有发生：没有请求，没有提示。Pressing {save[-1]} sent nothing and said nothing."
    )
