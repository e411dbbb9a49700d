"""`notify`: tells people in their chats and by mail what a run decided, and what still waits in the outbox."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crm_acceptance import profile as profiles
from crm_acceptance.commands import options
from crm_acceptance.commands.gate import folder_of, since
from crm_acceptance.errors import WrongUse
from crm_acceptance.gate import NONE

if TYPE_CHECKING:
    from crm_acceptance.messages.sending import Told

HELP = """把一次运行的结论、待签、预警发到企业微信、钉钉、飞书和邮件。Tell people what a run decided.

每个渠道一条消息；先写入发件箱再发送，断网、限流时排队，不丢也不重发。渠道写在 acceptance.toml 的 \\[messages.名字]。
One message per channel, written to the outbox before it is sent: nothing is lost, nothing is sent twice.

例 examples:

  crm-acceptance notify                               最近一次运行 the latest run

  crm-acceptance notify reports/20261122-101500-refcrm --channel sales-group

  crm-acceptance notify --daily                       日报 daily report

  crm-acceptance notify --weekly                      周报 weekly report

  crm-acceptance notify --test                        试一试渠道 try the channels

  crm-acceptance notify --preview                     只看不发 show, send nothing

  crm-acceptance notify outbox                        还没送达的 what has not arrived

  crm-acceptance notify outbox --send                 再发一次（可放进定时任务）send what is due

  crm-acceptance notify outbox --again KEY            确认没收到后重发 send an unknown one again

退出码 exit codes: 0 全部送达 all sent · 2 被拒收或配置错误 refused or wrong profile · 3 在排队或不明 queued or unknown
"""
OUTBOX = "outbox"
Run = Annotated[str, typer.Argument(metavar="[RUN|outbox]", help="运行目录 run folder [默认最近一次 the latest]")]
Daily = Annotated[bool, typer.Option("--daily", help="日报，每天每渠道一条 daily report")]
Weekly = Annotated[bool, typer.Option("--weekly", help="周报，每周每渠道一条 weekly report")]
Test = Annotated[bool, typer.Option("--test", help="测试消息 a message to try the channels")]
Preview = Annotated[bool, typer.Option("--preview", help="只显示，不排队不发送 show only")]
OnlyTo = Annotated[str, typer.Option("--channel", help="只发到这个渠道 only to this channel")]
Send = Annotated[bool, typer.Option("--send", help="（outbox）发送到期的 send what is due")]
Again = Annotated[str, typer.Option("--again", metavar="KEY", help="（outbox）重发这一条 send this one again")]
Drop = Annotated[str, typer.Option("--drop", metavar="KEY", help="（outbox）这一条作废 forget this one")]


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="notify", help=HELP)(notify)


def notify(
    run: Run = "",
    daily: Daily = False,
    weekly: Weekly = False,
    test: Test = False,
    preview: Preview = False,
    channel: OnlyTo = "",
    send: Send = False,
    again: Again = "",
    drop: Drop = "",
) -> None:
    """Queue and send, or look after the outbox."""
    if run == OUTBOX:
        _outbox(channel, send, again, drop)
    if send or again or drop:
        raise WrongUse("--send、--again、--drop 只用于 crm-acceptance notify outbox。They go with `notify outbox`.")
    asked = [name for name, wanted in (("daily", daily), ("weekly", weekly), ("test", test)) if wanted]
    if len(asked) > 1:
        raise WrongUse("--daily、--weekly、--test 只能选一个。Choose one of them.")
    _tell(asked[0] if asked else "run", run, channel, preview)


def _tell(topic: str, run: str, only: str, preview: bool) -> None:
    from crm_acceptance.messages import channels, gathering, sending
    from crm_acceptance.trackers import carrying

    profile = profiles.load(options.workspace())
    wanted = channels.channels(profile, only)
    folder = Path() if topic == "test" else folder_of(Path(run) if run else None)
    doubts = NONE if topic == "test" else since(profile.workspace, folder)
    told = gathering.news(topic, profile, folder, wanted, datetime.now().astimezone(), doubts)
    if preview:
        for name, news in told.items():
            print(f"== {name}", *channels.shown(news), sep="\n")
        return
    had = sending.queue(profile, told)
    for name in had:
        print(f"{name}：已经发过、在排队或被拒，不再发 has it already")
    never = sending.refused(profile.workspace, had)
    print(*never, sep="\n", end="\n" if never else "")
    told_now = sending.send(profile, only, more=carrying.carriers(profile))
    maybe = sending.unsure(profile.workspace, had)  # a kill while sending is only noticed by whoever sends next
    print(*maybe, sep="\n", end="\n" if maybe else "")
    _end(told_now, sending.WRONG if never else sending.WAITING if maybe else 0)


def _outbox(only: str, send: bool, again: str, drop: str) -> None:
    from crm_acceptance.messages import outbox, sending
    from crm_acceptance.trackers import carrying

    profile = profiles.load(options.workspace())
    box = outbox.of(profile.workspace)
    if drop:
        print(f"作废 dropped：{box.drop(drop).title}")
    if again:
        print(f"重新排队 queued again：{box.again(again).title}")
    if send or again:
        _end(sending.send(profile, only, more=carrying.carriers(profile)))
    print(*sending.listed(profile.workspace), sep="\n")
    raise typer.Exit(0)


def _end(told: Told, otherwise: int = 0) -> None:
    print(*told.lines, sep="\n", end="\n" if told.lines else "")
    raise typer.Exit(told.exit_code or otherwise)
