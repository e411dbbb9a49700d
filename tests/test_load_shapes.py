"""Shapes of a load: ramps, spikes, soaks, steps, people who think; how they are planned, and what cannot be."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_acceptance.engines.load import foresight, peaks, quantities, schedule
from crm_acceptance.engines.load.peaks import Peak, Share, Stage
from crm_acceptance.engines.load.work import Arrival, Stock, begin
from crm_acceptance.errors import WrongUse
from crm_acceptance.model import Action, Person

LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")
WU = Person("wufang", "吴芳", "finance", "cash", "wufang")
MIX = """
[[m.mix]]
department = "sales"
verb = "customer.search"
share = 3
[[m.mix]]
department = "finance"
verb = "order.list"
share = 1
[[m.threshold]]
requirement = "PERF-001"
measure = "p50"
limit = "500 ms"
"""
SIMPLE = '[m]\nusers = 5\nrate = 10\nramp = "2 s"\nplateau = "20 s"\n'


def loaded(tmp_path: Path, text: str, mix: str = MIX) -> Peak:
    (tmp_path / "load").mkdir(exist_ok=True)
    path = tmp_path / "load" / "peaks.toml"
    path.write_text(text + mix, encoding="utf-8")
    return peaks.load(path, (LINA, WU), ["PERF-001"])[0]


def kinds(peak: Peak) -> list[tuple[str, float, float]]:
    return [(stage.kind, stage.seconds, stage.rate) for stage in peak.course]


@pytest.mark.parametrize(
    ("text", "course", "counted"),
    [
        (SIMPLE, [("ramp", 2, 10), ("plateau", 20, 10)], [(2, 22)]),
        (SIMPLE + 'spike = { rate = 40, length = "5 s" }\n',
         [("ramp", 2, 10), ("plateau", 10, 10), ("spike", 5, 40), ("plateau", 10, 10)], [(2, 27)]),
        (SIMPLE.replace('plateau = "20 s"', 'soak = "半小时"'), [("ramp", 2, 10), ("soak", 1800, 10)], [(2, 1802)]),
        ('[m]\nusers = 5\nsteps = { from = 10, to = 30, by = 10, each = "4 s" }\n',
         [("step", 4, 10), ("step", 4, 20), ("step", 4, 30)], [(0, 12)]),
        ('[m]\nusers = 5\nrate = 10\nstages = [{ kind = "plateau", length = "3 s" }, '
         '{ kind = "ramp", length = "2 s", rate = 30 }, { kind = "spike", length = "4 s" }]\n',
         [("plateau", 3, 10), ("ramp", 2, 30), ("spike", 4, 30)], [(0, 3), (5, 9)]),
        ('[m]\npeople = "八百人"\nthink_time = "20 秒"\nramp = "10 s"\nplateau = "两分钟"\n',
         [("ramp", 10, 40), ("plateau", 120, 40)], [(10, 130)]),
        ('[m]\nthink_time = "2 s"\nsteps = { from = 10, to = 20, by = 10, each = "4 s" }\n',
         [("step", 4, 5), ("step", 4, 10)], [(0, 8)]),
    ],
)  # fmt: skip
def test_every_shape_is_a_row_of_stages(
    tmp_path: Path, text: str, course: list[tuple[str, float, float]], counted: list[tuple[float, float]]
) -> None:
    peak = loaded(tmp_path, text)
    assert kinds(peak) == course
    assert peak.counted_from() == counted
    assert peak.length == peak.ramp + peak.plateau == sum(stage[1] for stage in course)
    assert peak.rate == max(stage[2] for stage in course)


def test_what_counts_can_be_asked_from_a_moment_on(tmp_path: Path) -> None:
    assert loaded(tmp_path, SIMPLE).counted_from(12.0) == [(12.0, 22.0)]
    assert loaded(tmp_path, SIMPLE).counted_from(22.0) == []


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("rate = 10", "rate = inf", "有限"),
        ("rate = 10", "rate = nan", "有限"),
        ("rate = 10", 'rate = "很快"', "每秒多少个"),
        ("rate = 10", "rate = 100000", "最多 1,000,000 件"),
        ("rate = 10", "rate = 0.001", "一件事也不来"),
        ("users = 5", "users = 30000", "最多 20000 人"),
        ("users = 5", "people = 5", "think_time"),
        ("users = 5\nrate = 10", "people = 5", "缺少 think_time"),
        ("users = 5\nrate = 10", 'people = 0\nthink_time = "2 s"', "必须大于零"),
        ("users = 5\nrate = 10", 'people = 1\nthink_time = "2 s"', "分不到 2 个部门"),
        ("users = 5\nrate = 10", 'people = 5\nthink_time = "0 s"', "必须大于零"),
        ("users = 5\nrate = 10", 'people = 2.5\nthink_time = "2 s"', "整数"),
        ('plateau = "20 s"', 'plateau = "30 h"', "最长 24 小时"),
        ('plateau = "20 s"', 'plateau = "20 s"\nsoak = "1 h"', "只能写一个"),
        ('plateau = "20 s"', 'plateau = "20 s"\nspike = { rate = 40 }', "缺少 length"),
        ('plateau = "20 s"', 'plateau = "20 s"\nspike = { rate = 40, length = "0 s" }', "必须大于零"),
        ('plateau = "20 s"', 'plateau = "20 s"\nspike = { rate = 40, length = "1 s", after = "20 s" }', "要短于"),
        ('plateau = "20 s"', 'plateau = "20 s"\nspike = { rat = 40, length = "1 s" }', "did you mean rate"),
        ('plateau = "20 s"', 'steps = { from = 9, to = 3, by = 3, each = "1 s" }', "to 要大于 from"),
        ('plateau = "20 s"', 'steps = { from = 1, to = 9000, by = 1, each = "60 s" }', "台阶太多"),
        ('ramp = "2 s"\nplateau = "20 s"', 'stages = [{ kind = "hill", length = "1 s" }]', "阶段 kind"),
        ('ramp = "2 s"\nplateau = "20 s"', 'stages = [{ kind = "ramp", length = "1 s" }]', "没有一个阶段计入指标"),
        ('plateau = "20 s"', 'stages = [{ kind = "soak", length = "1 s" }]', "就不能再写 ramp"),
        ('limit = "500 ms"', 'limit = "500 ms"\nfor = "21 s"', "比计入指标的时间（20 秒）还长"),
        ('limit = "500 ms"', 'limit = "500 ms"\ndepartment = "service"', "要在 mix 里"),
        ('limit = "500 ms"', 'limit = "500 ms"\nverb = "order.create"', "要在 mix 里"),
        ('measure = "p50"\nlimit = "500 ms"', 'measure = "errors"\nlimit = "101 %"', "0 到 100"),
        ('measure = "p50"\nlimit = "500 ms"', 'measure = "errors"\nlimit = "100 %"', "等于什么也没要求"),
        ('measure = "p50"\nlimit = "500 ms"', 'measure = "throughput"\nlimit = "2 s"', "每秒多少个"),
        ('measure = "p50"\nlimit = "500 ms"', 'measure = "throughput"\nlimit = "10.5 /s"', "谁也做不到"),
        ('limit = "500 ms"', 'limit = "11 s"', "请把 timeout 写长"),
        ('limit = "500 ms"', 'limit = "十十 ms"', "看不懂这个数"),
        ('limit = "500 ms"', 'limit = "1,5 s"', "数和单位"),
        ("users = 5", "users = 1" + "0" * 400, "有限"),
        ("users = 5", f'users = "{"9" * 400}"', "整数"),
        ("rate = 10", "rate = 1" + "0" * 400, "有限"),
        ('measure = "p50"\nlimit = "500 ms"', 'measure = "drift"\nlimit = "50 ms"', "每分钟多少"),
        ('measure = "p50"\nlimit = "500 ms"', 'measure = "writes"\nlimit = "0"\nfor = "5 s"', "没有“持续多久”"),
        ('measure = "p50"\nlimit = "500 ms"', 'measure = "foreign"\nlimit = "0"\nverb = "order.list"', "不分动作"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(tmp_path: Path, before: str, after: str, said: str) -> None:
    whole = SIMPLE + MIX
    assert before in whole
    with pytest.raises(WrongUse) as wrong:
        loaded(tmp_path, whole.replace(before, after, 1), "")
    assert said in str(wrong.value)


def test_limits_are_in_the_units_that_business_writes(tmp_path: Path) -> None:
    rows = [
        ("errors", "百分之一"),
        ("throughput", "每分钟 90 笔"),
        ("drift", "每分钟 30 毫秒"),
        ("p95", "两秒"),
        ("memory", "2 MB/分钟"),
    ]
    text = "".join(f'[[m.threshold]]\nrequirement = "PERF-001"\nmeasure = "{m}"\nlimit = "{v}"\n' for m, v in rows)
    found = {one.measure: one.limit for one in loaded(tmp_path, SIMPLE, MIX + text).thresholds}
    assert found == pytest.approx(
        {"p50": 0.5, "errors": 0.01, "throughput": 1.5, "drift": 0.0005, "p95": 2.0, "memory": 2 * 2**20 / 60}
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [("八百", 800), ("一千二", 1200), ("三万五", 35000), ("一百零五", 105), ("一百十", 110), ("百五", 150),
     ("十二", 12), ("一千零五十", 1050), ("两", 2), ("1.5 万", 15000), ("１，２００", 1200), ("一点五", 1.5),
     ("半", 0.5), ("二十", 20)],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text: str, value: float) -> None:
    assert quantities.number(text) == value


@pytest.mark.parametrize(
    "text", ["", "二三", "万万", "abc", "-3", "inf", "nan", "一点十", "十十", "百百", "零十", "一百零", "1,5", "12,34"]
)
def test_what_is_no_number_is_none(text: str) -> None:
    with pytest.raises(ValueError, match=r".*"):
        quantities.number(text)


MANY = tuple(Share(f"v{n}", ("a", "b"), n + 1.0, ("sales", "it")[n % 2]) for n in range(5))
BARE = Peak("m", "高峰", 50, 50.0, 2.0, 10.0, 10.0, MANY, ())
stages = st.lists(
    st.builds(Stage, st.sampled_from(["ramp", "plateau"]), st.floats(0.5, 20), st.floats(0.2, 60), st.just(True)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=40, deadline=None)
@given(stages)
def test_as_many_arrivals_come_in_each_stage_as_it_plans(course: list[Stage]) -> None:
    plan = schedule.arrivals(replace(BARE, stages=tuple(course)))
    assert [one.at for one in plan] == sorted(one.at for one in plan)
    begin, before = 0.0, 0.0
    for stage in course:
        first = before if stage.kind == "ramp" else stage.rate
        came = sum(begin <= one.at <= begin + stage.seconds for one in plan)
        assert abs(came - (first + stage.rate) / 2 * stage.seconds) <= 1.0
        begin, before = begin + stage.seconds, stage.rate


@pytest.mark.parametrize("peak", [BARE, replace(BARE, think=1.0)], ids=["open", "closed"])
def test_the_plan_is_the_same_for_everybody_and_its_parts_are_the_whole(peak: Peak) -> None:
    plan = schedule.arrivals(peak)
    assert plan == schedule.arrivals(peak) != schedule.arrivals(peak, seed=1)
    parts = [schedule.part(plan, index, 3) for index in range(3)]
    assert sorted((one for part in parts for one in part), key=plan.index) == list(plan)
    hands = [{one.hand for one in part if one.hand >= 0} for part in parts]
    assert not (hands[0] & hands[1] | hands[1] & hands[2] | hands[0] & hands[2])


def test_a_long_hard_peak_is_planned_within_a_second_of_work_and_holds_every_verb_in_proportion() -> None:
    plan = schedule.arrivals(replace(BARE, rate=500.0, plateau=120.0))
    verbs = Counter(one.verb for one in plan)
    assert len(plan) == 60_500
    assert [round(verbs[f"v{n}"] / len(plan) * 15, 2) for n in range(5)] == [1, 2, 3, 4, 5]


def test_people_of_a_closed_loop_work_one_thing_after_another_in_their_own_department() -> None:
    plan = schedule.arrivals(replace(BARE, users=30, rate=30.0, think=1.0))
    for hand in range(30):
        own = [one for one in plan if one.hand == hand]
        pauses = [later.at - one.at for one, later in pairwise(own)]
        assert pauses == pytest.approx([one.pause for one in own[1:]])
        assert len({one.verb in ("v0", "v2", "v4") for one in own}) <= 1
        assert all(one.at < one.until == 12.0 for one in own)


def test_people_come_for_a_spike_and_go_after_it() -> None:
    course = (Stage("plateau", 5, 10, True), Stage("spike", 5, 40, True), Stage("plateau", 5, 10, True))
    plan = schedule.arrivals(replace(BARE, users=40, rate=40.0, think=1.0, stages=course))
    there = [{one.hand for one in plan if begin <= one.at < begin + 5} for begin in (0, 5, 10)]
    assert max(there[0] | there[2]) == 9 and max(there[1]) == 39
    assert {one.until for one in plan if one.hand > 9} == {10.0}


def test_a_threshold_that_will_lack_samples_is_told_before_the_run(tmp_path: Path) -> None:
    peak = loaded(tmp_path, SIMPLE, MIX.replace('"p50"', '"p99"'))
    (said,) = foresight.doubts(peak)
    assert "至少要 500 个样本" in said and "大约只来 200 个" in said
    assert foresight.doubts(loaded(tmp_path, SIMPLE)) == ()
    own = MIX.replace('limit = "500 ms"', 'limit = "500 ms"\ndepartment = "finance"\nfor = "2 s"')
    assert "每 2 秒里大约只来 5 个" in foresight.doubts(loaded(tmp_path, SIMPLE, own))[0]


FED = MIX.replace("share = 3", 'share = 3\ndata = "names.csv"')


def fed(tmp_path: Path, table: str, mix: str = FED) -> Peak:
    (tmp_path / "fixtures").mkdir(exist_ok=True)
    (tmp_path / "fixtures" / "names.csv").write_text(table, encoding="utf-8")
    return loaded(tmp_path, SIMPLE, mix)


def test_a_search_takes_its_words_from_a_table_one_after_another(tmp_path: Path) -> None:
    peak = fed(tmp_path, "名称,行业\n上海,a\n北京,b\n")
    stock = Stock(rows=schedule.rows(peak))
    searched = [one for one in schedule.arrivals(peak) if one.verb == "customer.search"]
    words = [next(begin(one, stock)).options["q"] for one in searched]
    assert words[:4] == ["上海", "北京", "上海", "北京"]


def test_any_row_may_be_drawn_instead_the_same_in_every_run(tmp_path: Path) -> None:
    rows = "name\n" + "".join(f"客户{n}\n" for n in range(50))
    peak = fed(tmp_path, rows, FED.replace('data = "names.csv"', 'data = "names.csv"\ntake = "随机"'))
    drawn = [one.row for one in schedule.arrivals(peak) if one.row >= 0]
    assert drawn == [one.row for one in schedule.arrivals(peak) if one.row >= 0]
    assert drawn[:10] != list(range(10)) and len(set(drawn)) > 25


def test_what_is_made_from_a_table_is_still_unique() -> None:
    row = {"name": "上海浦东建材", "industry": "建材", "phone": "13900001111", "email": "a@b.cn"}
    stock = Stock(rows=(row,))
    made: list[Action] = [next(begin(Arrival(0.0, "customer.create", "lina", row=0), stock)) for _ in range(2)]
    first, second = (one.fields for one in made)
    assert first["industry"] == "建材" and str(first["name"]).startswith("上海浦东建材gf")
    assert all(first[name] != second[name] for name in ("name", "phone", "email"))
    assert str(first["phone"]).startswith("139") and len(str(first["phone"])) == 11


@pytest.mark.parametrize(
    ("table", "mix", "said"),
    [
        ("nme\n上海\n", FED, "列 column"),
        ("name,discount\n上海,3\n", FED.replace("customer.search", "customer.create"), "discount"),
        ("行业,级别\n建材,A\n", FED, "没有 customer.search 用得上的列"),
        ("name\n", FED, "没有一行内容"),
        ("name\n上海\n", FED.replace("names.csv", "nams.csv"), "没有 nams.csv"),
        ("name\n上海\n", FED.replace("names.csv", "../../secret.csv"), "只写 fixtures/ 里的文件名"),
        ("name\n上海\n", FED.replace('data = "names.csv"', 'take = "sample"'), "没有写 data"),
        ("name\n上海\n", FED.replace('data = "names.csv"', 'data = "names.csv"\ntake = "best"'), "取法 take"),
        ("name\n上海\n", MIX.replace("share = 1", 'share = 1\ndata = "names.csv"'), "order.list 不用数据"),
        ("amount\n很多\n", FED.replace("customer.search", "opportunity.create"), "大于零的金额"),
        ("quantity\n1.5\n", FED.replace("customer.search", "order.create"), "大于零的整数"),
    ],
)
def test_a_table_that_cannot_feed_is_refused(tmp_path: Path, table: str, mix: str, said: str) -> None:
    with pytest.raises(WrongUse) as wrong:
        fed(tmp_path, table, mix)
    assert said in str(wrong.value)
