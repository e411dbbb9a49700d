"""A whole run: prepares, starts the pytest phases one after the other, and hands the folder to the gate."""

from __future__ import annotations
