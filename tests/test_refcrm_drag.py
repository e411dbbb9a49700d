"""The performance defects, without a clock: for how long each would hold somebody up, and what it keeps."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from crm_acceptance.refcrm import auth, csvfiles, drag, lists, records, reports, seed, underload
from crm_acceptance.refcrm.api import pressure
from crm_acceptance.refcrm.api.pressure import Pressure
from crm_acceptance.refcrm.auth import User
from crm_acceptance.refcrm.db import Database
from crm_acceptance.refcrm.defects import switch
from crm_acceptance.refcrm.errors import CrmError
from crm_acceptance.refcrm.lists import Asked

MORNING, MONTH_END = 2.0, 3.0
"""Seconds that the peaks of load/peaks.toml allow."""


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Database:
    database = Database(tmp_path_factory.mktemp("drag") / "crm.sqlite")
    seed.plant(database, seed.Recipe(300, 7))
    return database


@pytest.fixture
def held(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long everybody was held up; nobody really is."""
    seconds: list[float] = []
    for module in (drag, underload):
        monkeypatch.setattr(module, "hold", seconds.append)
    return seconds


@contextmanager
def on(name: str) -> Iterator[None]:
    switch(name, True)
    try:
        yield
    finally:
        switch(name, False)


def person(db: Database, login: str) -> User:
    return auth.user_from(db.conn.execute("SELECT * FROM users WHERE login = ?", (login,)).fetchone())


def look(db: Database, who: str, object: str, **asked: Any) -> None:
    lists.listing(db, person(db, who), object, Asked(**asked))


LOOKING = {
    "list_without_paging": ("wufang", "customer", {}),
    "filter_without_index": ("sunli", "contact", {"where": {"customer": 1}}),
    "sort_in_memory": ("zhengwei", "opportunity", {"sort": "-amount"}),
    "list_asks_row_by_row": ("wufang", "customer", {}),
}


@pytest.mark.parametrize("name", LOOKING)
def test_looking_takes_longer_than_the_month_end_allows(db: Database, held: list[float], name: str) -> None:
    who, object, asked = LOOKING[name]
    look(db, who, object, **asked)
    assert held == []
    with on(name):
        look(db, who, object, **asked)
    assert sum(held) > MONTH_END * 1.2


def test_a_longer_page_costs_more_questions(db: Database, held: list[float]) -> None:
    with on("list_asks_row_by_row"):
        look(db, "wufang", "customer", size=5)
        few = len(held)
        look(db, "wufang", "customer", size=50)
    assert len(held) - few == 10 * few


def test_every_row_waits_for_the_disk(db: Database, held: list[float]) -> None:
    with on("log_flushed_per_row"):
        look(db, "wufang", "customer")
    assert len(held) == 20


def test_the_history_of_every_list_is_packed(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = iter(range(100))
    monkeypatch.setattr(drag.time, "thread_time", lambda: next(clock) / 4)
    with on("list_serialises_history"):
        look(db, "wufang", "customer", size=2)
    assert next(clock) >= 3


def test_a_report_is_computed_again_by_everybody_who_finds_it_old(db: Database, held: list[float]) -> None:
    with on("report_cache_stampede"):
        for _ in range(2):
            reports.report(db, person(db, "zhengwei"), "pipeline")
            drag._computed.clear()
    assert held == [drag.REPORT_SECONDS] * 2


def test_exports_wait_for_each_other_and_stay(db: Database, held: list[float]) -> None:
    before = len(drag._kept)
    with on("exports_one_at_a_time"), on("exports_kept_in_memory"):
        csvfiles.export(db, person(db, "wufang"), "order", Asked())
    assert held == [drag.EXPORT_SECONDS] and len(drag._kept) == before + 1
    drag._kept.clear()


def lead(db: Database, name: str = "高峰线索") -> None:
    records.create(db, person(db, "zhaomin"), "lead", {"name": name, "company": "公司"})


def test_checking_a_lead_grows_with_the_customers(db: Database, held: list[float]) -> None:
    with on("lead_check_grows_with_size"):
        lead(db)
    assert sum(held) > MORNING * 1.2


def test_each_write_reads_the_whole_audit_log_again(db: Database, held: list[float]) -> None:
    with on("audit_rehashed_each_write"):
        lead(db)
        lead(db)
    assert 0 < held[0] < held[1]


def test_who_is_overtaken_starts_over_until_giving_up(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    attempts: list[float] = []

    def overtaken(seconds: float) -> None:
        attempts.append(seconds)
        underload._version += 1

    monkeypatch.setattr(underload, "hold", overtaken)
    with on("commit_retry_storm"), pytest.raises(CrmError, match="系统繁忙"):
        lead(db)
    assert len(attempts) == underload.ATTEMPTS


def test_alone_nobody_has_to_start_over(db: Database, held: list[float]) -> None:
    with on("commit_retry_storm"):
        lead(db)
    assert held == [underload.ATTEMPT_SECONDS]


@pytest.mark.parametrize("object", ["order", "payment"])
def test_an_order_and_a_payment_take_their_locks_the_other_way_round(
    held: list[float], monkeypatch: pytest.MonkeyPatch, object: str
) -> None:
    monkeypatch.setitem(underload.PATIENCE, object, 0.01)
    other = underload._ledger if object == "order" else underload._stock
    with on("locks_in_two_orders"), other, pytest.raises(CrmError, match="死锁"), underload._locks(object):
        pytest.fail("both locks cannot be had while the other holds one")


class Asking:
    """An application that answers everybody, and counts."""

    def __init__(self, db: Database) -> None:
        self.statuses: list[int] = []
        self.door = Pressure(self._answer, db)

    async def _answer(self, scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def ask(self, path: str = "/api/v1/orders", query: bytes = b"") -> None:
        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.statuses.append(message["status"])

        await self.door({"type": "http", "path": path, "query_string": query, "headers": []}, None, send)


def test_searches_use_up_the_connections(db: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pressure, "POOL_SECONDS", 0.01)

    async def morning() -> list[int]:
        crm = Asking(db)
        for _ in range(pressure.POOL * 2):
            await crm.ask()
        for _ in range(pressure.POOL):
            await crm.ask(query=b"q=x")
        await crm.ask()
        return crm.statuses

    with on("connections_not_given_back"):
        assert asyncio.run(morning()) == [200] * pressure.POOL * 3 + [503]


@pytest.mark.parametrize(
    ("name", "path", "seconds"),
    [
        ("session_scan_each_request", "/api/v1/orders", pressure.SCAN_SECONDS),
        ("report_blocks_everybody", "/api/v1/reports/pipeline", pressure.REPORT_SECONDS),
        ("report_blocks_everybody", "/api/v1/orders", 0),
    ],
)
def test_the_one_thread_that_hands_out_the_work_is_held(
    db: Database, monkeypatch: pytest.MonkeyPatch, name: str, path: str, seconds: float
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(pressure.time, "sleep", slept.append)
    with on(name):
        asyncio.run(Asking(db).ask(path))
    assert sum(slept) == seconds


def test_every_request_stays_in_memory(db: Database) -> None:
    crm = Asking(db)
    with on("requests_kept_in_memory"):
        asyncio.run(crm.ask())
    asyncio.run(crm.ask())
    assert [len(one) for one in crm.door._kept] == [pressure.KEPT_BYTES]
