"""One person's desk: a page, the CRM's own words for what is on it, and what a page that lacks something means."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any
from urllib.parse import quote

from playwright.sync_api import ElementHandle

from crm_acceptance.errors import REFUSALS, AcceptanceError, Refused, SiteOutOfReach, Unsupported
from crm_acceptance.model import Site
from crm_acceptance.systems.rest import canonical
from crm_acceptance.systems.rest.screens_page import Glass, script
from crm_acceptance.systems.rest.screens_shape import FieldScreen, Names, ObjectScreen, ScreensSpec

STATUS = {401: "expired", 403: "denied", 404: "missing", 409: "conflict", 429: "throttled"}
ALIKE = 0.45
"""From this likeness on (0 to 1) a name on the page is suggested for one that is not there."""


@dataclass(frozen=True)
class Desk:
    """A page with the words of one CRM. `titles` remembers what records are called: (object, id) -> title."""

    glass: Glass
    spec: ScreensSpec
    site: Site
    titles: dict[tuple[str, str], str] = field(default_factory=dict)

    def address(self, path: str) -> str:
        """A path as an address, below the prefix, wherever the screens are."""
        return (self.spec.url or self.site.url) + self.spec.prefix + path

    def open(self, path: str) -> None:
        """Opens a page from scratch. Refused or SiteOutOfReach as its HTTP status says."""
        self.judge_status(self.glass.goto(self.address(path)), path)

    def judge_status(self, status: int, what: str) -> None:
        """Refused for a 4xx, SiteOutOfReach for a 5xx."""
        if status >= 500:
            raise SiteOutOfReach(f"{what} 应答 HTTP {status}：系统内部出错。The CRM broke down.")
        if status >= 400:
            said = next((m["text"] for m in self.glass.look("messages()")), f"HTTP {status}")
            raise Refused(STATUS.get(status, "invalid"), f"{what}: {said}", status)

    def object(self, name: str) -> ObjectScreen:
        """The pages of an object; Unsupported names the table that would give them."""
        if name not in self.spec.objects:
            raise Unsupported(
                f"{self.spec.file.name} 没有 [screens.objects.{name}]：界面上的 {name} 没有描述。"
                f"There is no [screens.objects.{name}]."
            )
        return self.spec.objects[name]

    def field(self, object: str, name: str) -> FieldScreen:
        """A field of an object; Unsupported names the line that would give it."""
        known = self.object(object).fields
        if name not in known:
            raise Unsupported(
                f'{self.spec.file.name} [screens.objects.{object}.fields] 没有 {name} = "页面上的名称"。'
                f"The field {name} has no label there; it has: {', '.join(known)}."
            )
        return known[name]

    def word(self, object: str, name: str) -> tuple[Names, str]:
        """The names of a control that is on many pages, and the place in the mapping that says so."""
        own = self.spec.objects[object].words if object in self.spec.objects else {}
        if name in own:
            return own[name], f"screens.objects.{object}.words.{name}"
        return self.spec.words[name], f"screens.words.{name}"

    def press(self, names: Names, where: str, *, in_front: bool = False) -> None:
        """Presses the thing of that name once it is there."""
        self.thing(names, where, in_front=in_front).click()

    def thing(self, names: Names, where: str, *, in_front: bool = False) -> ElementHandle:
        """The thing to press of that name. Absent: as `absent` says. Idle: Refused("conflict")."""
        found = self.glass.seek("pressable(a[0], a[1])", names, in_front)
        if found is None:
            raise self.absent("按钮或链接 button", names, where, ("buttons", "links", "texts"), gone=self.spec.absent)
        if found.evaluate(script("idle(a)")):
            raise Refused("conflict", f"“{names[0]}”现在点不了。{names[-1]} cannot be pressed in this state.")
        return found

    def chain(self, chain: Iterable[Names], where: str) -> None:
        """Presses names one after the other; one whose successor is to be seen already is left as it is."""
        steps = [*chain]
        for step, following in zip(steps, [*steps[1:], None], strict=False):
            if following is None or not self.glass.look("!!pressable(a[0], false)", following):
                self.press(step, where)

    def absent(
        self, what: str, names: Names, where: str, kinds: Iterable[str], gone: str = "unsupported"
    ) -> AcceptanceError:
        """What it means that something is not on a page at rest: a refusal that the page states, the end of the
        session, or a label that is called otherwise now, with the nearest name that is there."""
        refusal = self.refusal()
        if refusal and not (refusal.kind == "expired" and where.startswith("screens.login")):
            return refusal
        there: Mapping[str, list[str]] = self.glass.look("there()")
        seen = [*dict.fromkeys(name for kind in kinds for name in there[kind])]
        near = nearest(names, seen)
        if gone == "denied" and not near:
            return Refused("denied", f"页面上没有“{names[0]}”。{names[-1]} is not offered on {self.glass.page.url}.")
        hint = f"最接近的是“{near}”，改名了吗？nearest: {near}. " if near else ""
        return Unsupported(
            f"{self.spec.lines.at(where)}: 页面上没有{what}“{' / '.join(names)}”。{hint}"
            f"{self.glass.page.url} 上有 there are: {'、'.join(seen[:25]) or '(nothing)'}。"
        )

    def refusal(self) -> Refused | None:
        """What the page at rest says no with, if it does: login page, message, words, or its server's answers."""
        if self.at_login():
            return Refused("expired", "登录已失效，页面回到了登录页。The session is over: the login page is shown.")
        for message in self.glass.look("messages()"):
            if kind := self.kind_of(message):
                return Refused(kind, message["text"])
        for kind in ("denied", "missing"):
            if said := self.glass.look("refuses(a[0])", self.spec.words[kind]):
                return Refused(kind, said)
        statuses = [status for _, status, _ in self.glass.traffic.answers if status in (403, 404)]
        return Refused(STATUS[statuses[0]], f"HTTP {statuses[0]}", statuses[0]) if statuses else None

    def kind_of(self, message: Mapping[str, str]) -> str | None:
        """Which refusal a message is; None when it is none."""
        text = message["text"].lower()
        if message["code"] in REFUSALS:
            return message["code"]
        found = [words for words in self.spec.messages if words in text]
        if found and message["mood"] != "good":
            return self.spec.messages[max(found, key=len)]
        if message["mood"] == "bad" or (message["mood"] == "bad?" and not self.is_good(message)):
            return "invalid"
        return None

    def is_good(self, message: Mapping[str, str]) -> bool:
        """Whether a message says that it worked."""
        text = message["text"].lower()
        good = any(word.lower() in text for word in self.spec.words["success"])
        return message["mood"] == "good" or (good and message["mood"] != "bad")

    def at_login(self) -> bool:
        """Whether the login page is shown."""
        login = self.spec.login
        if login.expired and self.glass.look("says(a[0])", login.expired):
            return True
        if login.next:
            return bool(
                self.glass.look("!!control(a[0], false) && !!pressable(a[1], false)", login.username, login.next)
            )
        asked = "state().password && !!control(a[0], false) && (!a[1].length || !!pressable(a[1], false))"
        return bool(login.password and self.glass.look(asked, login.username or login.password, login.submit))


def nearest(names: Iterable[str], seen: Iterable[str]) -> str:
    """The name on the page that is most like one of the names; "" when none is."""
    known = [*seen]
    scored = [(SequenceMatcher(None, name.lower(), one.lower()).ratio(), one) for name in names for one in known]
    best = max(scored, default=(0.0, ""))
    return best[1] if best[0] >= ALIKE else ""


def pattern_of(shape: ObjectScreen) -> str:
    """The pattern, with one group, of the addresses that hold an id of that object; "" when no address does."""
    if shape.id and not shape.id.startswith(("row:", "field:")):
        return shape.id
    if not shape.record:
        return ""
    before, _, behind = shape.record.partition("{id}")
    return re.escape(before) + r"([^/?#&]+)" + re.escape(behind.split("{")[0]) + (r"(?=$|[/?#&])" if not behind else "")


def id_in(shape: ObjectScreen, url: str) -> str | None:
    """The id in an address, if the address is one of that object."""
    pattern = pattern_of(shape)
    found = re.search(pattern, url) if pattern else None
    reserved = {shape.new.rstrip("/").rpartition("/")[2].partition("?")[0]} if shape.new else set()
    return found.group(1) if found and found.group(1) not in reserved else None


def filled(path: str, values: Mapping[str, Any]) -> str:
    """A path with {names} filled in, quoted; names without a value become empty."""
    return re.sub(r"\{(\w+)\}", lambda name: quote(str(values.get(name.group(1)) or ""), safe=""), path)


def main_field(shape: ObjectScreen) -> str:
    """The field that a record is found and called by."""
    return shape.find or canonical.object_named(shape.name).main or next(iter(shape.fields), "")
