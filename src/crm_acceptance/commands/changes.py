"""`changes`: what is another than agreed, asking for it, approving and refusing it; the work is changes/'s."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crm_acceptance.commands import options
from crm_acceptance.commands.keys import open_key
from crm_acceptance.errors import AcceptanceError

if TYPE_CHECKING:
    from crm_acceptance.changes.book import Book, Request
    from crm_acceptance.changes.impact import Impact
    from crm_acceptance.changes.terms import Terms
    from crm_acceptance.contents import Contents
    from crm_acceptance.profile import Profile

HELP = """需求变更：改了什么、影响谁、谁批准。Changes: what is another, whom it touches, who approves.

例 examples:

  crm-acceptance changes baseline --by 陈静                     把现在的内容记为约定 what is agreed

  crm-acceptance changes status                                 与约定相比改了什么

  crm-acceptance changes request SALES-001 --by 李娜 --why "总部统一改口径"

  crm-acceptance changes approve CR-1 --by 陈静

  crm-acceptance changes refuse CR-2 --by 陈静 --why "下一期再做"

退出码 exit codes of status: 0 没有未批准的变更 none is open · 1 有 some are · 2 用法错误 wrong use
"""
OPEN_CHANGES = 1
EXAMPLES = {
    "status": "crm-acceptance changes status --json",
    "baseline": "crm-acceptance changes baseline --by 陈静",
    "request": 'crm-acceptance changes request SALES-001 FIN-002 --by 李娜 --why "总部统一改口径"',
    "approve": "crm-acceptance changes approve CR-1 --by 陈静",
    "refuse": 'crm-acceptance changes refuse CR-2 --by 陈静 --why "下一期再做"',
    "list": "crm-acceptance changes list",
}
_By = Annotated[str, typer.Option("--by", help="谁：姓名或登录名 who, by name or login")]
_Why = Annotated[str, typer.Option("--why", help="原因 why")]
_System = Annotated[str, typer.Option("--system", help="哪个系统 which system [默认 acceptance.toml 里的]")]
_Json = Annotated[bool, typer.Option("--json", help="给程序读 for programs")]
_Key = Annotated[str, typer.Option("--key", help="用哪把密钥签 which key signs [默认本人的 the person's own]")]
_Number = Annotated[str, typer.Argument(metavar="CR-N", help="变更申请的编号 the request")]


def register(app: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(help=HELP, no_args_is_help=True)
    for name, work, words in (
        ("status", status, "与约定相比改了什么，影响谁。What is another than agreed, and whom it touches."),
        ("baseline", baseline, "第一次：把现在的需求和检查记为约定。What the workspace says now was agreed."),
        ("request", request, "申请变更（不写编号就是全部改动）。Ask for a change; without ids: for all of them."),
        ("approve", approve, "批准并签名；申请人不能批自己的。Approve, signed; nobody approves the own request."),
        ("refuse", refuse, "驳回，或申请人撤回。Refuse, or take the own request back."),
        ("list", listing, "全部变更申请。Every request."),
    ):
        group.command(name=name, help=f"{words}\n\n例 example:\n\n  {EXAMPLES[name]}")(work)
    app.add_typer(group, name="changes")


@dataclass(frozen=True)
class _Desk:
    """What every command looks at."""

    profile: Profile
    terms: Terms
    book: Book


def _desk(system: str) -> _Desk:
    from crm_acceptance import profile as profiles
    from crm_acceptance.changes import signed
    from crm_acceptance.changes.terms import terms

    profile = profiles.load(options.workspace(), system or None)
    return _Desk(profile, terms(profile), signed.read(profile))


def status(system: _System = "", as_json: _Json = False) -> None:
    """Every requirement that is another than agreed; exit 1 when one of them is."""
    from crm_acceptance import contents
    from crm_acceptance.changes import telling
    from crm_acceptance.changes.asking import begun
    from crm_acceptance.signoff.present import contents_now

    desk = _desk(system)
    agreed = begun(desk.book, desk.profile).agreed
    here = contents_now(desk.profile)
    found = contents.changed(agreed, here)
    impact = _impact(desk.profile, agreed, here, tuple(found))
    rows = {id: telling.row(desk.book, desk.terms, here, id, said) for id, said in found.items()}
    if as_json:
        typer.echo(json.dumps({"changes": rows, "impact": impact.plain()}, ensure_ascii=False, indent=2))
    else:
        typer.echo("\n".join(telling.overview(rows, impact)))
    raise typer.Exit(OPEN_CHANGES if rows else 0)


def baseline(by: _By, system: _System = "") -> None:
    """Once per system; afterwards changes are asked for."""
    from crm_acceptance.changes.asking import baseline as record

    desk = _desk(system)
    record(desk.profile, by)
    typer.echo(
        f"已记为约定的基线（{desk.profile.system}）。之后的改动用 changes request 申请。The baseline is recorded."
    )


def request(
    by: _By, why: _Why,
    ids: Annotated[list[str] | None, typer.Argument(metavar="[ID]...", help="需求编号 requirement ids")] = None,
    system: _System = "",
) -> None:  # fmt: skip
    """Exit 0 when it is written down."""
    from crm_acceptance.changes.asking import ask
    from crm_acceptance.signoff.present import contents_now

    desk = _desk(system)

    def told(agreed: Contents, here: Contents, what: Sequence[str]) -> dict[str, Any]:
        return _impact(desk.profile, agreed, here, what).plain()

    _show(desk.terms, ask(desk.profile, by, why, ids or (), told, contents_now(desk.profile)))


def approve(number: _Number, by: _By, why: _Why = "", key: _Key = "", system: _System = "") -> None:
    """Exit 0 when it is signed and written down."""
    from crm_acceptance.changes.deciding import decide, entitled
    from crm_acceptance.signoff.present import contents_now

    desk = _desk(system)
    who = entitled(desk.profile, number, by)
    private = None if desk.terms.unsigned and not key else open_key(key or _own_key(desk.terms, who))
    _show(desk.terms, decide(desk.profile, number, by, True, why, contents_now(desk.profile), private))


def _own_key(terms: Terms, who: str) -> str:
    """People name their key after their key in people.csv or after their login."""
    from crm_acceptance.sealing import keys

    known = terms.people.get(who)
    return next((name for name in (who, known.login if known else "") if name in keys.listed()), who)


def refuse(number: _Number, by: _By, why: _Why, system: _System = "") -> None:
    """Exit 0 when it is written down."""
    from crm_acceptance.changes.deciding import decide

    desk = _desk(system)
    _show(desk.terms, decide(desk.profile, number, by, False, why))


def listing(system: _System = "", as_json: _Json = False) -> None:
    """Open ones first."""
    from crm_acceptance.changes import telling
    from crm_acceptance.changes.book import OPEN

    desk = _desk(system)
    every = sorted(desk.book.requests, key=lambda one: one.state != OPEN)
    if as_json:
        typer.echo(json.dumps([telling.plain(one) for one in every], ensure_ascii=False, indent=2))
        return
    for problem in desk.book.problems:
        typer.echo(f"变更记录被改动过 the journal was edited: {problem}", err=True)
    for one in every:
        _show(desk.terms, one)
    if not every:
        typer.echo("还没有变更申请。No change was asked for yet.")


def _show(terms: Terms, one: Request) -> None:
    from crm_acceptance.changes import telling

    typer.echo("\n".join(telling.request(terms, one)))


def _impact(profile: Profile, agreed: Contents, here: Contents, ids: Sequence[str]) -> Impact:
    from crm_acceptance.changes.impact import impact
    from crm_acceptance.changes.runs import latest

    run = latest(profile.workspace / "reports", profile.system)

    def signed(keys: Sequence[str]) -> Sequence[str]:
        return _signatures(profile, run, keys) if run else ()

    return impact(agreed, here, ids, run, signed)


def _signatures(profile: Profile, run: Path, keys: Sequence[str]) -> Sequence[str]:
    """Those that counted as long as nothing was changed after the run."""
    from crm_acceptance import contents
    from crm_acceptance.model import DEPARTMENTS
    from crm_acceptance.signoff import status as standing

    try:
        found = standing(profile, run, present=contents.of_run(run))
    except AcceptanceError as wrong:
        return (f"签字情况读不出来 signatures cannot be read: {wrong}",)
    own = [one for one in found if one.department in keys]
    return [
        f"{DEPARTMENTS.get(one.department, one.department)} {signature.name} {signature.short}"
        for one in own
        for signature in one.signatures
        if signature.counts
    ]
