"""Change control: what was agreed, what is another now, who said yes to it, and which proofs are stale for it."""

from __future__ import annotations

from crm_acceptance.changes.asking import begin
from crm_acceptance.changes.collecting import workspace
from crm_acceptance.changes.runs import counted_before
from crm_acceptance.changes.staleness import counts, doubts, stale, unapproved

__all__ = ["begin", "counted_before", "counts", "doubts", "stale", "unapproved", "workspace"]
