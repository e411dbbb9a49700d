"""What marketing does: campaigns, lead files, handing leads to sales."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from crm_acceptance.actors import Actor
from crm_acceptance.errors import Unsupported
from crm_acceptance.model import Action, Record


@dataclass(frozen=True)
class ImportResult:
    """What the CRM says about an imported file: rows created, and the rejected ones with their reasons."""

    created: int
    rejected: tuple[Mapping[str, Any], ...]


def register_campaign(actor: Actor, **fields: Any) -> Record:
    """登记市场活动."""
    return cast(Record, actor.act(Action("create", "campaign", fields=fields)))


def import_leads(actor: Actor, rows: Sequence[Mapping[str, str]]) -> ImportResult:
    """导入线索: a CSV file with one row per lead, as Excel saves it."""
    options = {"csv": as_csv(rows), "filename": "线索.csv"}
    said = cast(Mapping[str, Any], actor.act(Action("import", "lead", options=options)))
    return ImportResult(int(said["created"]), tuple(said["rejected"]))


def as_csv(rows: Sequence[Mapping[str, str]]) -> bytes:
    """UTF-8 with BOM and CRLF: what Excel writes as "CSV UTF-8"."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), restval="")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def assign_lead(actor: Actor, lead: Record, to: str) -> None:
    """把线索分配给 a salesperson (key)."""
    actor.act(Action("assign", "lead", lead.id, options={"to": to}))


def campaign_report(actor: Actor, campaign: Record) -> Mapping[str, Any]:
    """活动报表: the row of one campaign. Unsupported when the CRM's report has no rows."""
    where = {"campaign": campaign.id}
    report = actor.look(Action("read", "report", "campaign_roi", options={"where": where}))
    rows = cast(Mapping[str, Any], report).get("rows")
    if not rows:
        raise Unsupported("这个系统的活动报表没有逐个活动的数字 this CRM's campaign report has no row per campaign")
    return cast(Mapping[str, Any], rows[0])
