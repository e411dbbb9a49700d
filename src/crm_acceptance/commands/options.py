"""Options that several commands share, and what they mean together."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from crm_acceptance.errors import WrongUse
from crm_acceptance.model import DEPARTMENTS
from crm_acceptance.profile import find_workspace

Out = Annotated[Path | None, typer.Option("--out", help="报告放在哪个目录 folder for the reports [默认 reports/]")]
Keyword = Annotated[str, typer.Option("-k", help="只运行名字匹配的检查 only checks whose names match")]
Markers = Annotated[
    str, typer.Option("-m", help='只运行带标签的检查，如 "销售部 and not ui" only checks with these tags')
]
Workers = Annotated[str, typer.Option("-n", help="并行进程数 parallel processes")]
Department = Annotated[
    list[str] | None, typer.Option("--department", help="只运行这个部门，可重复 only this department")
]
Requirement = Annotated[
    list[str] | None, typer.Option("--requirement", help="只运行这条需求，可重复 only this requirement")
]
WithoutBrowser = Annotated[bool, typer.Option("--without-browser", help="跳过界面检查（未被证明）leave @ui checks out")]
Shuffle = Annotated[bool, typer.Option("--shuffle", help="随机顺序 random order, seed printed")]
RandomOrder = Annotated[
    str, typer.Option("--random-order", help="按此种子的随机顺序 random order with this seed", metavar="SEED")
]
Patience = Annotated[
    float, typer.Option("--patience", help="多少分钟没有检查结束就停止 minutes without a finished check")
]
NoAllure = Annotated[bool, typer.Option("--no-allure", help="不做 Allure 报告 no Allure report")]


def console() -> Console:
    """Where people read; wide enough for the table when nobody tells the width."""
    told = Console()
    return told if told.is_terminal else Console(width=max(told.width, 120), soft_wrap=True)


def workspace() -> Path:
    """The workspace we are in. WrongUse when there is none here or above."""
    found = find_workspace(Path.cwd())
    if found is None:
        raise WrongUse(
            f"这里不是验收工作区（没有 acceptance.toml）：{Path.cwd()}。请先执行 crm-acceptance init 目录。"
            "Not a workspace: lay one down with `crm-acceptance init DIR`."
        )
    return found


def writable(file: Path, zh: str, en: str) -> None:
    """WrongUse, in these words, unless a file can be written there; asked before anything is made, leaves nothing."""
    there = file.exists()
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.open("ab").close()
    except OSError as no:
        raise WrongUse(f"{zh} {file}：{no.strerror}。{en}.") from None
    if not there:
        file.unlink()


def department_key(said: str) -> str:
    """The key of a department that is named by key or in Chinese; an unknown name as it is, to be refused by others."""
    return {name: key for key, name in DEPARTMENTS.items()}.get(said, said)


def seed(shuffle: bool, asked: str, told: Console) -> str:
    """ "" for the order of collection. A seed of our own is printed, so that the order can be had again."""
    if not asked and shuffle:
        asked = str(random.SystemRandom().randrange(10**6))
    if asked:
        told.print(f"随机顺序 random order: --random-order {asked}")
    return asked


def checked_workers(asked: str) -> str:
    """ "auto" or a number of processes from 0 to 64."""
    if asked != "auto" and not (asked.isdigit() and int(asked) <= 64):
        raise WrongUse(f"-n 应为 auto 或 0 到 64：{asked}。-n is auto or a number from 0 to 64.")
    return asked


def pairs(options: list[str] | None) -> dict[str, str]:
    """KEY=VALUE options as a mapping."""
    split = [option.partition("=") for option in options or ()]
    for key, sign, _ in split:
        if not sign or not key:
            raise WrongUse(f"应写成 KEY=VALUE：{key}。It must be KEY=VALUE.")
    return {key: value for key, _, value in split}
