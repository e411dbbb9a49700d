"""What `load` says of a peak when it is over; computes and judges nothing."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from crm_acceptance.engines.load.single import Single, told_in_short

FEW = 5
"""Wrong writes or answers that are named here; load.json names more."""
NOT_JUDGED = "没有门槛，只有数字：什么也没有判断。No thresholds, figures only: nothing was judged."


def tell(judged: Single, out: Path, console: Console) -> None:
    """Why it is invalid, what became of each threshold, what is doubtful, and the figures in one line."""
    if judged.measured.deaf:
        console.print(f"[yellow]{escape(judged.measured.deaf)}[/]", soft_wrap=True, highlight=False)
    for reason in judged.reasons:
        said = reason if reason.startswith("本次运行无效") else f"无效 invalid：{reason}"
        console.print(f"[yellow]{escape(said)}[/]", soft_wrap=True, highlight=False)
    for one in judged.judged:
        if one.sentence:
            colour = {True: "green", False: "red", None: "yellow"}[one.met]
            console.print(f"[{colour}]{escape(one.sentence)}[/]", soft_wrap=True, highlight=False)
        for wrong in one.wrong[:FEW]:
            console.print(f"  {escape(wrong)}", soft_wrap=True, highlight=False)
    for doubt in judged.doubts:
        console.print(f"[yellow]{escape(doubt)}[/]", soft_wrap=True, highlight=False)
    if not (judged.judged or judged.reasons or judged.doubts):
        console.print(f"[yellow]{NOT_JUDGED}[/]", soft_wrap=True, highlight=False)
    console.print(f"{told_in_short(judged)} → {out / 'load.json'}", soft_wrap=True, highlight=False, markup=False)
