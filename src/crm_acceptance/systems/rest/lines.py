"""Which line of a TOML text each dotted place stands on. The text is known to be right TOML; values are not kept."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

_BARE = re.compile(r"[^\s=.\[\]{},\"'#]+")
_SCALAR = re.compile(r"[^,\]}\n#]*")
_QUOTES = ('"""', "'''", '"', "'")


@dataclass(frozen=True)
class Spot:
    """Where a place stands: its line (from 1), the table header above it, and what is left of the place then."""

    line: int
    header: str
    rest: str


@dataclass(frozen=True)
class FileLines:
    """The lines of one file, by dotted place: "objects.customer.fields.phone", "calls.order.steps.0"."""

    name: str
    spots: dict[str, Spot]

    def of(self, where: str) -> int | None:
        """The line of that place; of the nearest place above it when the file does not spell it out; else None."""
        spot = self._spot(where)
        return spot.line if spot else None

    def at(self, where: str) -> str:
        """ "mapping.toml:42 [objects.customer.fields] phone", for people."""
        spot = self._spot(where)
        if spot is None:
            return f"{self.name} [{where}]" if where else self.name
        rest = where[len(spot.header) :].lstrip(".") if where.startswith(spot.header) else spot.rest
        header = f" [{spot.header}]" if spot.header else ""
        return f"{self.name}:{spot.line}{header}{' ' + rest if rest else ''}"

    def _spot(self, where: str) -> Spot | None:
        while where:
            if where in self.spots:
                return self.spots[where]
            where = where.rpartition(".")[0]
        return None


def read(name: str, text: str) -> FileLines:
    """The places of a TOML text. A text that is not TOML gives what could be read before the mistake."""
    scan = _Scan(text.replace("\r\n", "\n"))
    scan.file()
    return FileLines(name, scan.spots)


@dataclass
class _Scan:
    """One walk through the text: position, line, the table it is in."""

    text: str
    at: int = 0
    line: int = 1
    header: tuple[str, ...] = ()
    spots: dict[str, Spot] = field(default_factory=dict)
    arrays: dict[tuple[str, ...], int] = field(default_factory=dict)

    def file(self) -> None:
        """Header or pair after pair, until the end."""
        self._blank()
        while self.at < len(self.text):
            before = self.at
            if self._peek() == "[":
                self._table()
            else:
                self._pair(self.header)
            self._blank()
            if self.at == before:  # not TOML: go on at the next line
                self._to("\n")
                self._blank()

    def _table(self) -> None:
        line, double = self.line, self.text.startswith("[[", self.at)
        self._skip(2 if double else 1)
        key = self._indexed(self._key())
        self._skip_over("]")
        if double:
            self.arrays[key] = self.arrays.get(key, -1) + 1
            key = (*key, str(self.arrays[key]))
        self.header = key
        self._note(key, line)

    def _indexed(self, key: tuple[str, ...]) -> tuple[str, ...]:
        """The key with the number of the array's latest table put in where a header goes on below [[...]]."""
        full: tuple[str, ...] = ()
        for last, part in enumerate(key, 1):
            full = (*full, part)
            if full in self.arrays and last < len(key):
                full = (*full, str(self.arrays[full]))
        return full

    def _pair(self, above: tuple[str, ...]) -> None:
        line = self.line
        key = (*above, *self._key())
        self._note(key, line)
        self._skip_over("=")
        self._spaces()
        self._value(key)

    def _value(self, key: tuple[str, ...]) -> None:
        opening = self._peek()
        if opening in ("[", "{"):
            self._many(key, opening)
        elif opening in ('"', "'"):
            self._string()
        else:
            found = _SCALAR.match(self.text, self.at)
            self._skip(len(found.group()) if found else 0)

    def _many(self, key: tuple[str, ...], opening: str) -> None:
        self._skip(1)
        self._blank()
        number = 0
        while self.at < len(self.text) and self._peek() not in "]}":
            before = self.at
            if opening == "{":
                self._pair(key)
            else:
                self._note((*key, str(number)), self.line)
                self._value((*key, str(number)))
            number += 1
            self._blank()
            if self._peek() == ",":
                self._skip(1)
                self._blank()
            if self.at == before:
                self._skip(1)
        self._skip(1)

    def _key(self) -> tuple[str, ...]:
        parts: list[str] = []
        while True:
            self._spaces()
            parts.append(self._part())
            self._spaces()
            if self._peek() != ".":
                return tuple(parts)
            self._skip(1)

    def _part(self) -> str:
        if self._peek() in ('"', "'"):
            raw = self._string()
            return _unescaped(raw) if raw.startswith('"') else raw[1:-1]
        found = _BARE.match(self.text, self.at)
        self._skip(len(found.group()) if found else 0)
        return found.group() if found else ""

    def _string(self) -> str:
        start = self.at
        quote = next(one for one in _QUOTES if self.text.startswith(one, self.at))
        self._skip(len(quote))
        while self.at < len(self.text) and not self.text.startswith(quote, self.at):
            self._skip(2 if quote[0] == '"' and self._peek() == "\\" else 1)
        self._skip(len(quote))
        while len(quote) == 3 and self._peek() == quote[0]:  # a text may end in quotes of its own: ""a""""
            self._skip(1)
        return self.text[start : self.at]

    def _note(self, key: tuple[str, ...], line: int) -> None:
        header = ".".join(self.header)
        for length in range(len(key), 0, -1):
            place = ".".join(key[:length])
            self.spots.setdefault(place, Spot(line, header, place[len(header) :].lstrip(".")))
        own = ".".join(key)
        if self.header == key:  # [a] may come after [a.b]: its own header counts
            self.spots[own] = Spot(line, own, "")

    def _peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def _skip(self, count: int) -> None:
        self.line += self.text.count("\n", self.at, self.at + count)
        self.at = min(self.at + count, len(self.text))

    def _spaces(self) -> None:
        while self._peek() in (" ", "\t"):
            self._skip(1)

    def _blank(self) -> None:
        """Over spaces, line ends and comments."""
        while self._peek() and self._peek() in " \t\n#":
            if self._peek() == "#":
                self._to("\n")
            else:
                self._skip(1)

    def _to(self, mark: str) -> None:
        found = self.text.find(mark, self.at)
        self._skip((found if found >= 0 else len(self.text)) - self.at)

    def _skip_over(self, mark: str) -> None:
        while self._peek() and self._peek() in " \t" + mark:
            self._skip(1)


def _unescaped(raw: str) -> str:
    try:
        return str(json.loads(raw))
    except ValueError:  # \UXXXXXXXX is TOML, not JSON
        return raw[1:-1]
