"""`warnings`: what should worry somebody before go-live does; the work is changes/warning.py's."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_acceptance.commands import options
from crm_acceptance.model import DEPARTMENTS

if TYPE_CHECKING:
    from crm_acceptance.profile import Profile
    from crm_acceptance.signoff import Standing

HELP = """风险预警：需求变更过多、逾期未签、缺陷上升。Early warning: churn, overdue signatures, rising defects.

例 examples:

  crm-acceptance warnings

  crm-acceptance warnings --json

退出码 exit codes: 0 没有 none · 1 有 some · 2 用法错误 wrong use
"""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="warnings", help=HELP)(warnings)


def warnings(
    system: Annotated[str, typer.Option("--system", help="哪个系统 which system [默认 acceptance.toml 里的]")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="给程序读 for programs")] = False,
) -> None:
    """One line each; exit 1 when there is one."""
    from crm_acceptance import profile as profiles
    from crm_acceptance.changes import warning

    profile = profiles.load(options.workspace(), system or None)
    now = datetime.now().astimezone()
    found = warning.warnings(profile, standings(profile), now)
    if as_json:
        body = {"warnings": [asdict(one) for one in found], "churn": warning.churn(profile)}
        typer.echo(json.dumps(body, ensure_ascii=False, indent=2))
    else:
        for one in found:
            typer.echo(str(one))
        for week, counts in list(warning.churn(profile).items())[-4:]:
            typer.echo(
                f"  {week} 变更 changes: "
                + "，".join(f"{DEPARTMENTS.get(key, key or '?')} {n}" for key, n in counts.items())
            )
        if not found:
            typer.echo("没有预警。No warning.")
    raise typer.Exit(1 if found else 0)


def standings(profile: Profile) -> tuple[Standing, ...]:
    """Of the latest run; none when nothing was run or nobody is named."""
    from crm_acceptance import signoff
    from crm_acceptance.changes.runs import latest

    run: Path | None = latest(profile.workspace / "reports", profile.system)
    return signoff.status(profile, run) if run and profile.signatories else ()
