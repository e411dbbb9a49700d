"""`documents`: the acceptance form of a run as Word, PDF and Excel, and whether one in hand is still true."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from crm_acceptance.commands import options
from crm_acceptance.errors import WrongUse

if TYPE_CHECKING:
    from crm_acceptance.documents.paper import Paper
    from crm_acceptance.profile import Profile

HELP = """验收单：Word、PDF、Excel 三份，同样的证据逐字节相同。The acceptance form as Word, PDF and Excel.

退出码 exit codes: 0 写好了，或 --check 相符 written, or the same · 1 --check 不符 it differs · 2 用法、模板或目录有误

例 examples:

  crm-acceptance documents

  crm-acceptance documents reports/20261122-101500-refcrm --out 验收资料

  crm-acceptance documents --check 验收资料/验收单.pdf
"""
NAME = "验收单"
KINDS = ("docx", "pdf", "xlsx")


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="documents", help=HELP)(command)


def command(
    run: Annotated[Path | None, typer.Argument(metavar="[RUN]", help="运行目录 [默认最近一次 the latest]")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="写到哪里 folder [默认运行目录下的 documents/]")] = None,
    check: Annotated[Path | None, typer.Option("--check", help="核对手里的这一份 is this one still true")] = None,
) -> None:
    """All three, or the check of one."""
    from crm_acceptance import manifest
    from crm_acceptance import profile as profiles
    from crm_acceptance.commands.gate import folder_of, since
    from crm_acceptance.documents.paper import paper
    from crm_acceptance.gate import verdict_of
    from crm_acceptance.signoff import status
    from crm_acceptance.signoff.subject import subject

    folder = folder_of(run)
    profile = profiles.for_run(options.workspace(), manifest.read(folder).run.system)
    today = verdict_of(folder, since(options.workspace(), folder))  # the paper says what the gate would say
    made = paper(profile, replace(subject(profile, folder), verdict=today), status(profile, folder))
    if check is not None:
        raise typer.Exit(_checked(check, profile, made))
    _write(out or folder / "documents", profile, made)


def _bytes(kind: str, profile: Profile, made: Paper) -> bytes:
    from crm_acceptance.documents.paper import settings
    from crm_acceptance.documents.printed import printed
    from crm_acceptance.documents.word import word
    from crm_acceptance.documents.workbook import workbook

    template = settings(profile).get("template", "")
    if kind == "docx":
        return word(made, profile.workspace / template if template else None)
    return printed(made) if kind == "pdf" else workbook(made)


def _write(out: Path, profile: Profile, made: Paper) -> None:
    bodies = {kind: _bytes(kind, profile, made) for kind in KINDS}
    console = options.console()
    try:
        out.mkdir(parents=True, exist_ok=True)
        for kind, body in bodies.items():
            (out / f"{NAME}.{kind}").write_bytes(body)
            console.print(f"{out / f'{NAME}.{kind}'}", soft_wrap=True, highlight=False)
    except OSError as refused:
        raise WrongUse(f"写不进 {out}：{refused.strerror}。The folder cannot be written.") from None
    console.print(f"结论 {made.decision}，{escape(made.accepted)}，短码 {made.short}", highlight=False)


def _checked(file: Path, profile: Profile, made: Paper) -> int:
    kind = file.suffix.lstrip(".").lower()
    if kind not in KINDS:
        raise WrongUse(f"只能核对 {', '.join(KINDS)}：{file.name}。Only these can be checked.")
    try:
        held = file.read_bytes()
    except OSError as refused:
        raise WrongUse(f"读不了 {file}：{refused.strerror}（cannot be read）。") from None
    same = held == _bytes(kind, profile, made)
    said = f"相符 the same：{made.run}，短码 {made.short}"
    differs = f"[red]不符：证据、签字或文件改过 it differs from what the evidence of {escape(made.run)} gives now[/]"
    options.console().print(said if same else differs, highlight=False)
    return 0 if same else 1
