"""A peak said in one sentence: what it means, what is refused before anything runs, and in which phase it is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from refcrm_process import PASSWORD, running

from crm_acceptance import catalogue, profile
from crm_acceptance.engines.load import generator, peaks, verdict, wording
from crm_acceptance.engines.load.doing import PHRASES
from crm_acceptance.engines.load.figures import samples_of
from crm_acceptance.engines.load.orders import Measured, Sample
from crm_acceptance.engines.load.peaks import Peak
from crm_acceptance.engines.load.work import VERBS
from crm_acceptance.errors import Unproven, WrongUse
from crm_acceptance.model import Person, Site

ROOT = Path(__file__).parent.parent
PEOPLE = tuple(catalogue.load(profile.load(ROOT)).people.values())


def peak(text: str) -> Peak:
    table = wording.read(text).table("PERF-006")
    return peaks.read(text, "said", table, PEOPLE, frozenset({"PERF-006"}), ROOT / "load")


@pytest.mark.parametrize(
    "text",
    [
        "月底 9 点 800 人同时打单，每人 20 秒一次，持续 2 分钟，95% 在 2 秒内，错误不超过 1%",
        "月底九点八百人同时打单，每个人每 20 秒做一次，持续两分钟，95％的操作在两秒内完成；错误率低于 1％",
        "月底 9 点，800 名销售同时下单，百分之九十五在 2 秒之内，失败不超过百分之一，一共持续 2 分钟，每人 20 秒一单",
        "at month's end 800 people place orders at the same time, each every 20 seconds, for 2 minutes, "
        "95% within 2 seconds, errors at most 1%",
    ],
)
def test_people_say_the_same_peak_in_many_ways(text: str) -> None:
    said = peak(text)
    assert (said.users, said.think, said.plateau, said.ramp) == (800, 20.0, 120.0, 10.0)
    assert [(one.verb, one.department) for one in said.mix] == [("order.create", "sales")]
    limits = [(one.requirement, one.measure, one.limit) for one in said.thresholds]
    assert limits == [("PERF-006", "p95", 2.0), ("PERF-006", "errors", 0.01)]


@pytest.mark.parametrize(
    ("text", "doings", "limits"),
    [
        ("20 个客服同时开工单，一半在 1 秒内", ["service ticket.create"], ["p50 1.0 "]),
        ("早上 20 人同时登记线索，最慢不超过 5 秒", ["marketing lead.create"], ["max 5.0 "]),
        (
            "20 位财务人员同时收款和查订单，99% 在 1 秒内",
            ["finance payment.create", "finance order.search"],
            ["p99 1.0 "],
        ),
        (
            "20 人同时查客户、打单，95% 在 2 秒内，其中查客户 95% 在 500 毫秒内，一单不丢",
            ["sales customer.search", "sales order.create"],
            ["p95 2.0 ", "p95 0.5 customer.search", "writes 0.0 "],
        ),
        (
            "20 人同时导出订单，每人 5 秒一次，没有错误，每秒至少完成 3 次",
            ["sales order.export"],
            ["errors 0.0 ", "throughput 3.0 "],
        ),
        ("20 人一起看应收，90% 在 3 秒内", ["finance report.receivables"], ["p90 3.0 "]),
        ("20 people register leads at once, half within 1 second", ["marketing lead.create"], ["p50 1.0 "]),
    ],
)
def test_every_department_has_words_for_its_work(text: str, doings: list[str], limits: list[str]) -> None:
    said = peak(text)
    assert [f"{one.department} {one.verb}" for one in said.mix] == doings
    assert [f"{one.measure} {one.limit} {one.verb}" for one in said.thresholds] == limits


MISTAKES = [
    ("0 人同时打单，95% 在 2 秒内", "人数必须大于零"),
    ("1.5 人同时打单，95% 在 2 秒内", "整数"),
    ("800 人同时打单，95% 在 0 秒内", "时间必须大于零"),
    ("800 人同时打单，101% 在 2 秒内", "0 到 100 之间"),
    ("800 人同时打单，97% 在 2 秒内", "没有 97% 这个百分位，已知 known: 50%"),
    ("800 人同时打蛋，95% 在 2 秒内", "不认识这个动作：打蛋（unknown）。是不是 打单？"),
    ("800 人同时打单", "没有说要多快"),
    ("800 人同时打单，平均 2 秒", "听不懂这一段：平均 2 秒"),
    ("800 人同时打单，其中收款 95% 在 1 秒内", "已知 known: 打单"),
    ("800 人同时打单，95% 在 2 秒内，持续 0 秒", "时间必须大于零"),
    ("800 人同时打单，95% 在 2 秒内，错误不超过 1", "百分数"),
    ("十十人同时打单，95% 在 2 秒内", "看不懂这个数"),
    ("1,5 人同时打单，95% 在 2 秒内", "整数"),
    ("800 人同时打单，95% 在十十秒内", "看不懂这个数"),
    ("800 people fly kites at the same time, 95% within 2 seconds", "不认识这个动作：fly kites"),
]


@pytest.mark.parametrize(("text", "said"), MISTAKES)
def test_what_cannot_be_is_told_in_one_sentence(text: str, said: str) -> None:
    assert wording.is_peak(text)
    with pytest.raises(WrongUse) as wrong:
        wording.read(text)
    assert said in str(wrong.value) and "\n" not in str(wrong.value)


@pytest.mark.parametrize(
    "text", ["李娜 登记客户", '王强 和 李娜 同时领取客户 "上海"', "网络中断 3 次", "the network fails for 3 seconds"]
)
def test_other_sentences_are_left_alone(text: str) -> None:
    assert not wording.is_peak(text)


def test_every_phrase_is_a_verb_of_the_load() -> None:
    assert set(PHRASES.values()) <= set(VERBS)


def test_people_who_sell_nothing_are_given_customers_to_work_on() -> None:
    said = peak("6 个财务同时收款，每人 1 秒一次，持续 3 秒，1 秒内到齐，一半在 2 秒内")

    def password(person: Person) -> str:
        return PASSWORD

    with running() as crm:
        measured = generator.run(said, Site("refcrm", crm.url), PEOPLE, password, ROOT / "load" / "locustfile.py")
    done = samples_of(measured)
    assert measured.problem == "" and len(done) > 3
    assert {one.verb for one in done} == {"payment.create"}
    assert not [one.error for one in done if one.error]


SAID = "40 人同时查客户，每人 2 秒一次，持续 8 秒，95% 在 2 秒内"


def measured(said: Peak, count: int, latency: float) -> Measured:
    begun = [said.ramp + n * said.plateau / count for n in range(count)]
    return Measured(tuple(Sample("customer.search", "lina", at, at, at + latency) for at in begun))


def test_a_site_too_slow_for_its_people_to_do_enough_has_missed_its_limit() -> None:
    said = peak(SAID)
    found = verdict.judge(said, said.thresholds[0], measured(said, 30, 9.0))
    assert not found.met and "只做成 30 件" in found.sentence


@pytest.mark.parametrize(
    ("text", "count", "latency"),
    [(SAID, 30, 0.1), (SAID, 5, 9.0), (SAID.replace("40 人", "4 人"), 9, 9.0), (f"{SAID}，没有错误", 0, 0.0)],
    ids=["quick", "so few may be chance", "too few were planned", "none"],
)
def test_else_too_few_samples_say_nothing(text: str, count: int, latency: float) -> None:
    said = peak(text)
    for threshold in said.thresholds:
        with pytest.raises(Unproven, match="样本"):
            verdict.judge(said, threshold, measured(said, count, latency))


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company's own workspace, with two sentences of its own among its features."""
    own = tmp_path_factory.mktemp("company")
    for name in ("features", "steps", "load", "fixtures", "conftest.py", "acceptance.toml", "security"):
        source = ROOT / name
        copied = shutil.copytree if source.is_dir() else shutil.copy
        copied(source, own / name)
    shutil.rmtree(own / "security")
    for feature in (own / "features").glob("*/*.feature"):
        feature.unlink()
    table = own / "features" / "requirements.csv"
    lines = table.read_text("utf-8-sig").splitlines()
    kept = [line for line in lines if line.startswith(("id,", "PERF-001,", "SALES-001,"))]
    table.write_text("\n".join(kept) + "\n", "utf-8")
    return own


def collected(workspace: Path, text: str) -> subprocess.CompletedProcess[str]:
    (workspace / "features" / "sales" / "peak.feature").write_text(
        "# language: zh-CN\n功能: 高峰\n  @PERF-001\n  场景: 月底\n    当 " + text + "\n", "utf-8"
    )
    run = workspace / "run"
    shutil.rmtree(run, ignore_errors=True)
    run.mkdir()
    command = [sys.executable, "-m", "pytest", "--collect-only", "-q", "-p", "no:locust", "-p", "no:cacheprovider"]
    environment = {**os.environ, "CRM_ACCEPTANCE_RUN_DIR": str(run), "CRM_ACCEPTANCE_WORKSPACE": str(workspace)}
    asked = [*command, "-c", "/dev/null", "--rootdir", str(workspace), "features", "load"]
    return subprocess.run(
        asked, cwd=workspace, env=environment, capture_output=True, text=True, encoding="utf-8", check=False
    )


def test_a_peak_is_a_check_of_the_load_phase_wherever_its_sentence_stands(workspace: Path) -> None:
    done = collected(workspace, "800 人同时打单，95% 在 2 秒内")
    assert done.returncode == 0, done.stdout
    promised = json.loads((workspace / "run" / "expected" / "load.json").read_text("utf-8"))["items"]
    said = [one for one in promised if one["nodeid"].startswith("features/")]
    assert [(one["engine"], one["requirements"]) for one in said] == [("load", ["PERF-001"])]
    assert not (workspace / "run" / "expected" / "scenarios.json").exists()


def test_the_sentence_that_comes_with_the_harness_is_not_asked_of_who_does_not_require_it(workspace: Path) -> None:
    done = collected(workspace, "800 人同时打单，95% 在 2 秒内")
    assert done.returncode == 0 and "PERF-006" not in done.stdout
    assert not [line for line in done.stdout.splitlines() if line.startswith("load/peaks.feature")]


def test_a_sentence_that_cannot_be_carried_out_stops_everything_before_it_begins(workspace: Path) -> None:
    done = collected(workspace, "0 人同时打蛋，95% 在 2 秒内")
    assert done.returncode != 0
    assert "人数必须大于零" in done.stdout and "peak.feature:5" in done.stdout
