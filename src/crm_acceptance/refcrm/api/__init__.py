"""The JSON API over the service functions: routes, typed models, guard. No rule lives here."""

from __future__ import annotations
