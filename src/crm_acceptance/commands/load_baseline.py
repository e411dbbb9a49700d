"""`load --baseline FILE --keep-baseline FILE`: reads, compares and keeps; how is in engines/load/baseline.py."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.markup import escape

from crm_acceptance.engines.load import baseline
from crm_acceptance.errors import WrongUse

if TYPE_CHECKING:
    from crm_acceptance.engines.load.single import Single
    from crm_acceptance.model import Site

COLOURS = {baseline.SLOWER: "red", baseline.FASTER: "green", baseline.SAME: "dim"}


def compared(before: dict[str, Any], judged: Single, site: Site, console: Console) -> dict[str, Any]:
    """load.json's "baseline", told on the console. An invalid run is compared with nothing."""
    if _spoilt(judged):
        told: dict[str, Any] = {
            "comparable": False,
            "reason": "本次运行无效、没有跑完，或者不能算数。This run is invalid, was stopped, or is in doubt.",
        }
    else:
        told = baseline.compared(before, judged.peak, site, judged.measured)
    if not told["comparable"]:
        console.print(f"[yellow]不能与基线比较 not comparable：{escape(told['reason'])}[/]", soft_wrap=True)
    for rows in told.get("verbs", {}).values():
        for row in rows.values():
            colour = COLOURS.get(row["verdict"], "yellow")
            console.print(f"[{colour}]{escape(row['sentence'])}[/]", soft_wrap=True, highlight=False)
    return told


def _spoilt(judged: Single) -> bool:
    """Whether it is no run to compare anything with."""
    return bool(judged.reasons or judged.doubts or judged.measured.stopped)


def keep(file: Path, judged: Single, site: Site, console: Console) -> None:
    """The run as a baseline; an invalid one is none, nor one that was stopped or is in doubt."""
    if _spoilt(judged):
        said = (
            "没有留下基线：本次运行无效、没有跑完，或者不能算数。No baseline was kept: the run is invalid or in doubt."
        )
        console.print(f"[yellow]{said}[/]", soft_wrap=True)
        return
    now = datetime.now(UTC).isoformat(timespec="seconds")
    text = json.dumps(baseline.kept(judged.peak, site, judged.measured, now), ensure_ascii=False)
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    except OSError as refused:
        raise WrongUse(f"不能写基线 {file}：{refused.strerror}。The baseline cannot be written.") from None
    console.print(f"基线 baseline → {file}", soft_wrap=True, highlight=False, markup=False)
