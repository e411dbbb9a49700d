"""peaks.toml and the schedule made of it."""

from __future__ import annotations

import re
from collections import Counter, deque
from dataclasses import replace
from fnmatch import fnmatch
from pathlib import Path

import pytest

from crm_acceptance import catalogue, profile
from crm_acceptance.engines.load import peaks, work
from crm_acceptance.engines.load.peaks import Peak
from crm_acceptance.engines.load.schedule import arrivals
from crm_acceptance.errors import WrongUse
from crm_acceptance.model import Person
from crm_acceptance.refcrm.defects import performance

PEOPLE = (Person("lina", "李娜", "sales", "sales_rep", "lina"), Person("wufang", "吴芳", "finance", "cash", "wufang"))
GOOD = """
[morning]
users = 5
arrivals_per_second = 10.0
ramp = "2 s"
plateau = "1 min"
[[morning.mix]]
department = "sales"
verb = "customer.search"
share = 3
[[morning.mix]]
department = "finance"
people = ["wufang"]
verb = "order.list"
share = 1
[[morning.threshold]]
requirement = "PERF-001"
measure = "p95"
limit = "500 ms"
[[morning.threshold]]
requirement = "PERF-001"
measure = "errors"
limit = "1 %"
"""


def loaded(tmp_path: Path, text: str) -> tuple[Peak, ...]:
    path = tmp_path / "peaks.toml"
    path.write_text(text, encoding="utf-8")
    return peaks.load(path, PEOPLE, ["PERF-001"])


def test_units_become_seconds_and_ratios(tmp_path: Path) -> None:
    (peak,) = loaded(tmp_path, GOOD)
    assert (peak.ramp, peak.plateau, peak.timeout) == (2.0, 60.0, 10.0)
    assert [one.limit for one in peak.thresholds] == [0.5, 0.01]
    assert peak.mix[0].people == ("lina",)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ('"customer.search"', '"customer.serch"', "did you mean customer.search"),
        ('["wufang"]', '["lina"]', "已知 known: wufang"),
        ('"finance"', '"financ"', "did you mean finance"),
        ('"1 min"', '"1 fortnight"', "已知 known: h, hour, hours, min"),
        ('"1 min"', '"soon"', "数和单位"),
        ('"1 %"', '"0.01"', "百分数"),
        ("users = 5", "users = 0", "必须大于零"),
        ("users = 5", 'users = "many"', "整数"),
        ("users = 5", "", "缺少 users"),
        ("users = 5", "users = 5\nusrs = 5", "did you mean users"),
        ("share = 3", "share = -3", "必须大于零"),
        ("arrivals_per_second = 10.0", "arrivals_per_second = 0.0", "必须大于零"),
        ('measure = "p95"', 'measure = "p59"', "已知 known: drift, errors, foreign, max, memory, p50"),
        ('"PERF-001"\nmeasure = "p95"', '"PERF-009"\nmeasure = "p95"', "PERF-009"),
        ("[morning]", "[morning", "TOML"),
        ('plateau = "1 min"', 'plateau = "0 s"', "必须大于零"),
    ],
)
def test_every_mistake_is_told_with_what_is_known(tmp_path: Path, before: str, after: str, said: str) -> None:
    assert before in GOOD
    with pytest.raises(WrongUse) as wrong:
        loaded(tmp_path, GOOD.replace(before, after, 1))
    assert said in str(wrong.value)


@pytest.mark.parametrize("text", ["", GOOD[: GOOD.index("[[morning.threshold]]")]])
def test_a_file_that_could_prove_nothing_is_refused(tmp_path: Path, text: str) -> None:
    with pytest.raises(WrongUse):
        loaded(tmp_path, text)


def test_a_name_that_would_lead_elsewhere_is_none(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="文件名"):
        loaded(tmp_path, GOOD.replace("morning", '"../morning"'))
    with pytest.raises(WrongUse, match="cannot be read"):
        peaks.load(tmp_path, PEOPLE, ["PERF-001"])


def test_a_missing_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=r"peaks\.toml"):
        peaks.load(tmp_path / "peaks.toml", PEOPLE, ["PERF-001"])


def test_the_schedule_is_the_same_every_time_and_keeps_the_shares(tmp_path: Path) -> None:
    (peak,) = loaded(tmp_path, GOOD)
    plan = arrivals(peak)
    assert plan == arrivals(peak)
    verbs = Counter(one.verb for one in plan)
    assert abs(verbs["customer.search"] - 3 * verbs["order.list"]) <= 4


def test_the_schedule_ramps_up_and_holds_the_rate(tmp_path: Path) -> None:
    (peak,) = loaded(tmp_path, GOOD)
    peak = replace(peak, rate=100.0, ramp=10.0, plateau=20.0)
    times = [one.at for one in arrivals(peak)]
    ramp, plateau = sum(at < 10 for at in times), sum(at >= 10 for at in times)
    assert times == sorted(times)
    assert max(times) < 30
    assert abs(ramp - 500) < 100
    assert abs(plateau - 2000) < 200


PLAIN = """
[pages]
plateau = "4 s"
[[pages.http]]
path = "/a"
rate = 30.0
[[pages.http]]
path = "/b?c=1"
rate = 10.0
"""


def test_pages_that_need_no_login_need_neither_people_nor_thresholds(tmp_path: Path) -> None:
    (peak,) = loaded(tmp_path, PLAIN)
    assert (peak.plain, peak.rate, peak.thresholds) == (True, 40.0, ())
    assert [(one.verb, one.people, one.share) for one in peak.mix] == [
        ("GET /a", ("",), 30.0),
        ("GET /b?c=1", ("",), 10.0),
    ]
    assert peak.users == 160  # whoever wants something during a stall of four seconds


def test_a_weight_is_a_share_and_the_rate_may_be_the_peaks_own(tmp_path: Path) -> None:
    text = PLAIN.replace("rate = 30.0", "weight = 3").replace("rate = 10.0", "weight = 1")
    (peak,) = loaded(tmp_path, text.replace('plateau = "4 s"', 'plateau = "4 s"\nrate = 50'))
    assert (peak.rate, [one.share for one in peak.mix]) == (50.0, [3.0, 1.0])
    with pytest.raises(WrongUse, match="arrivals_per_second"):
        loaded(tmp_path, text)


def test_pages_may_have_thresholds_that_no_requirement_names(tmp_path: Path) -> None:
    (peak,) = loaded(tmp_path, PLAIN + '[[pages.threshold]]\nmeasure = "p99"\nlimit = "1 s"\n')
    assert [(one.requirement, one.measure) for one in peak.thresholds] == [("", "p99")]
    with pytest.raises(WrongUse, match="requirement"):
        loaded(tmp_path, GOOD.replace('requirement = "PERF-001"\n', "", 1))


@pytest.mark.parametrize("verb", work.VERBS)
def test_every_verb_is_something_to_do(verb: str) -> None:
    stock = work.Stock(customers={"lina": "7"}, order="8", quotes={"lina": deque(["9"])})
    action = next(work.begin(work.Arrival(0.0, verb, "lina"), stock))
    assert action.object in verb or (verb, action.object) == ("order.create", "quote")
    assert ("customer" in action.options.get("where", {})) is verb.endswith(".filter")


def test_the_peaks_of_this_workspace_can_be_read() -> None:
    root = Path(__file__).parent.parent
    people = catalogue.load(profile.load(root)).people.values()
    for file in sorted((root / "load").glob("peaks*.toml")):
        named = set(re.findall(r"PERF-\d{3}", file.read_text("utf-8")))
        assert peaks.load(file, people, named), file.name


def test_every_performance_defect_is_looked_for_at_a_peak_of_this_workspace() -> None:
    root = Path(__file__).parent.parent
    known = catalogue.load(profile.load(root))
    found = peaks.load(root / "load" / "peaks.toml", known.people.values(), known.requirements)
    named = {
        f"[{'-'.join(filter(None, (peak.name, one.verb, one.measure)))}]": one.requirement
        for peak in found
        for one in peak.thresholds
    }
    for defect in performance.DEFECTS:
        for pattern in defect.where:
            caught_by = {requirement for id, requirement in named.items() if fnmatch(id, pattern)}
            assert caught_by and caught_by <= set(defect.requirements), (defect.name, pattern)


def test_what_a_companys_own_table_does_not_require_is_no_mistake_in_the_peaks(tmp_path: Path) -> None:
    (peak,) = loaded(tmp_path, GOOD.replace('"PERF-001"\nmeasure = "p95"', '"PERF-004"\nmeasure = "p95"'))
    assert [one.requirement for one in peak.thresholds] == ["PERF-004", "PERF-001"]
