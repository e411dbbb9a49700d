"""How the CRM refuses: one exception with a code, a Chinese sentence and an HTTP status. No rule lives here."""

from __future__ import annotations

from collections.abc import Mapping

STATUS: Mapping[str, int] = {
    "unauthenticated": 401,
    "expired": 401,
    "denied": 403,
    "missing": 404,
    "method": 405,
    "duplicate": 409,
    "conflict": 409,
    "too_large": 413,
    "unsupported": 415,
    "invalid": 422,
    "throttled": 429,
}


class CrmError(Exception):
    """A refusal. `code` is a key of STATUS; `fields` maps a field name to what is wrong with it.

    `after`: seconds to wait before the same request may succeed, 0 when waiting does not help.
    """

    def __init__(self, code: str, message: str, fields: Mapping[str, str] | None = None, after: int = 0) -> None:
        super().__init__(message)
        self.code, self.message, self.fields, self.after = code, message, dict(fields or {}), after

    @property
    def status(self) -> int:
        """The HTTP status that says the same."""
        return STATUS[self.code]

    def body(self) -> dict[str, object]:
        """The answer's JSON body."""
        return {"error": {"code": self.code, "message": self.message, "fields": self.fields}}


def denied(message: str = "您的角色没有这项权限。") -> CrmError:
    """The role lacks the right on this object."""
    return CrmError("denied", message)


def missing(message: str = "记录不存在,或不在您的数据范围内。") -> CrmError:
    """Absent and out of scope are told the same, so that nobody learns what exists."""
    return CrmError("missing", message)


def conflict(message: str, fields: Mapping[str, str] | None = None) -> CrmError:
    """The record's state, or that of another one that the request names, forbids it."""
    return CrmError("conflict", message, fields)


def invalid(message: str, fields: Mapping[str, str] | None = None) -> CrmError:
    """The request's content is wrong."""
    return CrmError("invalid", message, fields)


def unauthenticated(message: str = "请先登录。", code: str = "unauthenticated") -> CrmError:
    """Nobody, or nobody any more, is behind this request."""
    return CrmError(code, message)
