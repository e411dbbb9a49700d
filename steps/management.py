"""Sentences of managers: the figures of one salesperson."""

from __future__ import annotations

from decimal import Decimal

from crm_acceptance.actors import Cast
from crm_acceptance.sentences import sentence
from crm_acceptance.story import Story
from crm_acceptance.verbs import management


@sentence(
    "{who} 在销售汇总里看到 {rep} 有 {n:d} 张订单，共 {amount:money} 元",
    "{who} reads in the sales summary that {rep} has {n:d} orders, in all {amount:money} yuan",
)
def _(cast: Cast, story: Story, who: str, rep: str, n: int, amount: Decimal) -> None:
    said = management.sales_summary(cast[who], story.key_of(rep))["total"]
    assert (said["orders"], said["amount"]) == (n, amount)


@sentence(
    "{who} 在销售漏斗里看到 {rep} 有 {n:d} 个商机，共 {amount:money} 元",
    "{who} reads in the pipeline that {rep} has {n:d} opportunities, in all {amount:money} yuan",
)
def _(cast: Cast, story: Story, who: str, rep: str, n: int, amount: Decimal) -> None:
    said = management.pipeline(cast[who], story.key_of(rep))["total"]
    assert (said["count"], said["amount"]) == (n, amount)
