"""How one behaves on somebody else's site: is it production, how fast may we ask, what did we create. Sends nothing."""

from __future__ import annotations
