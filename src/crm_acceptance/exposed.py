"""Finds secrets that stand in a profile as they are, instead of the name of where they are kept; reads no file."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from crm_acceptance.errors import WrongUse

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""What the name of an environment variable looks like."""
_TELLING = re.compile(
    r"(?i)(^|[_.-])(password|passwd|passphrase|pwd|secret|token|credentials?|api[_-]?key|access[_-]?key|密码|口令)$"
)
_IN_QUERY = re.compile(r"(?i)^(key|access_?token|token|sign|signature|secret|password|api_?key|sig)$")
_WEBHOOKS = (
    re.compile(r"(?i)^(open\.feishu\.cn|open\.larksuite\.com)/open-apis/bot/v2/hook/\S+"),
    re.compile(r"(?i)^hooks\.slack\.com/services/\S+"),
    re.compile(r"(?i)^[\w.-]*\.webhook\.office\.com/\S+"),
)
_SHAPES: Mapping[str, re.Pattern[str]] = {
    "私钥 a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
    "钉钉加签密钥 a DingTalk secret": re.compile(r"\bSEC[0-9a-f]{32,}"),
    "访问令牌 an access token": re.compile(
        r"\b(ATATT3[\w=-]{20,}|ATTA[0-9a-f]{32,}|gh[pousr]_\w{30,}|glpat-[\w-]{20,}|xox[abp]-[\w-]{10,}|AKIA[0-9A-Z]{16})"
    ),
    "令牌 a signed token": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\."),
    "登录凭据 credentials": re.compile(r"(?i)^(bearer|basic)\s+[\w.~+/=-]{8,}$"),
}
_PLACEHOLDER = re.compile(r"^[{$<].*[}>]?$")


def refuse(file: str, table: Mapping[str, Any]) -> None:
    """WrongUse for the first value of `table` that is a secret itself: its key, what it looks like, what to do."""
    for key, what in _found("", table):
        raise WrongUse(
            f"{file} 里 {key} 写着{what}。配置里只写环境变量的名字：把值放进环境变量（或密钥环），"
            f"这里写 {_advice(key)}，并把已经写进文件的那个作废重发。"
            f"{key} holds a secret itself: keep it in an environment variable, name that here, and revoke this one."
        )


def _advice(key: str) -> str:
    last = key.rpartition(".")[2].removesuffix("_env")
    return f'{last}_env = "{re.sub(r"[^A-Z0-9]+", "_", f"{last}".upper())}"'


def _found(where: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _found(f"{where}.{key}" if where else str(key), inner)
    elif isinstance(value, list | tuple):
        for number, inner in enumerate(value, 1):
            yield from _found(f"{where}[{number}]", inner)
    elif isinstance(value, str) and (what := _what(where, value)):
        yield where, what


def _what(key: str, value: str) -> str:
    """What kind of secret this is, "" when it is none."""
    for name, shape in _SHAPES.items():
        if shape.search(value):
            return name
    if "://" in value and (what := _in_address(value)):
        return what
    if key.endswith("_env"):
        return "" if _is_name(value) else "不是变量名的值 something that is no name of a variable"
    named = key != "secrets.password" and _TELLING.search(key) and value and not _PLACEHOLDER.match(value)
    return "密码或令牌 a password or token" if named else ""


def _is_name(value: str) -> bool:
    """A token of letters and digits could be a name; only nobody calls a variable so."""
    random = len(value) >= 16 and "_" not in value and any(map(str.islower, value)) and any(map(str.isdigit, value))
    return NAME.fullmatch(value) is not None and not random


def _in_address(value: str) -> str:
    try:
        parts = urlsplit(value)
        given = parts.password or (parts.username if parts.scheme.startswith("http") else "")
        query = parse_qsl(f"{parts.query}&{parts.fragment}")
    except ValueError:  # a bracket left open: no address at all
        return ""
    if given:
        return "带密码或令牌的地址 an address with a password or token"
    if any(_IN_QUERY.match(name) and inner for name, inner in query):
        return "带密钥的地址 an address with a key or token"
    hooked = any(shape.match(f"{parts.netloc}{parts.path}") for shape in _WEBHOOKS)
    return "机器人的地址，它本身就是密钥 a webhook, whose address is the secret" if hooked else ""
