"""The sentences of the workspace: two languages each, never two that fit, and no feature that says an unknown one."""

from __future__ import annotations

import csv
import importlib
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from gherkin.parser import Parser
from gherkin.token_scanner import TokenScanner

from crm_acceptance.sentences import SENTENCES, BothLanguages, Template

ROOT = Path(__file__).resolve().parent.parent
for room in sorted((ROOT / "steps").glob("*.py")):
    importlib.import_module(f"steps.{room.stem}")
FEATURES = sorted((ROOT / "features").rglob("*.feature"))
GUIDES = {"zh": ROOT / "docs/guides/zh/写场景.md", "en": ROOT / "docs/guides/writing-scenarios.md"}
ELSEWHERE = {
    *(f"SEC-{n:03d}" for n in (1, *range(4, 14), *range(15, 30))),
    "SALES-017",
    *(f"PERF-{n:03d}" for n in range(1, 7)),
}
"""Requirements that security/ and load/ prove."""
SAMPLES = {
    "": "李娜",
    "d": "3",
    "money": "1,200.50",
    "percent": "12.5",
    "object": {"zh": "客户", "en": "customer"},
    "field": {"zh": "级别", "en": "level"},
    "role": {"zh": "销售经理", "en": "sales manager"},
    "stage": {"zh": "商务谈判", "en": "negotiation"},
    "priority": {"zh": "紧急", "en": "urgent"},
    "deed": {"zh": "转移", "en": "transferring"},
}


def spoken(template: Template, language: str) -> str:
    """The template with something believable in every blank."""

    def fill(blank: re.Match[str]) -> str:
        sample = SAMPLES[blank["kind"] or ""]
        return sample if isinstance(sample, str) else sample[language]

    return re.sub(r"\{\w+(?::(?P<kind>\w+))?\}", fill, template.text)


def fitting(text: str) -> list[str]:
    return [name for name, parser in SENTENCES.items() if parser.is_matching(text)]


def scenarios(feature: Path) -> Iterator[dict]:
    document = Parser().parse(TokenScanner(feature.read_text(encoding="utf-8")))
    for child in document["feature"]["children"]:
        inherited = document["feature"]["tags"]
        told = child.get("scenario") or child["background"]
        yield {
            **told,
            "language": document["feature"]["language"],
            "tags": [*inherited, *told.get("tags", [])],
            "real": "scenario" in child,
        }


def lines(scenario: dict) -> Iterator[str]:
    rows = [
        dict(zip([c["value"] for c in table["tableHeader"]["cells"]], [c["value"] for c in row["cells"]], strict=True))
        for table in scenario.get("examples", [])
        for row in table["tableBody"]
    ]
    for step in scenario["steps"]:
        for row in rows or [{}]:
            yield re.sub(r"<([^>]+)>", lambda blank, row=row: row[blank[1]], step["text"])


EVERY = [scenario for feature in FEATURES for scenario in scenarios(feature)]
REAL = [scenario for scenario in EVERY if scenario["real"]]


def tags(scenario: dict) -> set[str]:
    return {tag["name"].removeprefix("@") for tag in scenario["tags"]}


@pytest.mark.parametrize("parser", SENTENCES.values(), ids=lambda parser: parser.en.text[:60])
def test_no_two_sentences_fit_the_same_words(parser: BothLanguages) -> None:
    assert fitting(spoken(parser.zh, "zh")) == [parser.name]
    assert fitting(spoken(parser.en, "en")) == [parser.name]


@pytest.mark.parametrize("parser", SENTENCES.values(), ids=lambda parser: parser.en.text[:60])
def test_every_sentence_is_said_in_chinese_and_in_english(parser: BothLanguages) -> None:
    assert re.search(r"[一-鿿]", parser.zh.text)
    assert not re.search(r"[一-鿿]", parser.en.text)


def test_chinese_sentences_may_be_written_without_spaces_and_with_chinese_quotes() -> None:
    assert fitting("李娜把线索“王建国”转为商机") == fitting('李娜 把线索 "王建国" 转为商机')
    assert fitting("李娜不能关闭工单「停机」") == fitting('李娜 不能关闭工单 "停机"')


def test_every_step_of_every_feature_is_known_exactly_once() -> None:
    wrong = {line: fitting(line) for scenario in EVERY for line in lines(scenario) if len(fitting(line)) != 1}
    assert wrong == {}


def test_every_requirement_of_the_business_has_a_scenario() -> None:
    with (ROOT / "features/requirements.csv").open(encoding="utf-8") as file:
        wanted = {row["id"] for row in csv.DictReader(file)}
    covered = set().union(*(tags(scenario) for scenario in REAL))
    assert wanted - ELSEWHERE - covered == set()


def test_scenarios_are_many_mostly_chinese_and_often_on_screen() -> None:
    chinese = [scenario for scenario in REAL if scenario["language"] == "zh-CN"]
    on_screen = [scenario for scenario in REAL if "ui" in tags(scenario)]
    assert len(REAL) >= 64
    assert 0.6 <= len(chinese) / len(REAL) <= 0.7
    assert len(on_screen) >= 14
    assert all(("ui" in tags(scenario)) != ("api" in tags(scenario)) for scenario in REAL)


@pytest.mark.parametrize("word", ["点击", "按钮", "输入框", "页面元素", "click", "button", "HTTP", "JSON", "API"])
def test_scenarios_speak_business_and_never_clicks(word: str) -> None:
    assert [line for scenario in EVERY for line in lines(scenario) if word.lower() in line.lower()] == []


@pytest.mark.parametrize("parser", SENTENCES.values(), ids=lambda parser: parser.en.text[:60])
def test_the_guides_list_every_sentence(parser: BothLanguages) -> None:
    assert shown(parser.zh) in GUIDES["zh"].read_text(encoding="utf-8")
    assert shown(parser.en) in GUIDES["en"].read_text(encoding="utf-8")


def shown(template: Template) -> str:
    """As the guides print it: blanks by name only."""
    return re.sub(r"\{(\w+)(?::\w+)?\}", r"{\1}", template.text)
