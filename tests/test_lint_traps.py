"""Every way a feature file can lie in silence is found before anything runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_acceptance.lint import lint

KNOWN = ("SALES-001", "SALES-002")
HEAD = "# language: zh-CN\n@SALES-001\n功能: 线索\n"
GOOD = HEAD + "  场景: 登记\n    假如 甲\n"


def told(tmp_path: Path, text: str | bytes) -> list[str]:
    file = tmp_path / "x.feature"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    return [str(problem) for problem in lint(file, "x.feature", KNOWN).problems]


def the_one(tmp_path: Path, text: str | bytes) -> str:
    [sentence] = told(tmp_path, text)
    return sentence


def test_a_good_file_has_no_problem(tmp_path: Path) -> None:
    assert told(tmp_path, GOOD) == []


def test_every_chinese_keyword_is_understood(tmp_path: Path) -> None:
    text = (
        "# language: zh-CN\n@SALES-001\n功能: 全\n  背景:\n    假设 甲\n  规则: 一\n"
        "    剧本: 乙\n      假定 甲\n      当 乙\n"
        "      而且 丙\n      同时 丁\n      那么 戊\n      但是 己\n    场景大纲: 丙\n      假如 <x>\n      例子:\n"
        "        | x |\n        | 1 |\n"
    )
    assert told(tmp_path, text) == []


def test_a_duplicate_scenario_name_is_found(tmp_path: Path) -> None:
    said = the_one(tmp_path, GOOD + "  场景: 登记\n    假如 乙\n")
    assert said.startswith("x.feature:6:") and "第 4 行" in said and "Duplicate" in said


def test_a_duplicate_name_in_two_rules_is_found(tmp_path: Path) -> None:
    text = HEAD + "  规则: 一\n    场景: 甲\n      假如 甲\n  规则: 二\n    场景: 甲\n      假如 乙\n"
    assert "Duplicate scenario name" in the_one(tmp_path, text)


def test_an_empty_examples_table_is_found(tmp_path: Path) -> None:
    said = the_one(tmp_path, HEAD + "  场景大纲: 甲\n    假如 <x>\n    例子:\n      | x |\n")
    assert "Empty Examples" in said and "x.feature:6" in said


def test_examples_without_any_table_are_found(tmp_path: Path) -> None:
    assert "Empty Examples" in the_one(tmp_path, HEAD + "  场景大纲: 甲\n    假如 <x>\n    例子:\n")


def test_an_outline_without_examples_is_found(tmp_path: Path) -> None:
    assert "run literally" in the_one(tmp_path, HEAD + "  场景大纲: 甲\n    假如 <x> 来了\n")


def test_identical_examples_rows_are_found_even_in_two_tables(tmp_path: Path) -> None:
    tables = "    例子:\n      | x |\n      | 1 |\n    例子:\n      | x |\n      | 1 |\n"
    said = the_one(tmp_path, HEAD + "  场景大纲: 甲\n    假如 <x>\n" + tables)
    assert "第 8 行" in said and "retries" in said


def test_a_scenario_without_steps_is_found(tmp_path: Path) -> None:
    assert "no steps" in the_one(tmp_path, HEAD + "  场景: 空\n")


def test_a_background_does_not_make_up_for_missing_steps(tmp_path: Path) -> None:
    assert "no steps" in the_one(tmp_path, HEAD + "  背景:\n    假如 甲\n  场景: 空\n")


def test_a_placeholder_without_a_column_is_found(tmp_path: Path) -> None:
    said = told(tmp_path, HEAD + "  场景大纲: 甲\n    假如 <x> 和 <y>\n    例子:\n      | x |\n      | 1 |\n")
    assert len(said) == 1 and "<y>" in said[0]


def test_a_placeholder_in_a_table_or_docstring_counts_as_used(tmp_path: Path) -> None:
    text = HEAD + '  场景大纲: 甲\n    假如 表\n      | <x> |\n    而且 文\n      """\n      <y>\n      """\n'
    assert told(tmp_path, text + "    例子:\n      | x | y |\n      | 1 | 2 |\n") == []


def test_a_column_that_nobody_uses_is_found(tmp_path: Path) -> None:
    said = the_one(tmp_path, HEAD + "  场景大纲: 甲\n    假如 <x>\n    例子:\n      | x | 金额 |\n      | 1 | 2 |\n")
    assert "金额" in said and "no step uses" in said


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("  场景： 乙\n", "half-width colon"),
        ("  ＠SALES-002\n", "half-width @"),
        ("    假如 表\n      ｜ a ｜\n", "half-width bar"),
    ],
)
def test_full_width_signs_are_named(tmp_path: Path, line: str, said: str) -> None:
    assert said in the_one(tmp_path, GOOD + line)


def test_a_full_width_colon_inside_a_sentence_or_docstring_is_fine(tmp_path: Path) -> None:
    text = HEAD + '  场景: 登记\n    假如 备注是：甲\n      """\n      场景： 不是场景\n      """\n'
    assert told(tmp_path, text) == []


def test_a_byte_order_mark_is_refused(tmp_path: Path) -> None:
    assert "BOM" in the_one(tmp_path, b"\xef\xbb\xbf" + GOOD.encode())


def test_gbk_is_refused_with_the_line(tmp_path: Path) -> None:
    assert "GBK" in the_one(tmp_path, GOOD.encode("gbk"))


@pytest.mark.parametrize("word", ["并且", "而且", "但是", "*"])
def test_a_first_step_that_continues_nothing_is_refused(tmp_path: Path, word: str) -> None:
    assert "First" in (said := the_one(tmp_path, HEAD + f"  场景: 甲\n    {word} 乙\n")).title() and word in said


def test_a_background_may_not_begin_with_and(tmp_path: Path) -> None:
    assert "并且" in the_one(tmp_path, HEAD + "  背景:\n    并且 甲\n  场景: 乙\n    假如 丙\n")


def test_the_word_that_begins_like_when_is_noticed(tmp_path: Path) -> None:
    assert "当前" in the_one(tmp_path, HEAD + "  场景: 甲\n    假如 甲\n    当前线索共 1 条\n")


def test_an_unknown_requirement_names_the_nearest(tmp_path: Path) -> None:
    said = the_one(tmp_path, GOOD.replace("@SALES-001", "@SALES-011"))
    assert "SALES-011" in said and "did you mean SALES-001?" in said and "known:" in said


def test_a_scenario_without_a_requirement_proves_nothing(tmp_path: Path) -> None:
    assert "proves nothing" in the_one(tmp_path, GOOD.replace("@SALES-001", "@销售部"))


def test_examples_may_bring_their_own_requirement(tmp_path: Path) -> None:
    head = "# language: zh-CN\n功能: 甲\n  场景大纲: 乙\n    假如 <x>\n"
    text = head + "    @SALES-002\n    例子:\n      | x |\n      | 1 |\n"
    assert told(tmp_path, text) == []


@pytest.mark.parametrize("tag", ["@a:b", "@a(b)", "@parametrize"])
def test_a_tag_that_cannot_be_a_marker_is_refused(tmp_path: Path, tag: str) -> None:
    assert tag in the_one(tmp_path, GOOD.replace("@SALES-001", f"@SALES-001 {tag}"))


def test_chinese_without_the_language_line_says_what_to_write(tmp_path: Path) -> None:
    assert "# language: zh-CN" in told(tmp_path, GOOD.split("\n", 1)[1].replace("@SALES-001\n", ""))[0]


def test_broken_gherkin_names_file_and_line(tmp_path: Path) -> None:
    said = told(tmp_path, GOOD + "    乱写一行\n")
    assert said[0].startswith("x.feature:6:") and "乱写一行" in said[0]


@pytest.mark.parametrize("text", ["", "# language: zh-CN\n", HEAD])
def test_a_file_without_scenarios_proves_nothing(tmp_path: Path, text: str) -> None:
    assert "no scenario" in the_one(tmp_path, text)


def test_all_problems_are_told_at_once_in_the_order_of_lines(tmp_path: Path) -> None:
    said = told(tmp_path, HEAD + "  场景: 甲\n    并且 乙\n  @SALES-999\n  场景: 甲\n")
    assert [one.split(":")[1] for one in said] == ["5", "6", "7", "7"]
