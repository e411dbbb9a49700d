"""Counts what a browser asks, so that screens spend the same allowance as the API; a page's own burst is not slowed."""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

from crm_acceptance.manners import pace


class Meter:
    """One person's window: every request of its pages counts, and is paid for before the next action."""

    def __init__(self) -> None:
        self._owed = 0
        self._heard: WeakSet[Any] = WeakSet()

    def attend(self, page: Any) -> None:
        """From now on this Playwright page's requests count; nothing is heard where nothing is limited."""
        allowance = pace.told()
        if allowance is not None and allowance.limited and page not in self._heard:
            self._heard.add(page)
            page.on("request", self._count)

    def settle(self) -> None:
        """Pays for what was asked since the last time; Unproven when the budget is used up."""
        allowance = pace.told()
        if allowance is not None and allowance.limited:
            owed, self._owed = self._owed, 0
            allowance.take(owed or 1)

    def _count(self, _: Any) -> None:
        self._owed += 1
