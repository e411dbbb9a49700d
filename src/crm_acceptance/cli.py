"""The command line: collects the commands, turns every ending into an exit code and one sentence; does no work."""

from __future__ import annotations

import sys
import tempfile
import traceback
from pathlib import Path

import typer

from crm_acceptance.commands import (
    changes,
    clean,
    defects,
    demo,
    doctor,
    documents,
    gate,
    golive,
    init,
    keys,
    launch,
    load,
    map,
    notify,
    permissions,
    refcrm,
    requirements,
    run,
    sealing,
    signoff,
    touchstone,
    trace,
    warnings,
)
from crm_acceptance.errors import AcceptanceError

HELP = """CRM 上线验收：按部门运行场景、权限、压力检查，用一本台账给出能否上线的结论。

User acceptance of a CRM before go-live, department by department.

退出码 exit codes:

0 通过 accepted

1 不通过 rejected

2 用法或配置错误 wrong use or profile

3 未被证明 unproven

4 站点无法访问 site out of reach

5 有条件通过 conditional: only with signed conditions
"""
BUG = 2
INTERRUPTED = 3
CTRL_C = 130
"""How typer ends when nobody else has heard the Ctrl-C."""

app = typer.Typer(
    help=HELP,
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command in (
    demo,
    run,
    clean,
    gate,
    touchstone,
    keys,
    sealing,
    changes,
    trace,
    requirements,
    warnings,
    signoff,
    init,
    map,
    doctor,
    permissions,
    launch,
    load,
    golive,
    documents,
    notify,
    defects,
    refcrm,
):
    command.register(app)


def main() -> None:
    """Entry point. No traceback ever reaches a user: an unexpected error goes to a file, its name to the screen."""
    _speak_utf8()
    try:
        app(prog_name="crm-acceptance")
    except AcceptanceError as told:
        _say(str(told))
        sys.exit(told.exit_code)
    except (KeyboardInterrupt, BrokenPipeError):
        sys.exit(INTERRUPTED)
    except SystemExit as ending:
        if ending.code != CTRL_C:
            raise
        _say("已中断。Interrupted.")
        sys.exit(INTERRUPTED)
    except Exception as bug:
        _say(f"程序自身出错 {type(bug).__name__}: {bug}。详情 details: {_written()}。An error of the program itself.")
        sys.exit(BUG)


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr)


def _speak_utf8() -> None:
    """A Windows console or a POSIX locale may not know Chinese; a garbled letter is better than a crash."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(encoding="utf-8", errors="replace")


def _written() -> Path:
    with tempfile.NamedTemporaryFile(
        "w", prefix="crm-acceptance-", suffix=".log", delete=False, encoding="utf-8"
    ) as log:
        traceback.print_exc(file=log)
        return Path(log.name)
