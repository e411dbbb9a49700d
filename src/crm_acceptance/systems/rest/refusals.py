"""What an answer says besides its content: yes, or a no and of which kind. Reads answers, sends nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from collections.abc import Mapping as Table
from typing import Any

from crm_acceptance.errors import Refused, SiteOutOfReach
from crm_acceptance.systems.rest.places import Reply
from crm_acceptance.systems.rest.shape import AuthSpec, CallSpec, ErrorSpec, Mapping
from crm_acceptance.systems.rest.templates import MISSING

STATUS: Table[int, str] = {
    401: "expired", 403: "denied", 404: "missing", 409: "conflict", 410: "missing", 412: "conflict", 419: "expired",
    429: "throttled", 440: "expired",
}  # fmt: skip
_ERRORS = ("error", "errors", "exception", "fault")
_LOGIN = re.compile(r"/(?:user)?(?:log-?in|sign[-_]?in|logon|sso|cas|passport)(?:page)?(?:[./_-]|$)")


def judge(mapping: Mapping, reply: Reply, expect: tuple[int, ...] = ()) -> None:
    """Nothing when the CRM agreed; Refused when it said no; SiteOutOfReach when it broke down or is no CRM at all."""
    status, errors = reply.answer.status, mapping.errors
    if expect and status in expect:
        return
    if is_expired(mapping, reply):
        raise Refused("expired", message(errors, reply), status)
    if status < 300 and not expect and not _says_no(errors, reply):
        return
    kind = kind_of(mapping, reply)
    if kind:
        raise Refused(kind, message(errors, reply), status)
    raise SiteOutOfReach(
        f"{reply.answer.url} 应答 HTTP {status}：系统内部出错，不是业务上的拒绝。"
        f"The CRM broke down instead of answering: {reply.answer.text[:160]!r}"
    )


def judge_login(mapping: Mapping, reply: Reply, spec: CallSpec) -> None:
    """The same for calls of [auth]. A token endpoint often speaks without the envelope of the API around it.

    A good status, no success marker at all, and the token that is to be saved (or all that is to be saved) is a yes.
    """
    places = [spec.save["token"]] if "token" in spec.save else list(spec.save.values())
    marker = mapping.errors.success_path
    bare = bool(places) and bool(marker) and reply.at(marker) is MISSING and reply.answer.status < 300
    if bare and all(reply.at(place) not in (MISSING, None, "") for place in places):
        return
    judge(mapping, reply, spec.expect)


def kind_of(mapping: Mapping, reply: Reply) -> str:
    """Which refusal it is: by code, by words, by status, in this order; "" when it is a breakdown."""
    errors, status = mapping.errors, reply.answer.status
    code = _text(reply.at(errors.code)) if errors.code else ""
    if code in errors.codes:
        return errors.codes[code]
    if found := _by_words(errors.words, _spoken(reply)):
        return found
    inner = int(code) if code.isdigit() and len(code) == 3 else status
    for one in (status, inner):
        if one in errors.status:
            return errors.status[one]
    if status >= 500 or 300 <= status < 400:
        return ""
    if 401 in (status, inner) and mapping.auth.kind in ("none", "basic", "api_key", "token"):
        return "denied"  # nothing was signed in that could have expired
    return STATUS.get(status) or STATUS.get(inner) or "invalid"


def message(errors: ErrorSpec, reply: Reply) -> str:
    """The CRM's own words, shortened."""
    said = reply.at(errors.message) if errors.message else MISSING
    if isinstance(said, list):
        said = "; ".join(map(_text, said))
    return (_text(said) or " ".join(reply.answer.text.split()) or f"HTTP {reply.answer.status}")[:300]


def is_expired(mapping: Mapping, reply: Reply) -> bool:
    """Whether the person has to sign in again: sent to the login page, shown it, or told so in words.

    Words count only where the answer is no data: a record may hold them, too.
    """
    auth, answer = mapping.auth, reply.answer
    if 300 <= answer.status < 400:
        return is_login(auth, answer.headers.get("location", ""))
    said_no = answer.status >= 400 or reply.is_page or _says_no(mapping.errors, reply)
    if auth.expired and said_no and _by_words(dict.fromkeys(auth.expired, "expired"), _spoken(reply)):
        return True
    return answer.status < 300 and reply.asks_for_password


def is_login(auth: AuthSpec, where: str) -> bool:
    """Whether an address is the login page's."""
    path = where.partition("?")[0].partition("#")[0].lower().rstrip("/")
    if auth.page and path.endswith("/" + auth.page.partition("?")[0].lower().strip("/")):
        return True
    return bool(_LOGIN.search(path))


def _says_no(errors: ErrorSpec, reply: Reply) -> bool:
    """Whether an answer with a good status is none: its envelope says so, or it holds an error."""
    if errors.success_path:
        said = reply.at(errors.success_path)
        return reply.body is not MISSING and _same(said) not in {_same(one) for one in errors.success_values}
    root = (errors.code or errors.message).partition(".")[0]
    return (
        root in _ERRORS and isinstance(reply.body, Table) and reply.body.get(root) not in (None, "", [], {}, 0, False)
    )


def _same(value: Any) -> str:
    return "" if value is None or value is MISSING else str(value).strip().lower()


def _text(value: Any) -> str:
    return "" if value is None or value is MISSING else str(value)


def _spoken(reply: Reply) -> str:
    """The answer as it came and every text in it as people read it: JSON writes an escaped quote or \\u5df2 for 已."""
    return "\n".join([reply.answer.text, *_texts(None if reply.body is MISSING else reply.body)])


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    inside = value.values() if isinstance(value, Table) else value if isinstance(value, list) else ()
    for one in inside:
        yield from _texts(one)


def _by_words(words: Table[str, str], text: str) -> str:
    return next((kind for word, kind in words.items() if word and word in text), "")
