"""Few, deterministic schemathesis cases of one operation, sent one after another, each bounded; judges nothing."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode

from crm_acceptance.engines.fuzz.naming import Operation
from crm_acceptance.errors import SiteOutOfReach
from crm_acceptance.sending import counted, patiently
from crm_acceptance.systems.flow import Answer, Call

BOUND = 10.0
"""Seconds that one generated request may take."""
AnyCase = Case[Any]


@cache
def schema_of(path: Path) -> Any:
    """The pinned contract as schemathesis reads it; from_path, because from_fixture folds all operations into one.

    Without made-up security parameters: who is calling is the sender's business, and a stranger sends nothing.
    """
    schema = schemathesis.openapi.from_path(str(path))
    schema.config.generation.update(with_security_parameters=False)
    return schema


@dataclass
class Sender:
    """Sends cases as one identity: `headers` prove who it is, `who` is the person's key, "" for a stranger.

    `verify` is what requests takes: True, or the path of the site's own certificate.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    who: str = ""
    verify: str | bool = True
    session: requests.Session = field(default_factory=requests.Session)

    def send(self, case: AnyCase) -> tuple[Any, Answer]:
        """The case's answer, once as schemathesis checks it and once as the oracle reads it."""
        try:
            response = patiently(lambda: self._once(case), _said)
        except requests.RequestException as error:
            raise SiteOutOfReach(
                f"{case.method} {case.path}（{type(error).__name__}）：{BOUND:g} 秒内没有应答或连接中断。No answer."
            ) from None
        plain = {name.lower(): ", ".join(values) for name, values in response.headers.items()}
        return response, Answer(response.status_code, plain, response.content or b"", case.path)

    def _once(self, case: AnyCase) -> Any:
        counted()
        return case.call(
            base_url=self.url,
            headers=dict(self.headers),
            session=self.session,
            timeout=BOUND,
            allow_redirects=False,
            verify=self.verify,
        )


def _said(response: Any) -> tuple[int, Mapping[str, str]]:
    return response.status_code, {name: values[0] for name, values in response.headers.items() if values}


def call_of(case: AnyCase) -> Call:
    """What the case sent, for the oracle: values that were in the request are an echo."""
    body = repr(case.body).encode() if case.body is not None else b""
    return Call(case.method, case.formatted_path, params=dict(case.query or {}), body=body)


def run_cases(
    contract: Path,
    operation: Operation,
    count: int,
    judge: Callable[[AnyCase], None],
    parts: Mapping[str, str] | None = None,
    negative: bool = False,
) -> int:
    """Calls `judge` with up to `count` generated cases, the same every time; tells how many there were.

    `parts` replaces parameters of the path, or of the query when the path has none of that name. `negative` breaks the
    contract on purpose instead of keeping to it.
    """
    made = generated(contract, operation, count, negative)
    told = parts or {}
    for case, in_path, in_query in made:
        case.path_parameters = {**in_path, **{name: value for name, value in told.items() if name in in_path}}
        case.query = {**in_query, **{name: value for name, value in told.items() if name not in in_path}}
        judge(case)
    return len(made)


@cache
def generated(
    contract: Path, operation: Operation, count: int, negative: bool
) -> tuple[tuple[AnyCase, dict[str, Any], dict[str, Any]], ...]:
    """The cases themselves, each with its made-up parameters of path and query. They are made once, because hypothesis
    and the schema are what costs here; every role gets the same."""
    made: list[tuple[AnyCase, dict[str, Any], dict[str, Any]]] = []

    def keep(case: AnyCase) -> None:
        made.append((case, dict(case.path_parameters or {}), dict(case.query or {})))

    mode = GenerationMode.NEGATIVE if negative else GenerationMode.POSITIVE
    strategy = schema_of(contract)[operation.path][operation.method].as_strategy(generation_mode=mode)
    bounded = settings(
        max_examples=count, derandomize=True, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck), report_multiple_bugs=False,
    )  # fmt: skip
    with suppress(Unsatisfiable):  # nothing about this operation can be broken, or generated
        bounded(given(strategy)(keep))()  # type: ignore[no-untyped-call]
    return tuple(made)
