"""Phased go-live: pilot, then waves, then all; each entered only when its gate is open. Judges no requirement."""

from __future__ import annotations

from crm_acceptance.golive.plan import Phase, Plan, plan
from crm_acceptance.golive.standing import Standing, standings

__all__ = ["Phase", "Plan", "Standing", "plan", "standings"]
