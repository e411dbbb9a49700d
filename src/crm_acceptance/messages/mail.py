"""E-mail: news as text and HTML, one SMTP attempt per receiver over STARTTLS, and what its answer means."""

from __future__ import annotations

import contextlib
import smtplib
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate
from html import escape

from crm_acceptance import evidence
from crm_acceptance.messages.delivery import Pace
from crm_acceptance.messages.news import News
from crm_acceptance.messages.outbox import Item
from crm_acceptance.messages.outcome import Outcome, later, refused, sent, unknown

TIMEOUT = 30.0
PACE = Pace(per_minute=60)
COLOURS = {"good": "#1a7f37", "warn": "#9a6700", "bad": "#cf222e", "plain": "#57606a"}


@dataclass(frozen=True)
class Post:
    """The mail server and who writes. tls: starttls, ssl, or none (only on this machine). `ca`: a PEM file or "".

    `user` and `password` are "" where the server asks for none.
    """

    host: str
    port: int
    tls: str
    sender: str
    user: str = ""
    password: str = ""
    ca: str = ""


def written(news: News, title: str) -> dict[str, str]:
    """The payload of one mail: plain text and HTML."""
    return {"mood": news.mood, "text": "\n".join(text(news)), "html": _html(news, title)}


def text(news: News) -> list[str]:
    """The news as lines of plain text."""
    lines = []
    for block in news.blocks:
        lines += [f"【{block.heading}】"] if block.heading else []
        lines += [*(f"  · {line}" for line in block.lines), ""]
    return [*lines, f"报告 report: {news.link}"] if news.link else lines


def _html(news: News, title: str) -> str:
    parts = [f'<h2 style="color:{COLOURS.get(news.mood, "#000")}">{escape(title)}</h2>']
    for block in news.blocks:
        parts += [f"<h3>{escape(block.heading)}</h3>"] if block.heading else []
        parts.append("<ul>" + "".join(f"<li>{escape(line)}</li>" for line in block.lines) + "</ul>")
    if news.link:
        parts.append(f'<p><a href="{escape(news.link, quote=True)}">查看报告 report</a></p>')
    return '<!doctype html><html lang="zh"><meta charset="utf-8"><body>' + "\n".join(parts) + "</body></html>"


def letter(post: Post, item: Item) -> EmailMessage:
    """The mail, the same at every attempt: its Message-ID is the item's key, by which a second copy can be known."""
    body: Mapping[str, str] = item.payload
    made = EmailMessage(policy=SMTP)
    made["Subject"], made["From"], made["To"] = item.title, post.sender, body["to"]
    made["Date"] = formatdate(float(body["at"]), localtime=False)
    made["Message-ID"] = f"<{item.key}.crm-acceptance@{post.sender.rpartition('@')[2].rstrip('>')}>"
    made["Auto-Submitted"] = "auto-generated"
    made.set_content(body["text"], cte="base64")
    made.add_alternative(body["html"], subtype="html", cte="base64")
    made.set_boundary(f"=={item.key}==")
    return made


@dataclass(frozen=True)
class MailCarrier:
    """Carries queued mails. The Message-ID stays, so a mail whose answer was lost is sent again."""

    post: Callable[[], Post | str]
    pace: Pace = PACE
    repeatable: bool = True

    def ready(self) -> str:
        """Why there is no way to it, or ""."""
        post = self.post()
        return post if isinstance(post, str) else ""

    def carry(self, item: Item) -> Outcome:
        """One mail to one receiver."""
        post = self.post()
        if isinstance(post, str):
            return later(post)
        try:
            return _handed_over(post, item)
        except smtplib.SMTPException as told:
            return heard(told)
        except UnicodeError:
            return refused("密码或地址里有邮件协议不能带的字符 a character that SMTP cannot carry")
        except ssl.SSLError as told:
            return refused(f"邮件服务器的证书不可信或不支持 TLS the server's TLS cannot be trusted: {told.reason}")
        except OSError as lost:
            return later(f"连不上邮件服务器 cannot be reached ({type(lost).__name__})")


def _handed_over(post: Post, item: Item) -> Outcome:
    context = ssl.create_default_context(cafile=post.ca or None)
    line = _line(post, context)
    try:
        if post.tls == "starttls":
            line.starttls(context=context)
        if post.user:
            line.login(post.user, post.password)
        return _given(line, post, item)
    finally:
        with contextlib.suppress(OSError, smtplib.SMTPException):  # what happens at good-bye changes nothing
            line.quit()
        line.close()


def _given(line: smtplib.SMTP, post: Post, item: Item) -> Outcome:
    try:
        line.send_message(letter(post, item), from_addr=post.sender, to_addrs=[item.payload["to"]])
    except smtplib.SMTPServerDisconnected:
        return unknown("连接在发送中断开 the connection was cut while sending")
    except (TimeoutError, ConnectionError) as lost:
        return unknown(f"发送后应答丢失 the answer was lost ({type(lost).__name__})")
    return sent()


def _line(post: Post, context: ssl.SSLContext) -> smtplib.SMTP:
    if post.tls == "ssl":
        return smtplib.SMTP_SSL(post.host, post.port, timeout=TIMEOUT, context=context)
    return smtplib.SMTP(post.host, post.port, timeout=TIMEOUT)


def heard(told: smtplib.SMTPException) -> Outcome:
    """4xx may be tried again, 5xx may not; a password is never sent where the server offers no TLS."""
    if isinstance(told, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(told.recipients.values()))
        return _by_code(code, said, alone=True)
    if isinstance(told, smtplib.SMTPAuthenticationError) and told.smtp_code >= 500:
        return replace(_by_code(told.smtp_code, told.smtp_error, alone=False), shut=True)
    if isinstance(told, smtplib.SMTPResponseException):
        return _by_code(told.smtp_code, told.smtp_error, alone=isinstance(told, smtplib.SMTPDataError))
    if isinstance(told, smtplib.SMTPNotSupportedError):
        return refused(f"邮件服务器不支持 STARTTLS 或登录 not supported by the server: {told}")
    return later(f"邮件服务器断开 disconnected ({type(told).__name__})")


def _by_code(code: int, said: bytes | str, alone: bool) -> Outcome:
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    text = f"SMTP {code}：{evidence.mask(words)[:160]}"
    return later(text, alone=alone) if 400 <= code < 500 or code == -1 else refused(text)
