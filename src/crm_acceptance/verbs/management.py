"""What managers look at: summaries of one salesperson's work."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from crm_acceptance.actors import Actor
from crm_acceptance.model import Action


def sales_summary(actor: Actor, owner: str) -> Mapping[str, Any]:
    """销售汇总 of one salesperson (key)."""
    return _report(actor, "sales_summary", owner)


def pipeline(actor: Actor, owner: str) -> Mapping[str, Any]:
    """销售漏斗 of one salesperson (key)."""
    return _report(actor, "pipeline", owner)


def _report(actor: Actor, name: str, owner: str) -> Mapping[str, Any]:
    action = Action("read", "report", name, options={"where": {"owner": owner}})
    return cast(Mapping[str, Any], actor.look(action))
