"""Canonical fields on their way into Tryton: what has a place, what has none, dates, lists of children."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from crm_acceptance.errors import Refused, Unsupported
from crm_acceptance.model import Action


def known(action: Action, *names: str) -> dict[str, Any]:
    """The action's fields. Unsupported when one of them, filled in, has no place in Tryton."""
    given = {name: value for name, value in action.fields.items() if value is not None}
    homeless = sorted(set(given) - set(names))
    if homeless:
        raise Unsupported(
            f"Tryton 的 {action.object} 没有这些字段：{'、'.join(homeless)}。"
            f"In Tryton a {action.object} has no field for {', '.join(homeless)}."
        )
    return given


def renamed(given: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Those of the fields that Tryton only calls differently."""
    return {theirs: given[ours] for ours, theirs in names.items() if ours in given}


def day(value: Any) -> date | None:
    """An ISO date; Refused("invalid") for anything else, as Tryton's own form would."""
    try:
        return date.fromisoformat(str(value)) if value else None
    except ValueError:
        raise Refused("invalid", f"不是日期：{value}") from None


def money(value: Any) -> Decimal:
    """An amount as Decimal."""
    return Decimal(str(value))


def child(rows: list[dict[str, Any]], values: dict[str, Any]) -> list[list[Any]]:
    """Changes the first of the child rows, or adds one."""
    return [["write", [rows[0]["id"]], values]] if rows else [["create", [values]]]
