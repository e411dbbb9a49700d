"""`map`: drafts a mapping file from an API document or a recorded walk; never sends anything but GET by itself."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from crm_acceptance.commands import options
from crm_acceptance.errors import AcceptanceError, WrongUse
from crm_acceptance.profile import find_workspace

if TYPE_CHECKING:
    from crm_acceptance.drafting.walk import Walk

HELP = """根据接口文档或一遍录制的操作，起草 mapping.toml。

Draft a mapping file from an OpenAPI document or a recorded walk.

例 examples:

  crm-acceptance map --openapi https://crm.example.com/openapi.json

  crm-acceptance map --openapi swagger.yaml --title 易联CRM --out yilian.toml

  crm-acceptance map --openapi swagger.yaml --record https://crm-test.example.com   （打开窗口录制 in a window）

  crm-acceptance map --record walk.har       （只有录制 a recording alone）
"""


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="map", help=HELP)(command)


def command(
    openapi: Annotated[
        str, typer.Option("--openapi", help="OpenAPI 文档的地址或文件 URL or file of the document")
    ] = "",
    record: Annotated[
        str,
        typer.Option(
            "--record", help="录制操作：站点地址，或 HAR、Playwright trace 文件 a site to walk, or a recording"
        ),
    ] = "",
    walk: Annotated[
        Path | None,
        typer.Option("--walk", help="没有屏幕时按这些步骤走 steps to drive the walk where there is no screen"),
    ] = None,
    state: Annotated[
        Path | None, typer.Option("--state", help="已登录的浏览器状态 a stored browser state, e.g. behind a captcha")
    ] = None,
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
    from crm_acceptance.drafting.walk import Walk

    if not openapi and not record:
        raise WrongUse(
            "请给出 --openapi 文档，或 --record 录制。Give a document with --openapi, or a walk with --record."
        )
    if (walk or state) and not fetching.is_address(record):
        raise WrongUse("--walk 和 --state 只和 --record 网址 一起用。--walk and --state go with --record URL.")
    _check_target(out, force)
    read = None
    if openapi:
        source = fetching.Source(openapi, fetching.headers_of(header), _existing(ca), allow_remote)
        read = document.read(source.text(), openapi, source.remote())
    walked = _walked(record, walk, state) if record else None
    draft = assembling.drafted(read, title, walked) if read else assembling.recorded(walked or Walk((), ()), title)
    text = writing.written(draft, " + ".join(filter(None, (openapi, record))))
    _write(out, text)
    console = options.console()
    for line in telling.told(draft, out, text):
        console.print(escape(line), highlight=False, soft_wrap=True)
    _prove(out, console.print)


def _walked(record: str, steps: Path | None, state: Path | None) -> Walk:
    """The walk: out of a file, by somebody in a window, or driven."""
    from crm_acceptance import sites, vault
    from crm_acceptance.drafting import fetching, walk
    from crm_acceptance.engines import recording

    if not fetching.is_address(record):
        return walk.read(Path(record))
    sites.guard_visit(record, find_workspace(Path.cwd()))  # a walk saves records
    if state is not None and not state.is_file():
        raise WrongUse(f"没有这个浏览器状态文件：{state}。No such stored browser state.")
    driven = None
    if steps is not None:
        told = fetching.Source(str(steps)).text()
        driven = recording.steps(told, lambda name: vault.find(f"CRM_ACCEPTANCE_{name.upper()}"))
    elif not recording.has_display():
        raise WrongUse(
            "这台机器没有屏幕。请用 --walk 步骤文件 驱动，或在有屏幕的机器上录制后给出 --record 录制.har。"
            "There is no screen here: drive the walk with --walk FILE, or give a recording with --record FILE.har."
        )
    else:
        print("请在打开的窗口里：登录，打开各个列表，各新建一条记录并保存，然后关闭窗口。")
        print("In the window: sign in, open the lists, create and save one record each, then close it.", flush=True)
    return walk.of_har(recording.record(record, driven, state), record)


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
