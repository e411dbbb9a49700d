"""Other spellings of one address, which proxies and frameworks let pass by the rule that guards it; judges nothing."""

from __future__ import annotations

from collections.abc import Iterator

import requests

from crm_acceptance.engines.fuzz.identities import AnyCase, Sender, call_of
from crm_acceptance.errors import SiteOutOfReach
from crm_acceptance.systems.flow import Answer, Call

SPELLINGS: tuple[tuple[str, str, str], ...] = (
    ("HEAD", "", "HEAD 请求 a HEAD request"),
    ("GET", "/", "网址末尾加斜杠 a trailing slash"),
    ("GET", ".json", "网址加 .json 后缀 a .json suffix"),
)
"""Method, what is put behind the path, and how a finding calls it."""


def disguised(sender: Sender, case: AnyCase) -> Iterator[tuple[str, Call, Answer]]:
    """How it was spelt, what was sent and what came back, for every spelling."""
    for method, behind, how in SPELLINGS:
        try:
            answer = sender.spelt(case, method, behind)
        except requests.RequestException as error:
            raise SiteOutOfReach(f"{method} {case.path}{behind}（{type(error).__name__}）。No answer.") from None
        yield how, call_of(case), answer
