"""Samples while a run goes on: columns of plain numbers, so that half a million of them neither fill the memory nor
keep the garbage collector busy; figures are made elsewhere."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import overload

from crm_acceptance.engines.load.orders import Sample


class Samples(Sequence[Sample]):
    """Reads like a tuple of Samples."""

    def __init__(self) -> None:
        self._times = array("d")
        self._words = array("L")
        self._known: dict[str, int] = {}

    def add(self, verb: str, person: str, intended: float, started: float, ended: float, error: str = "") -> None:
        """One more."""
        known = self._known
        self._times.extend((intended, started, ended))
        self._words.extend(
            (
                known.setdefault(verb, len(known)),
                known.setdefault(person, len(known)),
                known.setdefault(error, len(known)),
            )
        )

    def __len__(self) -> int:
        return len(self._times) // 3

    @overload
    def __getitem__(self, place: int) -> Sample: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Sample]: ...

    def __getitem__(self, place: int | slice) -> Sample | Sequence[Sample]:
        words = list(self._known)
        if isinstance(place, slice):
            return tuple(self._read(n, words) for n in range(*place.indices(len(self))))
        n = place + len(self) if place < 0 else place
        if not 0 <= n < len(self):
            raise IndexError(place)
        return self._read(n, words)

    def _read(self, n: int, words: list[str]) -> Sample:
        verb, person, error = self._words[3 * n : 3 * n + 3]
        intended, started, ended = self._times[3 * n : 3 * n + 3]
        return Sample(words[verb], words[person], intended, started, ended, words[error])
