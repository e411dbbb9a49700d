"""Whether secrets or personal data stand in addresses: those that are asked for and those that the CRM hands out."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from crm_acceptance.engines.permissions.oracle import spellings
from crm_acceptance.engines.sensitive import forms
from crm_acceptance.engines.sensitive.browsers import is_page
from crm_acceptance.engines.sensitive.entrances import Exchange
from crm_acceptance.engines.sensitive.sights import Sights
from crm_acceptance.engines.sensitive.verdict import Verdict

SHORTEST = 6
"""Characters of a secret that cannot stand in an address by chance."""
_SAID = re.compile(r"https?://[^\s\"'<>\\)]+|(?<=[\"'(=\s])/[^\s\"'<>\\)]*[?;][^\s\"'<>\\)]+")
_NAMED = re.compile(
    r"[?&;](?P<name>(?:j?session_?id|phpsessid|sid|access_token|id_token|auth_?token|password|passwd|pwd))=(?P<value>[^&#;]{6,})",
    re.IGNORECASE,
)
_HEADERS = ("location", "content-location", "link", "refresh", "referer")


def judged(sights: Sights) -> Verdict:
    """Every address of every exchange. Searching by a phone number is the searcher's doing: nobody here does that."""
    verdict = Verdict()
    for exchange in sights.exchanges:
        for where, address in _addresses(exchange):
            verdict.saw(f"{where} {_shape(address)}")
            for what in _told(forms.spelt(address), sights):
                verdict.wrong(
                    f"{where} {_shape(address)} 的网址里有{what}，会留在日志、历史记录和代理里。"
                    "It stays in logs, histories and proxies."
                )
    return verdict


def _addresses(exchange: Exchange) -> Iterator[tuple[str, str]]:
    """Where an address was met, and the address."""
    call, answer = exchange.call, exchange.answer
    asked = "&".join(f"{name}={value}" for name, value in call.params.items())
    yield f"请求 asked {call.method}", call.path + (f"?{asked}" if asked else "")
    for name in _HEADERS:
        if name in answer.headers:
            yield f"应答头 {name} of {_shape(call.path)}:", answer.headers[name]
    if is_page(answer):
        for link in forms.links(answer.text):
            yield f"页面 {_shape(call.path)} 上的链接 link", link
    elif "json" in answer.headers.get("content-type", ""):
        for link in _SAID.findall(answer.text.replace("\\/", "/")):
            yield f"{_shape(call.path)} 的应答给出 hands out", link


def _told(address: str, sights: Sights) -> Iterator[str]:
    for proof in sights.proofs:
        if len(proof) >= SHORTEST and proof in address:
            yield "密码或会话凭证 a password or the proof of a login"
    for value, what in sights.personal.items():
        if any(spelling in address for spelling in spellings(value)):
            yield f"个人信息 personal data ({what})"
    if found := _NAMED.search(address):
        yield f"参数 parameter {found['name']}"


def _shape(address: str) -> str:
    """An address for people: without what may be secret."""
    return re.sub(r"[A-Za-z0-9_-]{16,}|\d+", "#", urlsplit(address).path or address[:40])[:100]
