"""Asks a server for its own figures while a peak goes on, once a second; understands nothing (exposition.py does)."""

from __future__ import annotations

import threading
import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import requests

from crm_acceptance import vault
from crm_acceptance.engines.load import exposition
from crm_acceptance.engines.load.exposition import Nonsense
from crm_acceptance.errors import WrongUse, unknown
from crm_acceptance.manners import production

EVERY, PATIENCE, BIGGEST = 1.0, 2.0, 8 * 2**20
"""Seconds between two questions, seconds for an answer, bytes of one."""
TOKEN = "CRM_ACCEPTANCE_METRICS_TOKEN"
"""The environment variable (or keyring entry) that holds a bearer token, if the address wants one."""
KEYS = ("url", "queries")


@dataclass(frozen=True)
class Source:
    """Where figures come from: text at `url`, of which `families` are wanted besides the known ones; or, with
    `queries` (our name -> PromQL), a Prometheus server."""

    url: str
    queries: Mapping[str, str] = field(default_factory=dict)
    families: tuple[str, ...] = ()
    ca: str = ""


@dataclass
class Heard:
    """What came: per figure (seconds of the machine's monotonic clock, value); `trouble`: one sentence, "" if none."""

    figures: dict[str, list[list[float]]] = field(default_factory=dict)
    trouble: str = ""


def source(url: str, table: Mapping[str, Any], families: Collection[str] = (), ca: str = "") -> Source | None:
    """What the profile says: [site] metrics or --metrics, or the table [metrics]; None when it says nothing."""
    if url:
        return Source(_address("[site] metrics", url), families=tuple(families), ca=ca)
    if not table:
        return None
    for key in table:
        if key not in KEYS:
            raise unknown("配置项 key（[metrics]）", key, KEYS)
    queries = table.get("queries", {})
    if not isinstance(queries, dict) or not all(isinstance(one, str) and one for one in queries.values()):
        raise WrongUse('[metrics] queries 应当是 {名字 = "PromQL"}。queries is a table of PromQL by name.')
    address = _address("[metrics] url", str(table.get("url", "")))
    return Source(address, queries, () if queries else tuple(families), ca)


def _address(where: str, url: str) -> str:
    if not production.is_address(url):
        raise WrongUse(f"{where} 应以 http:// 或 https:// 开头：{url!r}。It starts with http(s)://.")
    return production.checked(url).rstrip("/")


@contextmanager
def listening(source: Source | None) -> Iterator[Heard]:
    """Figures that grow until the context is left. An address that is down or talks nonsense is no reason to stop."""
    heard, over = Heard(), threading.Event()
    asker = threading.Thread(target=_listen, args=(source, heard, over), daemon=True)
    asker.start()
    try:
        yield heard
    finally:
        over.set()
        asker.join(PATIENCE * 2)


def _listen(source: Source | None, heard: Heard, over: threading.Event) -> None:
    if source is None:
        return
    before: dict[str, tuple[float, float]] = {}
    with _line(source) as line:
        while True:
            begun = time.monotonic()
            try:
                for name, (value, rising) in _asked(line, source).items():
                    _note(heard, before, name, (begun + time.monotonic()) / 2, value, rising)
            except Nonsense as wrong:
                heard.trouble = _sentence(source, str(wrong))
            except requests.RequestException as gone:
                heard.trouble = _sentence(source, f"没有应答 no answer（{type(gone).__name__}）")
            if over.wait(max(0.1, EVERY - (time.monotonic() - begun))):
                return


def _note(
    heard: Heard, before: dict[str, tuple[float, float]], name: str, at: float, value: float, rising: bool
) -> None:
    """What only rises is told per second; where it fell, the server began anew and that second is left out."""
    if not rising:
        heard.figures.setdefault(name, []).append([at, value])
        return
    then, was = before.get(name, (at, value))
    before[name] = at, value
    if at > then and value >= was:
        heard.figures.setdefault(name, []).append([at, (value - was) / (at - then)])


def _asked(line: requests.Session, source: Source) -> dict[str, tuple[float, bool]]:
    if not source.queries:
        return exposition.figures(_fetched(line, source, source.url, {}), source.families)
    address, told = f"{source.url}/api/v1/query", {}
    for name, query in source.queries.items():
        try:
            told[name] = exposition.answer(_fetched(line, source, address, {"query": query})), False
        except Nonsense as wrong:
            raise Nonsense(f"{name}：{wrong}") from None
    return told


def _fetched(line: requests.Session, source: Source, url: str, params: Mapping[str, str]) -> str:
    with line.get(
        url, params=params, timeout=PATIENCE, stream=True, allow_redirects=False, verify=source.ca or True
    ) as reply:
        if reply.status_code != 200 and not source.queries:
            raise Nonsense(f"HTTP {reply.status_code}")
        pieces, size = [], 0
        for piece in reply.iter_content(65536):
            pieces.append(piece)
            size += len(piece)
            if size > BIGGEST:
                raise Nonsense(f"应答超过 {BIGGEST // 2**20} MB too big")
    return b"".join(pieces).decode("utf-8", errors="replace")


def _line(source: Source) -> requests.Session:
    """A company proxy is not asked for what runs on this machine; the token is never part of an address."""
    line = requests.Session()
    line.trust_env = not production.on_this_machine(source.url)
    line.headers["Accept"] = "application/openmetrics-text;version=1.0.0;q=0.5,text/plain;version=0.0.4"
    token = vault.find(TOKEN)
    if token:
        line.headers["Authorization"] = f"Bearer {token}"
    return line


def _sentence(source: Source, why: str) -> str:
    return f"服务器的数字看不到 no figures of the server：{source.url} {why}。"
