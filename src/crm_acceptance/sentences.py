"""One sentence in two languages, bound to one step function; how a table below a sentence is read stands in steps/."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ParamSpec, TypeVar

from pytest_bdd import step
from pytest_bdd.parsers import StepParser

from crm_acceptance import vocabulary

P = ParamSpec("P")
T = TypeVar("T")
_PLACE = re.compile(r'(?P<quote>"?)\{(?P<name>\w+)(?::(?P<kind>\w+))?\}(?P=quote)')
_BREAKS = re.compile(r"[\s:：,，]+")
_QUOTED = '["“”「](?P<{name}>[^"“”「」]*)["“”」]'


@dataclass(frozen=True)
class Kind:
    """One kind of blank in a sentence: what it looks like and what it becomes."""

    pattern: str
    read: Callable[[str], Any]


def _words(known: Mapping[str, str]) -> Kind:
    longest_first = sorted(known, key=len, reverse=True)
    return Kind("|".join(map(re.escape, longest_first)), lambda word: known[word])


KINDS: Mapping[str, Kind] = {
    "": Kind(r"(?:(?!不能)[^\s\"“”「」,，:：、])+?", str),
    "d": Kind(r"\d+", int),
    "money": Kind(r"[¥￥]?-?[\d,]+(?:\.\d+)?\s?万?", vocabulary.money),
    "percent": Kind(r"\d+(?:\.\d+)?", Decimal),
    "object": _words(vocabulary.OBJECTS),
    "field": _words(vocabulary.FIELDS),
    "deed": _words(vocabulary.DEEDS),
    "role": _words(vocabulary.ROLES),
    "stage": _words(vocabulary.VALUES["stage"]),
    "priority": _words(vocabulary.VALUES["priority"]),
}


class Template:
    """One language of a sentence: `{who} 登记{kind:object} "{name}"` compiled."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.kinds: dict[str, str] = {}
        self.regex = re.compile(self._pattern(text))
        self.needle = max(_BREAKS.split(_PLACE.sub(" ", text)), key=len)

    def _pattern(self, text: str) -> str:
        parts, end = [], 0
        for place in _PLACE.finditer(text):
            parts += [_literal(text[end : place.start()]), self._blank(place)]
            end = place.end()
        return "".join([*parts, _literal(text[end:])])

    def _blank(self, place: re.Match[str]) -> str:
        name, kind = place["name"], place["kind"] or ""
        self.kinds[name] = kind
        return _QUOTED.format(name=name) if place["quote"] else f"(?P<{name}>{KINDS[kind].pattern})"

    def read(self, sentence: str) -> dict[str, Any] | None:
        """The values in the sentence's blanks, or None when it is another sentence."""
        if self.needle not in sentence:  # rules out nearly every sentence at a tenth of the cost
            return None
        match = self.regex.fullmatch(sentence.strip())
        if match is None:
            return None
        return {name: KINDS[self.kinds[name]].read(value) for name, value in match.groupdict().items()}


def _literal(text: str) -> str:
    """Between Chinese words spaces are optional; commas and colons may be full-width."""
    latin = re.search(r"[A-Za-z]", text)
    parts = [_CHARACTERS.get(char) or re.escape(char) for char in re.sub(r"\s+", " ", text)]
    return "".join(parts).replace("\\ ", r"\s+" if latin else r"\s*").replace("␣", r"\s*")


_CHARACTERS = {":": "␣[:：]␣", "：": "␣[:：]␣", ",": "␣[,，]", "，": "␣[,，]␣"}


class BothLanguages(StepParser):
    """A pytest-bdd parser that knows one sentence in Chinese and in English; half the look-ups of two parsers."""

    def __init__(self, zh: str, en: str) -> None:
        super().__init__(f"{zh} | {en}")
        self.zh, self.en = Template(zh), Template(en)
        if self.zh.kinds != self.en.kinds:
            raise ValueError(f"{zh!r} and {en!r} do not have the same blanks")

    def parse_arguments(self, name: str) -> dict[str, Any] | None:
        """What stands in the blanks, already as Decimal, int or canonical word."""
        found = self.zh.read(name)
        return self.en.read(name) if found is None else found

    def is_matching(self, name: str) -> bool:
        """Whether it is this sentence, in either language."""
        return self.parse_arguments(name) is not None


SENTENCES: dict[str, BothLanguages] = {}


def sentence(zh: str, en: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Binds both wordings to the decorated function; they work after 假如 Given, 当 When and 那么 Then alike."""
    parser = BothLanguages(zh, en)
    SENTENCES[parser.name] = parser
    return step(parser)


def rows(datatable: Sequence[Sequence[str]]) -> list[dict[str, str]]:
    """The table below a sentence: the first line holds the headings, each further line is one row."""
    headings = [cell.strip() for cell in datatable[0]]
    return [dict(zip(headings, (cell.strip() for cell in line), strict=True)) for line in datatable[1:]]


def first_column(datatable: Sequence[Sequence[str]]) -> list[str]:
    """What stands in the first column below the heading: the names by which a scenario calls its records."""
    return [line[0].strip() for line in datatable[1:]]
