"""The faults that can be asked for, read from `name=value[:/path]`; values only, nothing is sent or changed here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crm_acceptance.errors import WrongUse, unknown

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_EVERY, _NUMBER, _NAME = r"every:[1-9]\d*", r"\d+(?:\.\d+)?", r"[^\s:/]+"
KINDS = {
    "latency": (_NUMBER, "毫秒 milliseconds before every request", "latency=300"),
    "error": (
        _EVERY,
        "每第 N 个请求得到 HTTP 500 every Nth request gets HTTP 500, without reaching the CRM",
        "error=every:5",
    ),
    "drop_field": (_NAME, "请求里的这个字段丢失 a field is lost on its way to the CRM", "drop_field=phone"),
    "drop_answer_field": (
        _NAME,
        "JSON 应答里的这个字段丢失 a field is lost on its way back",
        "drop_answer_field=phone",
    ),
    "double": ("|".join(METHODS), "到达 CRM 两次 such requests reach the CRM twice", "double=POST"),
    "lose_answer": (f"{_EVERY}|{'|'.join(METHODS)}", "请求到达，应答丢失 the answer is lost", "lose_answer=every:4"),
    "swap_token": (_EVERY, "每第 N 个请求用别人的登录 every Nth goes out as somebody else", "swap_token=every:3"),
    "strip_header": (_NAME, "请求头丢失 a request header is lost", "strip_header=Idempotency-Key"),
}
"""Name -> the pattern of its value, what it does, an example."""


@dataclass(frozen=True)
class Fault:
    """One fault. `value` is as written; `prefix` limits it to paths of the CRM that begin so, "" means everywhere."""

    kind: str
    value: str
    prefix: str = ""

    def __str__(self) -> str:
        return f"{self.kind}={self.value}{':' + self.prefix if self.prefix else ''}"

    def at(self, path: str) -> bool:
        """Whether this path is meant."""
        return path.startswith(self.prefix)

    @property
    def every(self) -> int:
        """N of every:N, 1 where there is no such thing."""
        return int(self.value.removeprefix("every:")) if self.value.startswith("every:") else 1

    @property
    def method(self) -> str:
        """The HTTP method that is meant, "" for every one."""
        return self.value if self.value in METHODS else ""


def read(asked: str) -> Fault:
    """One fault as written. WrongUse names the known ones and gives an example."""
    kind, _, rest = asked.partition("=")
    if kind not in KINDS:
        raise unknown("故障 fault", kind, KINDS, "例 example: --fault drop_field=phone --fault double=POST:/api")
    pattern, what, example = KINDS[kind]
    value, sign, prefix = rest.partition(":/")
    if not re.fullmatch(pattern, value):
        raise WrongUse(
            f"故障写得不对：{asked}。{kind}：{what}。应写成 it must look like {example} 或 or {example}:/api"
        )
    return Fault(kind, value, f"/{prefix}" if sign else "")
