"""A run kept to be compared with, and the comparison: ratios of percentiles with a confidence interval, never a naked
percentage. Runs nothing.

The interval is a bootstrap over blocks of time (H. R. Kuensch, "The jackknife and the bootstrap for general stationary
observations", Annals of Statistics 17, 1989; blocks that do not overlap: E. Carlstein 1986): what counts is cut into
equal blocks, blocks are drawn with replacement on both sides, and the percentile of each draw is taken. Neighbouring
answers share the same queue, so drawing single answers would promise too much. With few blocks the interval is
widened as Student's t asks. All intervals of one comparison together are wrong one time in twenty (Bonferroni). They
know what varies within the two runs, not what else changed between them: compare on the same machine.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_acceptance.engines.load.figures import PERCENTILES, counted, needed, spans_of, three_digits
from crm_acceptance.engines.load.orders import Measured, Sample
from crm_acceptance.engines.load.peaks import Peak
from crm_acceptance.errors import WrongUse
from crm_acceptance.model import Site

VERSION = 1
MEASURES = ("p50", "p95")
FINE = math.log(1.005)
"""Latencies are kept in steps of half a percent."""
FEWEST_BLOCKS, MOST_BLOCKS = 10, 20
DRAWS, SEED = 10_000, 20261122
SURE = 0.95
LEAST_SHARE, LEAST = 0.05, 0.001
"""A difference below this share, or of fewer seconds, is none that matters."""
MOST_ERRORS = 0.01
"""Of either run: what fails is often fast, and would pass for an improvement."""
SLOWER, FASTER, SAME = "slower", "faster", "no difference shown"
_SAID = {SLOWER: "变慢 slower", FASTER: "变快 faster", SAME: "看不出差别 no difference shown"}
Blocks = list[dict[int, int]]


@dataclass(frozen=True)
class Side:
    """One verb of one run: per block of time how many latencies fell into which step; failures are left out."""

    blocks: Blocks
    errors: int = 0

    @property
    def count(self) -> int:
        """How many latencies there are."""
        return sum(sum(block.values()) for block in self.blocks)


@dataclass(frozen=True)
class Ratio:
    """How many times slower a percentile is than that of the baseline, and within what bounds; seconds of both."""

    verdict: str
    value: float
    low: float
    high: float
    before: float
    now: float


def kept(peak: Peak, site: Site, measured: Measured, at: str) -> dict[str, Any]:
    """A run as a baseline file holds it; `at`: when it was, as ISO text."""
    sides = _sides(peak, measured)
    return {
        "what": "crm-acceptance load baseline",
        "version": VERSION,
        "at": at,
        "peak": _fingerprint(peak),
        "site": {"system": site.system, "kind": site.kind},
        "verbs": {
            verb: {"errors": one.errors, "blocks": [sorted(block.items()) for block in one.blocks]}
            for verb, one in sides.items()
        },
    }


def read(path: Path) -> dict[str, Any]:
    """A baseline file. WrongUse when it is none."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise WrongUse(f"找不到基线 {path}。先用 --keep-baseline 留一个。No such baseline: keep one first.") from None
    except (OSError, ValueError, RecursionError) as broken:
        raise WrongUse(f"读不了基线 {path}：{broken}。The baseline cannot be read.") from None
    if not isinstance(found, dict) or found.get("what") != "crm-acceptance load baseline":
        raise WrongUse(f"{path} 不是基线文件。Not a baseline: `load --keep-baseline FILE` writes one.")
    if found.get("version") != VERSION:
        raise WrongUse(f"{path} 是另一个版本的基线，请重新留一个。A baseline of another version: keep a new one.")
    if not _whole_file(found):
        raise WrongUse(f"{path} 的内容不完整，请重新留一个基线。The baseline is damaged: keep a new one.")
    return found


def _whole_file(found: Mapping[str, Any]) -> bool:
    """Whether everything is there that is read of it later."""
    try:
        sides = [_side(raw) for raw in found["verbs"].values()]
        counts = [count for side in sides for block in side.blocks for count in block.values()]
        told = [found["at"], found["site"]["system"], found["site"]["kind"], *found["peak"].keys()]
    except (KeyError, TypeError, ValueError, AttributeError):
        return False
    return all(isinstance(one, str) for one in told) and all(count > 0 for count in counts)


def compared(before: Mapping[str, Any], peak: Peak, site: Site, measured: Measured) -> dict[str, Any]:
    """load.json's "baseline": per verb (and total) a verdict with its interval, or why the two are not comparable."""
    now = _sides(peak, measured)
    told: dict[str, Any] = {"at": before["at"], "comparable": True, "reason": "", "level": SURE, "verbs": {}}
    if reason := _incomparable(before, peak, site):
        return {**told, "comparable": False, "reason": reason}
    old = {verb: _side(raw) for verb, raw in before["verbs"].items()}
    rows = {(verb, measure): _few(old.get(verb), now[verb], measure) for verb in now for measure in MEASURES}
    asked = sum(not why for why in rows.values()) or 1
    dice = np.random.default_rng(SEED)
    for (verb, measure), why in rows.items():
        row = {
            "verdict": "not comparable",
            "sentence": f"{verb or '全部 total'} {measure}：不能比较 not comparable：{why}",
        }
        if not why:
            row = _row(verb, measure, ratio(old[verb], now[verb], measure, 1 - (1 - SURE) / asked, dice))
        told["verbs"].setdefault(verb or "total", {})[measure] = row
    return told


def ratio(before: Side, now: Side, measure: str, level: float, dice: np.random.Generator) -> Ratio:
    """One percentile of one verb against the other run's."""
    share = PERCENTILES[measure]
    olds, news = _draws(before, share, dice), _draws(now, share, dice)
    old, new = _whole(before, share), _whole(now, share)
    middle, tail = math.log(new / old), (1 - level) / 2
    ends = np.quantile(np.log(news / olds), [tail, 1 - tail])
    wider = _widened(min(len(before.blocks), len(now.blocks)), tail)
    low, high = (math.exp(middle + (float(end) - middle) * wider) for end in ends)
    verdict = SAME
    if abs(new - old) >= LEAST and low > 1 + LEAST_SHARE:
        verdict = SLOWER
    elif abs(new - old) >= LEAST and high < 1 / (1 + LEAST_SHARE):
        verdict = FASTER
    return Ratio(verdict, new / old, low, high, old, new)


def _widened(blocks: int, tail: float) -> float:
    """How much wider than the bootstrap says: blocks vary by n/(n-1) more than drawing them shows, and tails are those
    of Student's t (two terms of Cornish and Fisher's expansion)."""
    z, free = -NormalDist().inv_cdf(tail), blocks - 1
    student = z + (z**3 + z) / (4 * free) + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * free**2)
    return student / z * math.sqrt(blocks / free)


def _draws(side: Side, share: float, dice: np.random.Generator) -> NDArray[np.float64]:
    """The percentile (seconds) of each draw of blocks."""
    steps, table = _table(side)
    count = len(side.blocks)
    times = dice.multinomial(count, [1 / count] * count, size=DRAWS)
    sums = np.cumsum(times.astype(np.float64) @ table.astype(np.float64), axis=1)
    place = np.argmax(sums >= np.ceil(share * sums[:, -1:]).clip(min=1), axis=1)
    found: NDArray[np.float64] = np.exp(np.asarray(steps, dtype=np.float64)[place] * FINE) / 1e6
    return found


def _whole(side: Side, share: float) -> float:
    steps, table = _table(side)
    sums = np.cumsum(table.sum(axis=0))
    return math.exp(steps[int(np.argmax(sums >= max(1, math.ceil(share * int(sums[-1])))))] * FINE) / 1e6


def _table(side: Side) -> tuple[list[int], NDArray[np.int64]]:
    steps = sorted({step for block in side.blocks for step in block})
    place = {step: n for n, step in enumerate(steps)}
    table = np.zeros((len(side.blocks), len(steps)), dtype=np.int64)
    for n, block in enumerate(side.blocks):
        for step, count in block.items():
            table[n, place[step]] = count
    return steps, table


def _row(verb: str, measure: str, found: Ratio) -> dict[str, Any]:
    shown = {
        name: three_digits(value) for name, value in (("ratio", found.value), ("low", found.low), ("high", found.high))
    }
    before, now = three_digits(found.before * 1000), three_digits(found.now * 1000)
    said = f"{before:g} → {now:g} ms，{shown['ratio']:g} 倍（{shown['low']:g} 至 to {shown['high']:g}）"
    sentence = f"{verb or '全部 total'} {measure}：{_SAID[found.verdict]}：{said}"
    return {"verdict": found.verdict, **shown, "before_ms": before, "now_ms": now, "sentence": sentence}


def _sides(peak: Peak, measured: Measured) -> dict[str, Side]:
    samples = counted(peak, measured)
    verbs = ("", *sorted({one.verb for one in samples}))
    return {verb: side(samples, spans_of(peak, measured), verb) for verb in verbs}


def side(samples: Sequence[Sample], spans: Sequence[tuple[float, float]], verb: str = "") -> Side:
    """One verb ("": all) in blocks of at least a second."""
    whole = sum(end - begin for begin, end in spans)
    count = max(1, min(MOST_BLOCKS, int(whole)))
    blocks: Blocks = [{} for _ in range(count)]
    errors = 0
    for one in samples:
        if verb and one.verb != verb:
            continue
        errors += bool(one.error)
        if not one.error:
            block = blocks[min(count - 1, int(_since(spans, one.intended) / whole * count))]
            step = round(math.log(max(1.0, (one.ended - one.intended) * 1e6)) / FINE)
            block[step] = block.get(step, 0) + 1
    return Side(blocks, errors)


def _since(spans: Sequence[tuple[float, float]], at: float) -> float:
    """Seconds that count before that moment."""
    return sum(min(at, end) - begin for begin, end in spans if at > begin)


def _side(raw: Mapping[str, Any]) -> Side:
    return Side([dict((int(step), int(count)) for step, count in block) for block in raw["blocks"]], int(raw["errors"]))


def _few(before: Side | None, now: Side, measure: str) -> str:
    """Why this verb cannot be compared; "" when it can."""
    if before is None:
        return "基线里没有 not in the baseline"
    if min(len(before.blocks), len(now.blocks)) < FEWEST_BLOCKS:
        return f"太短，至少要 {FEWEST_BLOCKS} 秒 too short"
    if min(before.count, now.count) < needed(measure):
        return f"样本不够（{before.count} 和 {now.count}，至少 {needed(measure)}）too few samples"
    if any(one.errors > MOST_ERRORS * (one.count + one.errors) for one in (before, now)):
        return "失败太多，快慢说明不了什么 too many failures"
    return ""


def _incomparable(before: Mapping[str, Any], peak: Peak, site: Site) -> str:
    if before["site"] != {"system": site.system, "kind": site.kind}:
        old = f"{before['site']['system'] or '-'}（{before['site']['kind']}）"
        return f"基线来自另一种站点 {old}，这次是 {site.system or '-'}（{site.kind}）。Another kind of site."
    was = before["peak"]  # what a newer version knows and nobody said is no difference
    differing = [key for key, value in _fingerprint(peak).items() if (was.get(key) or None) != (value or None)]
    if differing:
        return f"基线来自另一个高峰（不同：{'、'.join(differing)}）。Another peak: {', '.join(differing)} differ."
    return ""


def _fingerprint(peak: Peak) -> dict[str, Any]:
    """What makes two peaks the same load, as JSON has it; neither names nor thresholds."""
    told = asdict(replace(peak, thresholds=()))
    plain: dict[str, Any] = json.loads(json.dumps(told, ensure_ascii=False, sort_keys=True))
    return {key: value for key, value in plain.items() if key not in ("name", "title", "thresholds")}
