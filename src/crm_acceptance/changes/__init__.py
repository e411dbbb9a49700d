"""Change control: what was accepted, what is another now, who said yes to it, and which proofs are stale for it."""

from __future__ import annotations

from crm_acceptance.changes.collecting import workspace

__all__ = ["workspace"]
