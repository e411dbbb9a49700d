"""A pytest item seen as an acceptance check: which requirement it proves, who promised it, how it ended."""

from __future__ import annotations
