"""Cost per UI scenario: the harness, ledger and trace included, against the same steps written bare in Playwright."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from typing import Any

from bench.compare import Plan, measured, told
from bench.meter import Cost
from bench.stage import REPOSITORY, Stage, stage
from crm_acceptance.tools.browser import find_browser, launch_args

TARGET = 1.15
FULL, QUICK = Plan(short=3, long=18, rounds=3), Plan(short=2, long=8, rounds=1)
SCENARIO = """
  @SALES-001 @ui
  场景: 登记的线索 {n} 资料齐全，经理也看得到
    当 李娜 登记线索：
      | 姓名    | 公司                   | 手机        | 来源 | 备注                         |
      | 王建{n} | 苏州华东{n}机械有限公司 | 13812345678 | 展会 | 想了解企业版，下周三上午回电 |
    那么 陈静 看到线索 "王建{n}" 的资料与登记时一致
"""


def feature(count: int) -> str:
    """`count` scenarios: one person acts on the screen, another looks through the API."""
    return "# language: zh-CN\n功能: 台架\n" + "".join(SCENARIO.format(n=n) for n in range(count))


def main(quick: bool = False) -> dict[str, Any]:
    """Measure, print the ratios, keep them."""
    plan = QUICK if quick else FULL
    with stage() as there:
        browser = json.dumps({"executable_path": str(find_browser()), "args": launch_args()})
        there = replace(there, env={**there.env, "BENCH_BROWSER": browser})
        sides = {
            "harness": lambda count, name: there.harness(feature(count), name),
            "bare": lambda count, name: bare(there, count, name),
            "bare with trace": lambda count, name: bare(there, count, name, "--tracing"),
        }
        figures = measured(sides, plan)
    return told("UI scenario: harness with ledger against bare Playwright", "harness", figures, TARGET, plan)


def bare(there: Stage, count: int, name: str, *options: str) -> Cost:
    """The same steps without us."""
    return there.run([sys.executable, "-m", "bench.bare_ui", str(count), *options], REPOSITORY, name)


if __name__ == "__main__":
    main(quick="--quick" in sys.argv)
