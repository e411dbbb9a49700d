"""The pinned contract of a site and whether the live one still is the same. Renew it with
`python -m crm_acceptance.engines.fuzz.contract http://127.0.0.1:8000 security/openapi/refcrm.json`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import requests

from crm_acceptance.engines.fuzz.naming import KEY, MEANING
from crm_acceptance.errors import AcceptanceError, SiteOutOfReach, WrongUse
from crm_acceptance.sending import counted

ADDRESS = "/openapi.json"
ORIGIN = "x-crm-acceptance-path"
"""Where in the pinned file it says at which path of the site the live document is, if not at /openapi.json."""
PART = "x-crm-acceptance-part"
"""What stands before every path of the live document ("/api"): the pinned file holds only the part that is tried."""
OURS = frozenset({ORIGIN, PART, MEANING, KEY, "servers"})
"""What the pinned file says of its own, and the live document does not."""


def pinned(path: Path) -> dict[str, Any]:
    """The contract in the workspace. WrongUse when it is absent, no JSON, or no OpenAPI document."""
    try:
        document = json.loads(path.read_text(encoding="utf-8-sig"))
    except FileNotFoundError:
        raise WrongUse(
            f"找不到 {path}。用 python -m crm_acceptance.engines.fuzz.contract URL {path} 取一份。No pinned contract."
        ) from None
    except ValueError as broken:
        raise WrongUse(f"{path.name} 不是正确的 JSON：{broken}。Not valid JSON.") from None
    if not isinstance(document, dict) or not isinstance(document.get("paths"), dict) or not document["paths"]:
        raise WrongUse(f"{path.name} 不是 OpenAPI 文档，或者里面一个接口也没有。Not an OpenAPI document with paths.")
    return document


def live(
    url: str,
    document: Mapping[str, Any],
    timeout: float = 15.0,
    verify: str | bool = True,
    headers: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """The document that the site publishes now, to whoever `headers` prove to be. SiteOutOfReach when it does not."""
    address = url + str(document.get(ORIGIN, ADDRESS))
    try:
        counted()
        answer = requests.get(address, timeout=timeout, verify=verify, headers=dict(headers or {}))
        found = answer.json()
    except requests.exceptions.JSONDecodeError:
        raise SiteOutOfReach(
            f"{address} 应答的不是 JSON（HTTP {answer.status_code}）。Not an OpenAPI document."
        ) from None
    except requests.RequestException as error:
        raise SiteOutOfReach(f"取不到 {address}（{type(error).__name__}）。The contract cannot be fetched.") from None
    if not isinstance(found, dict) or "paths" not in found:
        raise SiteOutOfReach(f"{address} 不是 OpenAPI 文档（HTTP {answer.status_code}）。Not an OpenAPI document.")
    return _part(document, found) if PART in document else found


def _part(document: Mapping[str, Any], found: Mapping[str, Any]) -> dict[str, Any]:
    """What the live document says about that which is pinned, under the same paths."""
    before = str(document[PART])
    paths = {before + path: said for path, said in found["paths"].items() if before + path in document["paths"]}
    there = found.get("components", {})
    parts = {kind: _named(there.get(kind, {}), names) for kind, names in document.get("components", {}).items()}
    return {**_named(found, document), "paths": paths, "components": parts}


def _named(found: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    return {name: found[name] for name in names if name in found}


def differences(before: Any, now: Any, where: str = "") -> Iterator[str]:
    """One line per place where the two documents differ, deepest first by path."""
    if isinstance(before, dict) and isinstance(now, dict):
        for key in sorted({*before, *now} - OURS):
            place = f"{where}/{key}"
            if key not in now:
                yield f"{place} 不见了 gone"
            elif key not in before:
                yield f"{place} 是新的 new"
            else:
                yield from differences(before[key], now[key], place)
    elif before != now:
        yield f"{where}: {json.dumps(before, ensure_ascii=False)[:80]} -> {json.dumps(now, ensure_ascii=False)[:80]}"


def renew(url: str, path: Path) -> None:
    """Writes the live contract as the pinned one, sorted, so that a change shows as a small difference."""
    document = live(url.rstrip("/"), {})
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def main(arguments: Sequence[str]) -> int:
    """`URL FILE`; exit code 0, or that of the one sentence which it prints."""
    try:
        if len(arguments) != 2:
            raise WrongUse("用法 usage: python -m crm_acceptance.engines.fuzz.contract URL security/openapi/NAME.json")
        renew(arguments[0], Path(arguments[1]))
    except AcceptanceError as wrong:
        print(wrong, file=sys.stderr)
        return wrong.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
