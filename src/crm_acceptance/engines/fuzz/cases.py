"""Few, deterministic schemathesis cases of one operation, made once for every identity; sends and judges nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode

from crm_acceptance.engines.fuzz.identities import AnyCase
from crm_acceptance.engines.fuzz.naming import Operation
from crm_acceptance.errors import Unproven


@cache
def schema_of(path: Path) -> Any:
    """The pinned contract as schemathesis reads it; from_path, because from_fixture folds all operations into one.

    Without made-up security parameters: who is calling is the sender's business, and a stranger sends nothing.
    """
    schema = schemathesis.openapi.from_path(str(path))
    schema.config.generation.update(with_security_parameters=False)
    return schema


def run_cases(
    contract: Path,
    operation: Operation,
    count: int,
    judge: Callable[[AnyCase], None],
    parts: Mapping[str, str] | None = None,
    negative: bool = False,
    body: Mapping[str, Any] | None = None,
) -> int:
    """Calls `judge` with up to `count` generated cases, the same every time; tells how many there were.

    `parts` replaces parameters of the path, or of the query when the path has none of that name. `negative` breaks the
    contract on purpose instead of keeping to it. `body` replaces what a generated object holds there.
    """
    made = generated(contract, operation, count, negative)
    told = parts or {}
    for case, in_path, in_query in made:
        case.path_parameters = {**in_path, **{name: value for name, value in told.items() if name in in_path}}
        case.query = {**in_query, **{name: value for name, value in told.items() if name not in in_path}}
        with _holding(case, body):
            judge(case)
    return len(made)


def asked(
    contract: Path,
    operation: Operation,
    path: Mapping[str, str],
    query: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
) -> Iterator[AnyCase]:
    """One generated case with these parts; `query` replaces all of it, `body` what a generated object holds there."""
    made = generated(contract, operation, 1, False)
    if not made:
        raise Unproven(f"{operation.label} 一个请求也生成不出来。No case could be generated for this operation.")
    case, in_path, in_query = made[0]
    case.path_parameters = {**in_path, **{name: value for name, value in path.items() if name in in_path}}
    elsewhere = {name: value for name, value in path.items() if name not in in_path}
    case.query = {**(in_query if query is None else query), **elsewhere}
    with _holding(case, body):
        yield case


@contextmanager
def _holding(case: AnyCase, body: Mapping[str, Any] | None) -> Iterator[None]:
    """The case with parts of its body replaced; afterwards it is as before, because other roles get it, too."""
    kept = case.body
    if body and isinstance(kept, Mapping):
        case.body = {**kept, **body}
    try:
        yield
    finally:
        case.body = kept


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
