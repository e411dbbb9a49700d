"""A secret that stands in the profile itself is refused, with its key named; names of variables are not."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_acceptance import profile
from crm_acceptance.errors import WrongUse

HEX = "0123456789abcdef" * 4


def told(folder: Path, text: str) -> str:
    (folder / "acceptance.toml").write_text(text, "utf-8")
    with pytest.raises(WrongUse) as refused:
        profile.load(folder)
    assert refused.value.exit_code == 2
    return str(refused.value)


@pytest.mark.parametrize(
    ("section", "key", "value"),
    [
        ("messages.ding", "url", "https://oapi.dingtalk.com/robot/send?access_token=abc123"),
        ("messages.ding", "url_env", "https://oapi.dingtalk.com/robot/send?access_token=abc123"),
        ("messages.wecom", "url", "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=693a91f6-7xxx"),
        ("messages.wecom", "url", "qyapi://x?a=1&key=693a91f6"),
        ("messages.feishu", "url", "https://open.feishu.cn/open-apis/bot/v2/hook/1a2b3c"),
        ("messages.lark", "url", "https://open.larksuite.com/open-apis/bot/v2/hook/1a2b3c"),
        ("messages.ding", "secret_env", f"SEC{HEX}"),
        ("messages.ding", "note", f"加签 SEC{HEX}"),
        ("messages.mail", "password", "hunter2"),
        ("messages.mail", "smtp_password", "hunter2"),
        ("messages.mail", "secret_env", "not a name!"),
        ("messages.mail", "url", "smtp://robot:hunter2@mail.example.com"),
        ("trackers.jira", "token", "ABCDEF"),
        ("trackers.jira", "note", "ATATT3xFfGF0abcdefghijklmnopqrstuvwxyz"),
        ("trackers.trello", "api_key", "0123"),
        ("signatories.sales", "note", "-----BEGIN ENCRYPTED PRIVATE KEY-----\\nMIG"),
        ("launch", "口令", "x"),
        ("trackers.jira", "token_env", "NjQ2NzM0MDc0OrW5x9"),
        ("trackers.jira", "url", "https://0a1b2c3d4e@jira.example.com"),
        ("messages.ding", "link", "https://ci.example.com/#access_token=abc123"),
        ("signatories.sales", "passphrase", "x"),
    ],
)
def test_a_secret_in_the_profile_is_refused_with_its_key(tmp_path: Path, section: str, key: str, value: str) -> None:
    said = told(tmp_path, f'[{section}]\n"{key}" = "{value}"\n')
    assert f"{section}.{key}" in said and "环境变量" in said and "_env" in said
    assert value[8:] not in said or len(value) < 9, "the refusal must not repeat the secret"


def test_a_secret_in_a_list_is_refused_with_its_place(tmp_path: Path) -> None:
    said = told(tmp_path, '[[gate.rule]]\nurl = "https://a.example/?token=x1"\n')
    assert "gate.rule[1].url" in said


@pytest.mark.parametrize(
    "line",
    [
        '[messages.ding]\nkind = "dingtalk"\nurl_env = "DING_URL"\nsecret_env = "DING_SECRET"',
        '[trackers.jira]\nurl = "https://jira.example.com/?view=all&project=CRM"\ntoken_env = "JIRA_TOKEN"',
        f'[signatories.sales]\nrevoked = ["{HEX}"]\n[[signatories.sales.people]]\nname = "陈静"\nkey = "{HEX}"',
        '[secrets]\npassword = "OUR_PASSWORD"',
        '[site]\nurl = "https://crm.example.com"',
    ],
)
def test_names_addresses_and_fingerprints_are_welcome(tmp_path: Path, line: str) -> None:
    (tmp_path / "acceptance.toml").write_text(line, "utf-8")
    assert profile.load(tmp_path)


def test_messages_and_trackers_are_tables_by_name(tmp_path: Path) -> None:
    assert "messages" in told(tmp_path, 'messages = "dingtalk"')
    assert "trackers" in told(tmp_path, '[trackers]\nkind = "jira"')
