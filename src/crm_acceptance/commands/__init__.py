"""One module per command: options, help and example; the work is done elsewhere."""

from __future__ import annotations
