"""A fleet of workers: parts of a plan, sealed parcels, who may join, and one result of many; no process is started."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_acceptance.engines.load import fleet, histograms, merging
from crm_acceptance.engines.load.fleet import Hello
from crm_acceptance.engines.load.orders import Measured, Order, Sample, Worker, Write, from_plain
from crm_acceptance.engines.load.parcels import PIECE, Letterbox, Unsealed, sealed
from crm_acceptance.engines.load.work import Arrival
from crm_acceptance.errors import WrongUse
from crm_acceptance.model import Person, Site

LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")
WU = Person("wufang", "吴芳", "finance", "accountant", "wufang")
SITE = Site("refcrm", "http://127.0.0.1:8000")


def order(count: int, users: int, hands: int = 0) -> Order:
    who = ("lina", "wufang")
    plan = tuple(Arrival(n / 10, "lead.list", who[n % 2], hand=n % hands if hands else -1) for n in range(count))
    return Order(SITE, (LINA, WU), plan, users, 5.0, 60.0, "here.json", live="live.jsonl")


@given(st.integers(1, 7), st.integers(7, 200), st.sampled_from([0, 7, 11]))
def test_the_parts_of_all_workers_are_exactly_the_plan_of_one(workers: int, count: int, hands: int) -> None:
    whole = order(count, 11, hands)
    parts = fleet.parts(whole, workers)
    assert Counter(one for part in parts for one in part.arrivals) == Counter(whole.arrivals)
    assert sum(part.users for part in parts) == whole.users
    assert [part.index for part in parts] == list(range(workers)) and {part.workers for part in parts} == {workers}
    where: dict[int, set[int]] = {}
    for part in parts:
        for one in part.arrivals:
            where.setdefault(one.hand, set()).add(part.index)
    assert not hands or all(len(found) == 1 for found in where.values())  # what one person does is done by one worker


def test_a_part_names_only_its_own_people_and_writes_no_files_of_the_master() -> None:
    mine, theirs = fleet.parts(order(10, 4), 2)
    assert (mine.people, theirs.people) == ((LINA,), (WU,))
    assert (mine.results, mine.live, mine.stops) == ("", "", ())


@pytest.mark.parametrize(("count", "users"), [(100, 2), (2, 100)])
def test_too_little_to_divide_is_refused_with_a_sentence(count: int, users: int) -> None:
    with pytest.raises(WrongUse, match="分不了"):
        fleet.parts(order(count, users), 3)


def test_a_part_that_needs_customers_and_has_nobody_who_sells_gets_somebody_of_sales() -> None:
    plan = tuple(
        Arrival(n / 10, ("customer.create", "order.list")[n % 2], ("lina", "wufang")[n % 2]) for n in range(10)
    )
    plan += (Arrival(2.0, "customer.create", "lina"), Arrival(2.1, "payment.create", "wufang"))
    sellers, others = fleet.parts(replace(order(10, 4), arrivals=plan), 2)
    assert (sellers.people, others.people) == ((LINA,), (WU, LINA))


ME = Hello("1.0 Locust 2", "abc", "box", 1)


@pytest.mark.parametrize(
    ("theirs", "said"),
    [(replace(ME, version="0.9 Locust 2"), "版本"), (replace(ME, workspace="abd"), "load/"), (ME, "")],
)
def test_another_version_or_another_workspace_may_not_join(theirs: Hello, said: str) -> None:
    found = fleet.refusal(ME, theirs)
    assert said in found and bool(found) is bool(said)


def test_a_workspace_is_known_by_what_its_load_says_and_not_by_its_line_ends(tmp_path: Path) -> None:
    (tmp_path / "peaks.toml").write_bytes(b"[a]\nrate = 1\n")
    first = fleet.digest(tmp_path)
    (tmp_path / "peaks.toml").write_bytes(b"[a]\r\nrate = 1\r\n")
    assert fleet.digest(tmp_path) == first
    (tmp_path / "peaks.toml").write_bytes(b"[a]\nrate = 2\n")
    assert fleet.digest(tmp_path) != first


def test_a_worker_sends_its_passwords_to_no_site_but_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_ACCEPTANCE_PASSWORD", "x")
    elsewhere = replace(order(4, 4), site=Site("refcrm", "http://evil.example"))
    assert "只许压" in fleet.unfit(elsewhere, "", SITE, "CRM_ACCEPTANCE_PASSWORD")
    assert "只许压" in fleet.unfit(order(4, 4), "", None, "CRM_ACCEPTANCE_PASSWORD")
    assert fleet.unfit(order(4, 4), "", SITE, "CRM_ACCEPTANCE_PASSWORD") == ""


def test_another_mapping_is_another_load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_ACCEPTANCE_PASSWORD", "x")
    (tmp_path / "mine.toml").write_text("a = 1\n", encoding="utf-8")
    own = replace(SITE, mapping=str(tmp_path / "mine.toml"))
    assert "映射" in fleet.unfit(order(4, 4), "0" * 64, own, "P")
    assert fleet.unfit(order(4, 4), fleet.mapping(own), own, "P") == ""


def test_a_missing_password_is_named_as_the_profile_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRM_ACCEPTANCE_PASSWORD", raising=False)
    monkeypatch.setenv("CRM_ACCEPTANCE_PASSWORD_LINA", "x")
    said = fleet.unfit(order(4, 4), "", SITE, "ACME_CRM_PW")
    assert "ACME_CRM_PW_WUFANG" in said and "LINA" not in said


def carried(token: str, way: str, body: Any, change: Callable[[list[dict[str, Any]]], None] = lambda _: None) -> Any:
    messages = list(sealed("secret", "a up", "order", body))
    change(messages)
    box = Letterbox(token, way)
    return [found for one in messages if (found := box.take(one)) is not None]


BIG = {"text": "".join(chr(0x4E00 + n * 7919 % 20000) for n in range(700_000))}


def test_a_big_parcel_arrives_whole_though_its_pieces_come_in_any_order_and_twice() -> None:
    assert len(next(sealed("secret", "a up", "order", BIG))["piece"]) == PIECE

    def shuffled(messages: list[dict[str, Any]]) -> None:
        assert len(messages) > 1
        messages[:] = [*reversed(messages), *messages]

    assert carried("secret", "a up", BIG, shuffled) == [("order", BIG)]


@pytest.mark.parametrize(("token", "way"), [("other", "a up"), ("", "a up"), ("secret", "b up"), ("secret", "a down")])
def test_a_parcel_of_another_fleet_or_on_another_way_is_refused(token: str, way: str) -> None:
    with pytest.raises(Unsealed):
        carried(token, way, {"n": 1})


def test_a_parcel_that_was_changed_on_its_way_is_refused() -> None:
    def changed(messages: list[dict[str, Any]]) -> None:
        messages[0]["kind"] = "done"

    with pytest.raises(Unsealed):
        carried("secret", "a up", {"n": 1}, changed)


LATENCIES = st.floats(0, 4000, allow_nan=False)
ACTIONS = st.tuples(st.sampled_from(["lead.create", "order.list", "GET /a"]), LATENCIES, st.booleans())


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(ACTIONS, st.integers(0, 4)), max_size=60))
def test_workers_histograms_merge_into_that_of_all_samples_bucket_by_bucket(
    found: list[tuple[tuple[str, float, bool], int]],
) -> None:
    whole = [
        (Sample(verb, "lina", 1.0, 1.0 + took / 2, 1.0 + took, "no" * bad), who) for (verb, took, bad), who in found
    ]
    parts = [merging.summed([one for one, who in whole if who == n]) for n in range(5)]
    merged = merging.merged_histograms(parts)
    once = histograms.by([one for one, _ in whole], lambda one: one.verb)
    assert list(merged) == list(once)
    for verb, one in once.items():
        for mine, theirs in ((merged[verb].intended, one.intended), (merged[verb].sent, one.sent)):
            assert list(mine.counts) == list(theirs.counts)
            assert (mine.total_count, mine.get_max_value()) == (theirs.total_count, theirs.get_max_value())


def test_samples_and_results_come_back_from_their_way_as_they_were() -> None:
    sample = Sample("lead.create", "lina", 0.1, 0.30000000000000004, 1.5, "Refused: 没有权限")
    measured = Measured(
        (sample,), (Write("lina", "lead", "7", {"q": "x"}, True),), (0.01,), (Arrival(1.0, "lead.create", "lina"),),
        1.5, 10.0, opened=5.0, workers=(Worker(1, "box"),), lost=("gone",),
    )  # fmt: skip
    assert merging.from_worker(merging.plain(measured), merging.samples(merging.rows([sample]))) == measured
    assert from_plain(merging.plain(measured)).samples == ()


def test_of_many_workers_the_most_starved_one_counts() -> None:
    idle, busy = Measured(cpu=1.0, wall=10.0, lags=(0.1,)), Measured(cpu=9.5, wall=10.0, lags=(0.2,), unreachable=True)
    found = merging.merged([idle, busy])
    assert (found.cpu, found.wall, found.lags, found.unreachable) == (9.5, 10.0, (0.1, 0.2), True)
    assert merging.merged([]) == Measured()


def test_the_line_about_a_worker_tells_times_in_milliseconds() -> None:
    line = merging.account(Worker(2, "box pid 7", skew=-0.0123), Measured(lags=(0.002,) * 9, cpu=1.0, wall=4.0))
    (told,) = merging.told([line])
    assert (told["late_p95_ms"], told["skew_ms"], told["cpu"], told["name"]) == (2.0, -12.3, 0.25, "box pid 7")
