"""`refcrm`: becomes the reference CRM's own process; imports nothing of it."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import Annotated

import typer

HELP = """单独启动参考 CRM（中文网页和接口）。Start the reference CRM alone.

密码：环境变量 REFCRM_PASSWORD，没有则为 demo2026。Password: $REFCRM_PASSWORD, else demo2026.

例 examples:

  crm-acceptance refcrm --port 8000

  crm-acceptance refcrm --port 8000 --db crm.db --defects sort_amount_as_text
"""


def register(app: typer.Typer) -> None:
    """Adds the command; what we do not know goes through to the program itself."""
    settings = {"allow_extra_args": True, "ignore_unknown_options": True}
    app.command(name="refcrm", help=HELP, context_settings=settings)(command)


def command(
    context: typer.Context,
    port: Annotated[int, typer.Option("--port", help="端口，0 为自动 port, 0: any", min=0, max=65535)] = 8000,
    db: Annotated[str, typer.Option("--db", help="SQLite 文件 file [默认内存 a temporary one]")] = "",
    defects: Annotated[str, typer.Option("--defects", help="打开的缺陷，逗号分隔 planted faults")] = "",
) -> None:
    """Hands over to `python -m crm_acceptance.refcrm`."""
    words = [sys.executable, "-m", "crm_acceptance.refcrm", "--port", str(port)]
    words += [*(["--db", db] if db else []), *(["--defects", defects] if defects else []), *context.args]
    if sys.platform == "win32":
        raise typer.Exit(subprocess.run(words, check=False).returncode)
    sys.stdout.flush()
    os.execv(sys.executable, words)
