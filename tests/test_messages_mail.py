"""Mails against a real SMTP server: encrypted, readable in Chinese, each receiver once, and every refusal told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from messages_stage import news
from standins.mailserver import PASSWORD, USER, MailBox, mail_server
from standins.robots import Clock
from standins.serving import closed_port

from crm_acceptance.errors import WrongUse
from crm_acceptance.messages import channels, outbox
from crm_acceptance.messages.delivery import Delivery, deliver
from crm_acceptance.messages.news import News
from crm_acceptance.messages.outbox import Outbox
from crm_acceptance.messages.outcome import Ending
from crm_acceptance.profile import Profile

TO = ("chenjing@example.com", "lina@example.com")


@dataclass
class Post:
    """A channel to one mail server."""

    box: MailBox
    folder: Path
    clock: Clock
    told: dict[str, Any]

    def outbox(self) -> Outbox:
        return outbox.of(self.folder, self.clock)

    def send(self, *said: News) -> Delivery:
        (channel,) = channels.channels(Profile(self.folder, messages={"mail": self.told}))
        for one in said:
            self.outbox().queue(channels.items(channel, one, self.clock()))
        return deliver(self.outbox(), {"mail": channels.carrier(channel, self.clock)}, self.clock.sleep)

    def endings(self, *said: News) -> list[Ending]:
        return [outcome.ending for _, outcome in self.send(*said).tried]


@pytest.fixture
def post(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Post]:
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    with mail_server(tmp_path) as box:
        told = {
            "kind": "mail", "host": "127.0.0.1", "port": box.port, "sender": USER, "to": list(TO),
            "secret_env": "MAIL_PASSWORD", "ca": box.ca,
        }  # fmt: skip
        yield Post(box, tmp_path, Clock(), told)


def test_each_receiver_gets_it_once_in_chinese_as_text_and_html(post: Post) -> None:
    assert post.endings(news(title="CRM 验收结果：不可上线", lines=("销售 <不可上线>",))) == [Ending.SENT] * 2
    assert post.endings(news(title="CRM 验收结果：不可上线", lines=("销售 <不可上线>",))) == []
    assert [to for to, _ in post.box.mails] == list(TO) and post.box.logins == [True, True]
    mail = post.box.mails[0][1]
    assert mail["Subject"] == "CRM 验收结果：不可上线" and mail["Message-ID"].endswith("crm-acceptance@example.com>")
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text is not None and "销售 ＜不可上线＞" in text.get_content()
    assert html is not None and "<li>销售 ＜不可上线＞</li>" in html.get_content()


def test_a_wrong_password_is_refused_and_not_tried_again(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "falsch")
    told = post.send(news())
    assert [outcome.ending for _, outcome in told.tried] == [Ending.REFUSED] and "535" in told.tried[0][1].said
    assert "535" in next(iter(told.waiting.values())), "a locked account helps nobody: the other receiver waits"
    monkeypatch.setenv("MAIL_PASSWORD", PASSWORD)
    assert post.endings() == [Ending.SENT] and [to for to, _ in post.box.mails] == [TO[1]]


def test_a_greylisted_receiver_gets_it_later_the_other_at_once(post: Post) -> None:
    post.box.codes[TO[0]] = ["450 4.2.0 greylisted"]
    assert post.endings(news()) == [Ending.LATER, Ending.SENT]
    post.clock.sleep(61)
    assert post.endings() == [Ending.SENT] and [to for to, _ in post.box.mails] == [TO[1], TO[0]]


def test_a_receiver_that_is_not_there_is_told(post: Post) -> None:
    post.box.codes[TO[0]] = ["550 5.1.1 no such user"]
    told = post.send(news())
    assert [one.ending for _, one in told.tried] == [Ending.REFUSED, Ending.SENT] and "no such user" in told.tried[0][
        1
    ].said


def test_a_mail_whose_answer_was_lost_comes_again_under_the_same_id(post: Post) -> None:
    post.told["to"] = [TO[0]]
    post.box.after_data = ["cut"]
    assert post.endings(news()) == [Ending.LATER]
    post.clock.sleep(61)
    assert post.endings() == [Ending.SENT]
    first, second = (mail for _, mail in post.box.mails)
    assert first["Message-ID"] == second["Message-ID"] and first.as_bytes() == second.as_bytes()


def test_a_full_mailbox_is_tried_again_and_a_refused_text_is_not(post: Post) -> None:
    post.box.after_data = ["452 4.2.2 full", "554 5.7.1 spam"]
    assert post.endings(news()) == [Ending.LATER, Ending.REFUSED]


def test_a_server_that_is_down_loses_nothing(post: Post) -> None:
    there, post.told["port"] = post.told["port"], closed_port()
    assert post.endings(news()) == [Ending.LATER]
    post.told["port"] = there
    post.clock.sleep(61)
    assert post.endings() == [Ending.SENT] * 2


def test_a_password_is_never_sent_to_a_server_without_encryption(tmp_path: Path, post: Post) -> None:
    with mail_server(tmp_path, tls=False) as plain:
        post.told["port"] = plain.port
        assert set(post.endings(news())) == {Ending.REFUSED} and not plain.mails


def test_a_server_with_a_strangers_certificate_gets_nothing(post: Post) -> None:
    post.told["ca"] = ""
    told = post.send(news())
    assert {one.ending for _, one in told.tried} == {Ending.REFUSED} and "TLS" in told.tried[0][1].said
    assert not post.box.mails and not post.box.logins


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"tls": "none", "host": "mail.example.com"}, "tls"),
        ({"tls": "tls"}, "known: none, ssl, starttls"),
        ({"to": ["chenjing"]}, "to"),
        ({"to": ["a@b.example\nBcc: x@evil.example"]}, "to"),
        ({"host": ""}, "host"),
        ({"prot": 25}, "did you mean port"),
        ({"port": "25"}, "port"),
        ({"kind": "male"}, "did you mean mail"),
        ({"secret_env": "my password"}, "NAME"),
        ({"departments": ["sale"]}, "did you mean sales"),
    ],
)
def test_a_wrong_channel_is_told(post: Post, changed: dict[str, Any], said: str) -> None:
    post.told |= changed
    with pytest.raises(WrongUse) as told:
        post.send(news())
    assert said in str(told.value)


def test_a_password_that_smtp_cannot_carry_is_told(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MAIL_PASSWORD", "密码")
    assert set(post.endings(news())) == {Ending.REFUSED}


def test_a_certificate_file_that_is_not_there_is_told(post: Post) -> None:
    post.told["ca"] = "nowhere.pem"
    told = post.send(news())
    assert not told.tried and all("nowhere.pem" in why for why in told.waiting.values())
