"""What a page's HTML offers: links and forms, the number of a record taken out of them; reads text, sends nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

SLOT = "\x00"
"""Stands where the number of a record was."""
SAID = "验收"
"""What is written where a form demands a text."""
_LEAVING = re.compile(
    r"log-?out|sign-?out|signoff|/logoff|delete|remove|destroy|退出|注销|删除"
    r"|[/?&](?:lang(?:uage)?|locale)\b|[?&](?:next|return(?:_?(?:to|url))?|redirect(?:_?(?:to|url|uri))?|back|goto)=",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Form:
    """One form: where it goes, how, and the values it comes with. `files`: names of its file inputs."""

    action: str
    method: str
    fields: Mapping[str, str] = field(default_factory=dict)
    hidden: frozenset[str] = frozenset()
    files: tuple[str, ...] = ()

    @property
    def deed(self) -> str:
        """The last word of the address: `transfer` of /customers/7/transfer."""
        return urlsplit(self.action).path.rstrip("/").rpartition("/")[2].lower()

    def of(self, id: str) -> Form:
        """The same form for the record of that number, where it stood for any."""
        fields = {name: value.replace(SLOT, id) for name, value in self.fields.items()}
        return Form(self.action.replace(SLOT, id), self.method, fields, self.hidden, self.files)


@dataclass(frozen=True)
class Offered:
    """What one page offers. Addresses are paths of the same site, query included, fragments left out."""

    links: tuple[str, ...]
    forms: tuple[Form, ...]


def offered(html: str, url: str) -> Offered:
    """Links that only look, and forms, of a page that came from `url`. Ways out, deletions, switches are left out."""
    reader = _Reader(url)
    reader.feed(html)
    links = [link for link in dict.fromkeys(reader.links) if not _LEAVING.search(link)]
    return Offered(tuple(links), tuple(Form(*one) for one in reader.told()))


def slotted(path: str, id: str) -> str:
    """The address with every whole occurrence of the number taken out; unchanged where there is none."""
    return re.sub(rf"(?<![\w.-]){re.escape(id)}(?![\w.-])", SLOT, path)


def slotted_forms(forms: Iterable[Form], id: str, here: str) -> Iterator[Form]:
    """Those forms that are about the record: its number stands in their address or in a hidden field."""
    for form in forms:
        fields = {name: slotted(v, id) if name in form.hidden and v == id else v for name, v in form.fields.items()}
        action = slotted(form.action or here, id)
        if form.method == "post" and SLOT in "".join((action, *fields.values())) and not _out(action):
            yield Form(action, form.method, fields, form.hidden, form.files)


def _out(action: str) -> bool:
    return bool(re.search(r"log-?out|sign-?out|注销|退出", action, re.IGNORECASE))


class _Reader(HTMLParser):
    def __init__(self, url: str) -> None:
        super().__init__(convert_charrefs=True)
        self._url = url
        self.links: list[str] = []
        self._forms: list[tuple[str, str, dict[str, str], set[str], list[str]]] = []
        self._select = ""
        self._text = ""

    def told(self) -> Iterator[tuple[str, str, Mapping[str, str], frozenset[str], tuple[str, ...]]]:
        for action, method, fields, hidden, files in self._forms:
            yield action, method, fields, frozenset(hidden), tuple(files)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "a" and told.get("href"):
            self._link(told["href"])
        elif tag == "form":
            action = self._local(told.get("action", "")) or ""
            self._forms.append((action, told.get("method", "get").lower(), {}, set(), []))
        elif self._forms:
            self._control(tag, told)

    def handle_data(self, data: str) -> None:
        if self._text and self._forms and data.strip():
            fields = self._forms[-1][2]
            fields[self._text] = data if fields[self._text] == SAID else fields[self._text] + data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._text = ""
        if tag == "select":
            self._select = ""

    def _control(self, tag: str, told: Mapping[str, str]) -> None:
        name, kind = told.get("name", ""), told.get("type", "text").lower()
        _, _, fields, hidden, files = self._forms[-1]
        if tag == "select":
            self._select = name
        elif tag == "option" and self._select and ("selected" in told or not fields.get(self._select)):
            fields[self._select] = told.get("value", "")
        elif tag == "textarea" and name:
            self._text, fields[name] = name, ""
            self._wanted(name, told, fields)
        elif tag == "input" and name and kind == "file":
            files.append(name)
        elif tag == "input" and name and kind not in ("submit", "button", "image", "reset"):
            if kind not in ("checkbox", "radio") or "checked" in told:
                fields[name] = told.get("value", "")
                self._wanted(name, told, fields)
            if kind == "hidden":
                hidden.add(name)

    def _wanted(self, name: str, told: Mapping[str, str], fields: dict[str, str]) -> None:
        """A form that demands a reason gets one, or it would be refused for that alone."""
        if "required" in told and not fields[name] and told.get("type", "text") == "text":
            fields[name] = SAID

    def _link(self, href: str) -> None:
        local = self._local(href)
        if local:
            self.links.append(local)

    def _local(self, href: str) -> str:
        """The address below this site; "" when it leads elsewhere or nowhere."""
        if href.startswith(("#", "javascript:", "mailto:", "tel:", "data:")):
            return ""
        there, here = urlsplit(urljoin(self._url, href)), urlsplit(self._url)
        if (there.scheme, there.netloc) != (here.scheme, here.netloc):
            return ""
        return there.path + (f"?{there.query}" if there.query else "")
