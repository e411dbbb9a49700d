"""`bundle` and `verify`: one file that proves a run and who signed it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from crm_acceptance.commands import options
from crm_acceptance.commands.gate import folder_of
from crm_acceptance.commands.keys import open_key
from crm_acceptance.errors import WrongUse

BUNDLE_HELP = """把一次运行的全部证据封装成一个文件。Pack a run's evidence into one file that proves itself.

例 example:

  crm-acceptance bundle reports/20261122-101500-refcrm acceptance.crmbundle
"""
VERIFY_HELP = """离线核对证据包：改过一个字节也会指出是哪个文件。Check a bundle offline; exit 1 names what changed.

例 examples:

  crm-acceptance verify acceptance.crmbundle

  crm-acceptance verify acceptance.crmbundle --key lina.pub --require-signatures

退出码 exit codes: 0 完好 whole · 1 改过 changed

加 --require-signatures 时 with it: 1 也指缺签、失效或不同意 or not signed by all · 5 都签了、有条件的 conditional
"""


def register(app: typer.Typer) -> None:
    """Adds both commands."""
    app.command(name="bundle", help=BUNDLE_HELP)(bundle)
    app.command(name="verify", help=VERIFY_HELP)(verify)


def bundle(
    run: Annotated[Path, typer.Argument(metavar="RUN", help="运行目录 run folder")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="写到哪个文件 the file to write")],
    key: Annotated[str, typer.Option("--key", help="用哪把密钥 which key [默认本机的 this machine's own]")] = "",
) -> None:
    """Exit 0 when the file is written."""
    from crm_acceptance.sealing import keys
    from crm_acceptance.sealing.bundle import bundle as pack

    private = open_key(key) if key else keys.machine()
    folder = folder_of(run)
    written = pack(folder, out, private, _signed())
    shown = keys.PublicKey(private.public_key()).fingerprint
    print(f"{written} · {written.stat().st_size:,} 字节 bytes\n指纹 fingerprint: {shown}")


def verify(
    file: Annotated[Path, typer.Argument(metavar="BUNDLE", help="证据包 the bundle")],
    key: Annotated[
        Path | None, typer.Option("--key", help="必须由这个公钥封装 must be sealed by this public key")
    ] = None,
    require_signatures: Annotated[
        bool,
        typer.Option("--require-signatures", help="各部门都要有有效签字 every department must have signed validly"),
    ] = False,
) -> None:
    """Exit 0: whole; 1: something changed, and which part. Whole says nothing of who signed, unless it is asked."""
    from crm_acceptance.page.words import DECISIONS
    from crm_acceptance.sealing import keys
    from crm_acceptance.sealing.bundle import verify as check
    from crm_acceptance.sealing.packing import Broken
    from crm_acceptance.signoff.bundled import unpacked
    from crm_acceptance.signoff.standing import (
        EXIT_ACCEPTED,
        EXIT_CONDITIONAL,
        EXIT_MISSING,
        EXIT_REFUSED,
        exit_code,
    )
    from crm_acceptance.signoff.telling import table, unsigned

    trusted = keys.public(_pem(key), str(key)) if key else None
    try:
        found = check(file, trusted)
        signed = unpacked(found.bodies, datetime.now().astimezone())
    except Broken as broken:
        options.console().print(f"[red]证据包被改动 the bundle was changed[/]: {broken}", soft_wrap=True)
        raise typer.Exit(1) from None
    said = DECISIONS[found.verdict.decision.value]
    print(f"完好 whole: {found.run} · {found.files} 个文件 files · {said.zh} {said.en}")
    print(f"封装者 sealed by: {found.key.fingerprint}")
    if trusted is None:
        print(
            "没有指定公钥：只证明封装后没有改动，不证明是谁封装的。Without --key: unchanged since, whoever sealed it."
        )
    told = options.console()
    told.print(f"签字 signatures: {signed.lines} 行 lines" if signed else "没有签字 no signatures")
    for line in table(signed.standings) if signed else ():
        told.print(line, soft_wrap=True, highlight=False)
    signatures = exit_code(signed.standings) if signed else EXIT_MISSING
    for line in unsigned(signed.standings if signed else (), found.verdict.run.id):
        told.print(f"[bold red]{line}[/]", soft_wrap=True, highlight=False)
    if require_signatures and signatures != EXIT_ACCEPTED:
        raise typer.Exit(EXIT_CONDITIONAL if signatures == EXIT_CONDITIONAL else EXIT_REFUSED)


def _signed() -> dict[str, bytes]:
    """Who signed, where there is a workspace; a run folder can be packed without one."""
    from crm_acceptance import profile
    from crm_acceptance.signoff.bundled import packed

    place = profile.find_workspace(Path.cwd())
    return packed(profile.load(place)) if place else {}


def _pem(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as refused:
        raise WrongUse(f"读不了公钥 {file}：{refused.strerror}。The public key cannot be read.") from None
