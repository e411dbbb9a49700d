"""What a place of stories says instead of stories, as one sentence and an exit code."""

from __future__ import annotations

from crm_acceptance.errors import AcceptanceError, SiteOutOfReach, WrongUse

SAID = 160


def answered(name: str, status: int, words: str) -> AcceptanceError:
    """An answer with an error status."""
    told = " ".join(words.split())[:SAID]
    if status in (401, 403):
        return WrongUse(
            f"{name} 拒绝访问（HTTP {status}）：请检查令牌、用户和权限；什么也没有改。"
            "Access is refused: check the token and the rights. Nothing was changed."
        )
    if status == 429:
        return SiteOutOfReach(
            f"{name} 说请求太多（HTTP 429），请过一会儿再试；什么也没有改。Too many requests: try later."
        )
    if 400 <= status < 500:
        return WrongUse(f"{name} 不接受查询（HTTP {status}）：{told}。请检查 JQL 或筛选条件。The query is refused.")
    return SiteOutOfReach(f"{name} 出错（HTTP {status}）：{told}。请稍后再试；什么也没有改。Try later.")


def odd(name: str, text: str) -> AcceptanceError:
    """HTML, or anything else that is no answer of an API: a login page, a proxy."""
    told = " ".join(text.split())[:SAID]
    return SiteOutOfReach(
        f"{name} 应答的不是 JSON（可能是登录页或代理）：{told}。请检查 url；什么也没有改。Not an API's answer."
    )


def lost(name: str, error: Exception) -> AcceptanceError:
    """No answer at all."""
    return SiteOutOfReach(
        f"{name} 连不上或没有应答（{type(error).__name__}），请检查网络和 url；什么也没有改。Out of reach."
    )
