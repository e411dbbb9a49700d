"""Removes what a run has created on somebody else's site, and nothing else: what the journal cannot prove stays."""

from __future__ import annotations
