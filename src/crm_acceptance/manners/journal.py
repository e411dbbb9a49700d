"""Writes down what a run creates before it is sent, and its id after; removing it is cleaning/'s business.

Every process writes a file of its own, line by line, into the folder that CRM_ACCEPTANCE_JOURNAL names. Without that
variable nothing is written: on a CRM that this program launched itself, nobody else's data is at stake.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import secrets
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import IO, Any

from crm_acceptance import evidence
from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action, Outcome, Record, Site

JOURNAL_ENV = "CRM_ACCEPTANCE_JOURNAL"
SITE_FILE = "site.json"
CREATING = frozenset({"create", "import", "attach", "convert", "order"})
"""Actions after which there are more records than before."""
PARTS = ("customer", "contact", "opportunity")
"""What converting a lead makes, as fields of its outcome."""
_SECRET = ("password", "secret", "token", "密码")
_words: set[str] = set()


@contextlib.contextmanager
def opened(folder: Path, site: Site) -> Iterator[Path]:
    """Within, this process and those started from it write into `folder`, which says at which site."""
    folder.mkdir(parents=True, exist_ok=True)
    about = {"system": site.system, "url": site.url, "launched": site.launched}
    (folder / SITE_FILE).write_text(json.dumps(about), encoding="utf-8")
    before = os.environ.get(JOURNAL_ENV)
    os.environ[JOURNAL_ENV] = str(folder)
    try:
        yield folder
    finally:
        os.environ.pop(JOURNAL_ENV) if before is None else os.environ.update({JOURNAL_ENV: before})


def performed(who: str, action: Action, do: Callable[[], Outcome]) -> Outcome:
    """What `do` brings; written down before and after when it creates something and a journal is open.

    A line without its second half is a request whose answer never came: the record may be there or not.
    """
    folder = os.environ.get(JOURNAL_ENV)
    if folder is None or action.name not in (*CREATING, "change"):
        return do()
    book = _book(folder, os.getpid())
    if action.name == "change":  # so that a record of ours that was renamed is still known
        book.write({"changed": [action.object, action.id], "fields": dict(_plain(action.fields))})
        return do()
    number = book.announce(who, action)
    try:
        outcome = do()
    except Refused as no:
        book.write({"did": number, "refused": no.kind})
        raise
    except Unsupported as no:
        if not no.sent:
            book.write({"did": number, "refused": "unsupported"})
        raise
    book.write({"did": number, "made": made(action, outcome)})
    return outcome


def note(who: str, object: str, id: str, fields: Mapping[str, Any]) -> None:
    """A record that came into being without an Action, by a generated request for example."""
    folder = os.environ.get(JOURNAL_ENV)
    if folder is not None:
        book = _book(folder, os.getpid())
        number = book.announce(who, Action("create", object, fields=fields))
        book.write({"did": number, "made": [[object, id]]})


def word(drawn: str) -> str:
    """The same word, remembered as one that was drawn for this run: a record that holds it can only be ours."""
    folder = os.environ.get(JOURNAL_ENV)
    if folder is not None and drawn not in _words:
        _book(folder, os.getpid()).write({"word": drawn})
    _words.add(drawn)
    return drawn


def made(action: Action, outcome: Outcome) -> list[list[str]]:
    """(object, id) of everything that the outcome names; an import names nothing."""
    if not isinstance(outcome, Record):
        return []
    kinds = {"attach": "attachment", "order": "order", "convert": "customer"}
    id = outcome.id or str(outcome.get("login") or "")  # accounts go by their login in many a CRM
    found = [[kinds.get(action.name, action.object), id]]
    if action.name == "convert":
        found += [[part, str(outcome.get(part))] for part in PARTS if outcome.get(part)]
    return [one for number, one in enumerate(found) if one[1] and one not in found[:number]]


class _Book:
    """One process's file. Lines are whole and flushed: whoever dies leaves everything that was sent."""

    def __init__(self, folder: Path) -> None:
        self._out: IO[str] = (folder / f"{os.getpid()}-{secrets.token_hex(4)}.jsonl").open("a", encoding="utf-8")
        self._lock = threading.Lock()
        self._number = 0
        for drawn in sorted(_words):
            self.write({"word": drawn})

    def announce(self, who: str, action: Action) -> int:
        with self._lock:
            self._number += 1
            number = self._number
        fields = dict(_plain(action.fields))
        sheet = action.options.get("csv", b"")
        cells = re.split(r"[,;\t\r\n\"]+", sheet.decode("utf-8", "replace")) if isinstance(sheet, bytes) else []
        texts = [value for value in (*fields.values(), *cells) if held(value, _words)]
        told = {"do": number, "who": who, "verb": action.verb, "on": action.id or "", "fields": fields}
        self.write({**told, "words": sorted(held(" ".join(texts), _words)), "texts": texts})
        return number

    def write(self, body: Mapping[str, Any]) -> None:
        line = evidence.hide_secrets(json.dumps(body, ensure_ascii=False))
        with self._lock:
            self._out.write(line + "\n")
            self._out.flush()


def held(text: str, words: Iterable[str]) -> set[str]:
    """Which of the words the text holds; a tax number spells them in capitals."""
    lower = text.lower()
    return {one for one in words if one.lower() in lower}


def _plain(fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What a record can be told by: every plain value that is no secret."""
    for name, value in fields.items():
        if isinstance(value, bytes | Mapping | list | tuple) or value is None:
            continue
        if not any(word in name.lower() for word in _SECRET):
            yield name, str(value)


@cache
def _book(folder: str, process: int) -> _Book:
    """The process's own: a child that was forked begins another."""
    return _Book(Path(folder))
