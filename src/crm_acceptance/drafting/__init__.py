"""Drafts a mapping file from an API document or a recorded walk: guesses, each with its reason. It decides nothing."""

from __future__ import annotations
