"""CPU per API scenario: the harness with its whole ledger against behave with the same sentences and verbs."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

from bench.compare import Plan, measured, told
from bench.meter import Cost
from bench.stage import Stage, stage

TARGET = 1.0
FULL, QUICK = Plan(short=20, long=220, rounds=3), Plan(short=10, long=60, rounds=1)
SCENARIO = """
  @SALES-001 @api
  场景: 线索 {n} 转换之后不能再转一次
    假如 李娜 登记线索：
      | 姓名    | 公司                   | 手机        | 来源 |
      | 王建{n} | 苏州华东{n}机械有限公司 | 13812345678 | 展会 |
    当 李娜 把线索 "王建{n}" 转为商机
    那么 李娜 看到线索 "王建{n}" 的状态是 "已转化"
    并且 李娜 不能再次转换线索 "王建{n}"
"""
BEHAVE_SIDE = Path(__file__).parent / "behave_side"


def feature(count: int) -> str:
    """`count` scenarios of four sentences."""
    return "# language: zh-CN\n功能: 台架\n" + "".join(SCENARIO.format(n=n) for n in range(count))


def main(quick: bool = False) -> dict[str, Any]:
    """Measure, print the ratios, keep them."""
    plan = QUICK if quick else FULL
    with stage() as there:
        sides = {
            "harness": lambda count, name: there.harness(feature(count), name),
            "behave": lambda count, name: behave(there, feature(count), name),
            "behave + allure": lambda count, name: behave(there, feature(count), name, ledger=True),
        }
        figures = measured(sides, plan)
    return told("API scenario: four sentences, harness with ledger against behave", "harness", figures, TARGET, plan)


def behave(there: Stage, text: str, name: str, *, ledger: bool = False) -> Cost:
    """behave as it comes, its own output into a file; with `ledger` also allure-behave's results."""
    folder = there.folder / "behave"
    shutil.copytree(BEHAVE_SIDE, folder, dirs_exist_ok=True)
    (folder / "bench.feature").write_text(text, encoding="utf-8")
    command = [sys.executable, "-m", "behave", "-f", "plain", "-o", f"{name}.txt"]
    results = ["-f", "allure_behave.formatter:AllureFormatter", "-o", f"{name}-results"] if ledger else []
    return there.run([*command, *results, "bench.feature"], folder, name)


if __name__ == "__main__":
    main(quick="--quick" in sys.argv)
