"""`map`: drafts a mapping file from an API document or a recorded walk; never sends anything but GET by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from crm_acceptance.commands import options
from crm_acceptance.errors import AcceptanceError, WrongUse

HELP = """根据接口文档或一遍录制的操作，起草 mapping.toml。

Draft a mapping file from an OpenAPI document or a recorded walk.

例 examples:

  crm-acceptance map --openapi https://crm.example.com/openapi.json

  crm-acceptance map --openapi swagger.yaml --title 易联CRM --out yilian.toml
"""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="map", help=HELP)(command)


def command(
    openapi: Annotated[
        str, typer.Option("--openapi", help="OpenAPI 文档的地址或文件 URL or file of the document")
    ] = "",
    out: Annotated[Path, typer.Option("--out", help="写到哪里 where to write")] = Path("mapping.toml"),
    title: Annotated[str, typer.Option("--title", help="系统名称 what the CRM is called")] = "",
    header: Annotated[
        list[str] | None, typer.Option("--header", help="取文档时的请求头 NAME: VALUE, may repeat")
    ] = None,
    ca: Annotated[str, typer.Option("--ca", help="要信任的证书文件 a certificate to trust")] = "",
    allow_remote: Annotated[
        bool, typer.Option("--allow-remote", help="也读取别的主机上的 $ref follow $refs to other hosts")
    ] = False,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有的文件 overwrite an existing file")] = False,
) -> None:
    """Exit code 0 when a draft was written; 2 wrong use; 4 the document cannot be fetched."""
    from crm_acceptance.drafting import assembling, document, fetching, telling, writing

    if not openapi:
        raise WrongUse("请给出 --openapi 文档。Give the document with --openapi.")
    _check_target(out, force)
    source = fetching.Source(openapi, fetching.headers_of(header), _existing(ca), allow_remote)
    read = document.read(source.text(), openapi, source.remote())
    draft = assembling.drafted(read, title)
    text = writing.written(draft, openapi)
    _write(out, text)
    console = options.console()
    for line in telling.told(draft, out, text):
        console.print(escape(line), highlight=False, soft_wrap=True)
    _prove(out, console.print)


def _existing(ca: str) -> str:
    if ca and not Path(ca).is_file():
        raise WrongUse(f"没有这个证书文件：{ca}。No such certificate file.")
    return ca


def _check_target(out: Path, force: bool) -> None:
    if out.exists() and not force:
        raise WrongUse(
            f"{out} 已经存在，没有改动。换一个 --out，或用 --force 覆盖。"
            "The file exists and was not touched: --out or --force."
        )


def _write(out: Path, text: str) -> None:
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(text, encoding="utf-8")
    except OSError as refused:
        raise WrongUse(f"{out} 写不进去：{refused.strerror}（cannot be written）。") from None


def _prove(out: Path, say: Callable[..., None]) -> None:
    """A draft must be readable as it stands; what is not is said with its line."""
    from crm_acceptance.systems.rest import mapping

    try:
        mapping.load(out)
    except AcceptanceError as wrong:
        say(f"草稿里还有读不懂的地方，请先改 the draft needs an edit first:\n{escape(str(wrong))}", highlight=False)
