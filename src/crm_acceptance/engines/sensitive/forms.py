"""The login form of a page, found by its password box; reads HTML, sends nothing."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import unquote, urljoin, urlsplit

from crm_acceptance.model import Site

_LEAVE = re.compile(r"log-?_?out|sign-?_?out|logoff|退出|注销", re.IGNORECASE)
_NO_TEXT = ("submit", "button", "reset", "image", "file", "checkbox", "radio", "hidden", "password")


@dataclass
class Form:
    """A form as it would be sent: `fields` with what the page fills in, and the names of the two boxes."""

    action: str = ""
    method: str = "GET"
    fields: dict[str, str] = field(default_factory=dict)
    username: str = ""
    password: str = ""

    def filled(self, username: str, password: str) -> dict[str, str]:
        """What is sent for this person."""
        return {**self.fields, self.username: username, self.password: password}


class _Reader(HTMLParser):
    """Collects forms, links and where a page leads to."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._select = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        self.links += [held[name] for name in ("href", "src", "action", "formaction", "data-url") if held.get(name)]
        if tag == "form":
            self.forms.append(Form(held.get("action", ""), held.get("method", "GET").upper()))
        elif tag == "select":
            self._select = held.get("name", "")
        elif tag == "option" and self.forms and self._select:
            self._choose(held)
        elif tag in ("input", "button") and self.forms:
            _box(self.forms[-1], tag, held)
        elif tag == "meta" and held.get("http-equiv", "").lower() == "refresh":
            self.links.append(held.get("content", "").partition("=")[2].strip("'\" "))

    def _choose(self, held: Mapping[str, str]) -> None:
        fields = self.forms[-1].fields
        if "selected" in held or self._select not in fields:
            fields[self._select] = held.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def _box(form: Form, tag: str, held: Mapping[str, str]) -> None:
    kind, name = held.get("type", "submit" if tag == "button" else "text").lower(), held.get("name", "")
    if not name:
        return
    if kind == "password" and not form.password:
        form.password = name
    elif kind not in _NO_TEXT and not form.username and not form.password:
        form.username = name
    elif kind in ("hidden", "submit") or (kind not in _NO_TEXT and held.get("value")):
        form.fields.setdefault(name, held.get("value", ""))


def login_form(html: str) -> Form | None:
    """The first form that asks for a name and a password."""
    forms = _read(html).forms
    return next((form for form in forms if form.username and form.password and form.method == "POST"), None)


def leaving(html: str) -> Form | None:
    """The form, or the link as one, by which people sign out."""
    read = _read(html)
    form = next((form for form in read.forms if _LEAVE.search(form.action)), None)
    link = next((link for link in read.links if _LEAVE.search(link)), "")
    return form or (Form(link) if link else None)


def hidden(html: str) -> dict[str, str]:
    """The tokens against forged forms that a page holds."""
    fields = {name: value for form in _read(html).forms for name, value in form.fields.items()}
    return {name: value for name, value in fields.items() if re.search(r"csrf|token", name, re.IGNORECASE)}


def links(html: str) -> list[str]:
    """Every address on the page, as written there."""
    return list(dict.fromkeys(_read(html).links))


def _read(html: str) -> _Reader:
    reader = _Reader()
    reader.feed(html)
    return reader


def below(site: Site, at: str, link: str) -> str | None:
    """A link, found on the page of path `at`, as a path below the site; None when it leads away from it."""
    here = urlsplit(site.url)
    there = urlsplit(urljoin(f"{site.url}{at}", link))
    root = here.path.rstrip("/")
    if (there.scheme, there.netloc) != (here.scheme, here.netloc) or not there.path.startswith(f"{root}/"):
        return None
    return there.path[len(root) :] + (f"?{there.query}" if there.query else "")


def spelt(address: str) -> str:
    """An address as people read it."""
    return unquote(address.replace("+", " "))
