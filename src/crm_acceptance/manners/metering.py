"""Counts what a browser asks, so that screens spend the same allowance as the API; a page's own burst is not slowed."""

from __future__ import annotations

from typing import Any
from weakref import WeakSet

from crm_acceptance.manners import pace


class Meter:
    """One person's window: every request of its pages counts, and holds the next action back, whoever's it is."""

    def __init__(self) -> None:
        self._owed = 0
        self._heard: WeakSet[Any] = WeakSet()

    def attend(self, page: Any) -> None:
        """From now on this Playwright page's requests count; nothing is heard where nothing is limited."""
        allowance = pace.told()
        if allowance is not None and allowance.limited and page not in self._heard:
            self._heard.add(page)
            page.on("request", self._count)

    def wait(self) -> None:
        """Before an action: its first request's turn. Unproven when the budget is used up."""
        allowance = pace.told()
        if allowance is not None:
            allowance.take()
            self._owed -= 1

    def settle(self) -> None:
        """After it: whatever else the pages have asked since."""
        allowance = pace.told()
        if allowance is not None:
            owed, self._owed = max(0, self._owed), 0
            allowance.add(owed)

    def _count(self, _: Any) -> None:
        self._owed += 1
