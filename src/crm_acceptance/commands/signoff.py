"""`signoff`: who signed, signing, taking back, lending, the page, and checking the journal; the work is signoff/'s."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_acceptance.commands import options
from crm_acceptance.commands.gate import Run, folder_of
from crm_acceptance.commands.keys import open_key
from crm_acceptance.errors import WrongUse

if TYPE_CHECKING:
    from crm_acceptance.profile import Profile
    from crm_acceptance.signoff.revising import Hand
    from crm_acceptance.signoff.sayings import Condition

HELP = """验收签字：谁签了、还差谁、为什么不算数。Sign-off by the people who are named in acceptance.toml.

例 examples:

  crm-acceptance signoff status                                    最近一次运行 the latest run

  crm-acceptance signoff sign --department sales --as chenjing --answer yes

  crm-acceptance signoff sign --department sales --as chenjing --answer conditional --condition "补测;李娜;2026-12-31"

  crm-acceptance signoff serve                                     打开签字网页 the page

退出码 exit codes of status: 0 全部同意 all yes · 1 有人不同意 a no · 3 缺签或失效 missing, void · 5 有条件 conditional
"""
EXAMPLES = {
    "status": "crm-acceptance signoff status reports/20261122-101500-refcrm",
    "sign": "crm-acceptance signoff sign --department finance --as wufang --answer no --reason 回款对不上",
    "withdraw": "crm-acceptance signoff withdraw 3f9a01c27b44 --as wufang --reason 已改好",
    "delegate": "crm-acceptance signoff delegate --department finance --as wufang --to sunhao --until 2026-12-31",
    "accept": "crm-acceptance signoff accept wufang.signature.json",
    "serve": "crm-acceptance signoff serve --port 8600",
    "verify": "crm-acceptance signoff verify --receipt 3f9a01c27b44",
}
SAID = {"同意": "yes", "有条件同意": "conditional", "不同意": "no"}


def _answer(said: str) -> str:
    """The answer's own word for one in Chinese; what is unknown is refused later, with what is known."""
    return SAID.get(said, said)


Who = Annotated[str, typer.Option("--as", help="签字人的登录名 the signatory's login")]
Key = Annotated[str, typer.Option("--key", help="用哪把密钥 which key [默认同登录名 named like the person]")]
Reason = Annotated[str, typer.Option("--reason", help="原因 why")]
Department = Annotated[
    str, typer.Option("--department", help="部门 department，如 sales 或 销售", callback=options.department_key)
]


def register(app: typer.Typer) -> None:
    """Adds the group."""
    group = typer.Typer(help=HELP, no_args_is_help=True)
    for name, work, words in (
        ("status", status, "各部门签字情况。Where every department stands."),
        ("sign", sign, "签字：同意、有条件同意、不同意。Sign for a department."),
        ("withdraw", withdraw, "撤回自己的签字或委托。Take a signature or delegation back."),
        ("delegate", delegate, "委托另一个签字人代签。Let another signatory sign for you."),
        ("accept", accept, "收下在别处签好的签字文件。Take in an envelope signed elsewhere."),
        ("serve", serve, "本机签字网页。The page, on this machine only."),
        ("verify", verify, "离线核对签字簿。Check the journal, offline."),
    ):
        group.command(name=name, help=f"{words}\n\n例 example:\n\n  {EXAMPLES[name]}")(work)
    app.add_typer(group, name="signoff")


def status(run: Run = None) -> None:
    """One block per department; the exit code is the worst."""
    from crm_acceptance.signoff import exit_code
    from crm_acceptance.signoff import status as where
    from crm_acceptance.signoff.telling import table

    folder = folder_of(run)
    found = where(_profile(folder), folder)
    told = options.console()
    told.print(f"签字情况 sign-off: {folder.name}", highlight=False)
    for line in table(found):
        told.print(line, soft_wrap=True, highlight=False)
    raise typer.Exit(exit_code(found))


def sign(
    department: Department,
    person: Who,
    answer: Annotated[
        str, typer.Option("--answer", help="yes 同意 · conditional 有条件同意 · no 不同意", callback=_answer)
    ],
    run: Run = None,
    condition: Annotated[
        list[str] | None, typer.Option("--condition", help="条件;负责人;期限 text;owner;2026-12-31，可重复")
    ] = None,
    reason: Reason = "",
    behalf: Annotated[str, typer.Option("--for", help="代谁签 on whose behalf (delegated)")] = "",
    key: Key = "",
    out: Annotated[
        Path | None, typer.Option("--out", help="不记入签字簿，写成文件交给项目组 write the envelope for `accept`")
    ] = None,
) -> None:
    """The passphrase is asked, or taken from CRM_ACCEPTANCE_PASSPHRASE. Exit 0 signed, 2 wrong use, 3 cannot count."""
    from crm_acceptance.signoff import signing
    from crm_acceptance.signoff.receipts import written

    folder = folder_of(run)
    asked = signing.Answer(department, person, answer, _conditions(condition or []), reason, behalf)
    desk = signing.desk(_profile(folder), folder)
    signing.check(desk, asked)  # before anybody types a passphrase
    private = open_key(key or person)
    if out is not None:
        print(f"已签好，请交给项目组 hand it in: {written(out, signing.envelope(desk, asked, private))}")
        return
    done = signing.sign(desk, asked, private)
    print(f"已签字 signed: {done.short} · 第 {done.n + 1} 行 line · {desk.file}")


def withdraw(
    digest: Annotated[str, typer.Argument(metavar="DIGEST", help="签字摘要的前几位 the digest, its first characters")],
    person: Who,
    reason: Reason = "",
    key: Key = "",
) -> None:
    """Exit 0 when it is written down."""
    from crm_acceptance.signoff import revising

    line = revising.withdraw(_hand(person, key), digest, reason)
    print(f"已撤回 withdrawn: {line.digest[:12]}")


def delegate(
    department: Department,
    person: Who,
    to: Annotated[str, typer.Option("--to", help="委托给谁 to whom (a login)")],
    until: Annotated[str, typer.Option("--until", help="到哪天为止 until this day, YYYY-MM-DD")],
    reason: Reason = "",
    key: Key = "",
) -> None:
    """Exit 0 when it is written down."""
    from crm_acceptance.signoff import revising

    last = _day(until)
    said = revising.delegate(_hand(person, key), department, to, last, reason)
    print(f"已委托 delegated: {said.signatory} → {said.to} · {said.department} · {said.until.isoformat()}")


def accept(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="sign --out 写出的文件 what `sign --out` wrote")],
) -> None:
    """Exit 0 when it counts and is written down; 3: it would not count."""
    from crm_acceptance.signoff import signing
    from crm_acceptance.signoff.receipts import read, run_of

    sealed = read(file)
    folder = folder_of(Path(run_of(sealed)))
    done = signing.accept(signing.desk(_profile(folder), folder), sealed)
    print(f"已收下 taken in: {done.signature.signatory} · {done.signature.bound.department} · {done.short}")


def serve(
    run: Run = None,
    port: Annotated[int, typer.Option("--port", help="端口，0 = 任选 0: any free one", min=0, max=65535)] = 0,
) -> None:
    """Until Ctrl-C. Only this machine can open it."""
    from crm_acceptance.signoff.web.serving import serve as start

    folder = folder_of(run)
    start(_profile(folder), folder, port, lambda url: print(f"签字网页 sign here: {url}   Ctrl-C 结束", flush=True))


def verify(
    receipt: Annotated[str, typer.Option("--receipt", help="这份签字还在不在 is this one still there")] = "",
) -> None:
    """Exit 0: every line whole and signed by the key it names; 1: something changed, and which line."""
    from crm_acceptance.sealing.keys import registered
    from crm_acceptance.signoff import offline

    place = options.workspace()
    checked = offline.check(offline.kept(place), registered(place), receipt)
    for problem in checked.problems:
        print(problem)
    if checked.problems:
        raise typer.Exit(1)
    print(f"完好 whole: {checked.lines} 行 lines · {checked.head[:12] or '-'}")
    for said in checked.later:
        print(said)


def _profile(folder: Path) -> Profile:
    """What this run is held against."""
    from crm_acceptance import manifest, profile

    return profile.for_run(options.workspace(), manifest.read(folder).run.system)


def _hand(person: str, key: str) -> Hand:
    from datetime import datetime

    from crm_acceptance import profile
    from crm_acceptance.signoff.revising import Hand as Made

    return Made(profile.load(options.workspace()), person, open_key(key or person), datetime.now().astimezone())


def _conditions(told: list[str]) -> tuple[Condition, ...]:
    from crm_acceptance.signoff.sayings import Condition

    made = []
    for one in told:
        parts = [part.strip() for part in one.replace("；", ";").split(";")]
        if len(parts) != 3:
            raise WrongUse(f"条件应写成“内容;负责人;期限”：{one}。A condition is text;owner;YYYY-MM-DD.")
        made.append(Condition(parts[0], parts[1], _day(parts[2])))
    return tuple(made)


def _day(told: str) -> date:
    try:
        return date.fromisoformat(told)
    except ValueError:
        raise WrongUse(f"日期应写成 2026-12-31：{told}。A date is YYYY-MM-DD.") from None
