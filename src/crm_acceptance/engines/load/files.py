"""A peak's figures as files for other programs: tables that Excel opens, HdrHistogram's own texts; judges nothing."""

from __future__ import annotations

import csv
import gzip
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hdrh.histogram import HdrHistogram

from crm_acceptance.engines.load import histograms, series
from crm_acceptance.engines.load.figures import BEYOND, PERCENTILES, counted, rates, samples_of, three_digits
from crm_acceptance.engines.load.histograms import Latencies
from crm_acceptance.engines.load.orders import Measured, Sample
from crm_acceptance.engines.load.peaks import Peak
from crm_acceptance.engines.load.server import curves_of

MILLI = 1000.0
"""Microseconds, which the histograms count in, per millisecond, which their texts are written in."""
MOST = 1800
"""Intervals of a histogram log at most."""
SECONDS = {
    "s": "秒 s",
    "width": "宽 width s",
    "planned": "计划每秒 planned /s",
    "intended": "应当开始 intended",
    "started": "开始 started",
    "ended": "结束 ended",
    "errors": "出错 errors",
    "busy": "正在做 busy",
    "p50_ms": "p50 ms",
    "p95_ms": "p95 ms",
    "p99_ms": "p99 ms",
    "max_ms": "最慢 max ms",
}
SAMPLES = ("动作 verb", "人 person", "应当开始 intended s", "开始 started s", "结束 ended s", "错误 error")
TOTAL = "全部 total"
_DANGEROUS = re.compile(r"^[=+\-@\t\r]")
"""What Excel takes for a formula."""


def lay(folder: Path, prefix: str, peak: Peak, measured: Measured) -> dict[str, str]:
    """Writes all of them into `folder`, each name after `prefix`; the names by what is in them."""
    by_verb = histograms.by(counted(peak, measured), lambda one: one.verb)
    names = {
        "seconds": f"{prefix}seconds.csv",
        "verbs": f"{prefix}verbs.csv",
        "samples": f"{prefix}samples.csv.gz",
        "histograms": f"{prefix}histograms.hlog",
        "total": f"{prefix}total.hgrm",
    }
    (folder / names["seconds"]).write_bytes(_seconds(peak, measured))
    (folder / names["verbs"]).write_bytes(_verbs(peak, measured, by_verb))
    (folder / names["samples"]).write_bytes(_samples(samples_of(measured)))
    (folder / names["histograms"]).write_bytes(hlog(measured.samples))
    total = histograms.merged(by_verb.values())
    (folder / names["total"]).write_bytes(hgrm(total.intended))
    for verb, one in by_verb.items():
        names[f"hgrm {verb}"] = f"{prefix}{_fitting(verb, names.values(), prefix)}.hgrm"
        (folder / names[f"hgrm {verb}"]).write_bytes(hgrm(one.intended))
    return names


def _seconds(peak: Peak, measured: Measured) -> bytes:
    """One row per second of the run, and the server's figures beside, as they were last seen in it."""
    rows = list(series.told(series.seconds(peak, measured, 1.0)))
    beside = {f"服务器 server {one.name}": dict(_last(one.points)) for one in curves_of(peak, measured)}
    body = ([*(row[key] for key in SECONDS), *(seen.get(int(row["s"])) for seen in beside.values())] for row in rows)
    return _table([*SECONDS.values(), *beside], body)


def _last(points: Iterable[tuple[float, float]]) -> Iterable[tuple[int, float]]:
    return ((int(at), three_digits(value)) for at, value in points)


def _verbs(peak: Peak, measured: Measured, by_verb: Mapping[str, Latencies]) -> bytes:
    """One row in total and one per verb: the figures that verdicts rest on, empty with too few samples."""
    done = rates(peak, measured, lambda one: one.verb)
    done = {**done, TOTAL: sum(done.values())}
    whole = {TOTAL: histograms.merged(by_verb.values()), **by_verb}
    names = [*PERCENTILES, "max"]
    header = ["动作 verb", "次数 count", "出错 errors", "每秒 per second"]
    header += [f"{name} ms 从应当开始 from intended" for name in names]
    header += [f"{name} ms 从实际发出 from send" for name in names]
    return _table(header, ([verb, *_row(one, done.get(verb, 0.0))] for verb, one in whole.items()))


def _row(one: Latencies, rate: float) -> list[Any]:
    intended, sent = (histograms.measures(each, BEYOND) for each in (one.intended, one.sent))
    return [one.count, one.errors, three_digits(rate), *intended.values(), *sent.values()]


def _samples(samples: Sequence[Sample]) -> bytes:
    """Every sample, compact; times in seconds after the opening, to the microsecond."""
    rows = (
        [one.verb, one.person, f"{one.intended:.6f}", f"{one.started:.6f}", f"{one.ended:.6f}", one.error]
        for one in samples
    )
    return gzip.compress(_table(SAMPLES, rows), compresslevel=5, mtime=0)


def _table(header: Iterable[str], rows: Iterable[Sequence[Any]]) -> bytes:
    """CSV with the mark by which Excel knows UTF-8; what would be a formula is a text."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(header)
    writer.writerows([_harmless(cell) for cell in row] for row in rows)
    return b"\xef\xbb\xbf" + out.getvalue().encode()


def _harmless(cell: Any) -> Any:
    return f"'{cell}" if isinstance(cell, str) and _DANGEROUS.match(cell) and not _number(cell) else cell


def _number(text: str) -> bool:
    return bool(re.fullmatch(r"[+-]?\d+(\.\d+)?", text))


def hgrm(histogram: HdrHistogram) -> bytes:
    """The percentile distribution in milliseconds, as HdrHistogram's plotters read it."""
    out = io.BytesIO()
    histogram.output_percentile_distribution(out, MILLI)
    # the library scales the mean and forgets the deviation
    deviation = b"StdDeviation   = %12.3f" % (histogram.get_stddev() / MILLI)
    return re.sub(rb"StdDeviation   = *\d+\.\d+", deviation, out.getvalue())


def hlog(samples: Sequence[Sample]) -> bytes:
    """A histogram log, version 1.2: per interval in which something was due one line of all, and one tagged per verb;
    from the intended start, in microseconds; times relative to the opening."""
    out = [
        "#[Histogram log format version 1.2]",
        "#[StartTime: 0.000 (seconds since epoch), relative to the opening of the run]",
        '"StartTimestamp","Interval_Length","Interval_Max","Interval_Compressed_Histogram"',
    ]
    end = max((one.intended for one in samples), default=0.0)
    width = next((one for one in series.WIDTHS if end / one <= MOST), series.WIDTHS[-1])
    due: dict[int, list[Sample]] = {}
    for one in samples:
        due.setdefault(int(max(0.0, one.intended) / width), []).append(one)
    for n, inside in sorted(due.items()):  # one interval in memory at a time: an empty histogram is 180 kB already
        by_verb = histograms.intended(inside)
        whole = histograms.empty()
        for one in by_verb.values():
            whole.add(one)
        out.append(_interval(n * width, width, "", whole))
        out += (_interval(n * width, width, verb, one) for verb, one in by_verb.items())
    return ("\n".join(out) + "\n").encode()


def _interval(begin: float, width: float, tag: str, histogram: HdrHistogram) -> str:
    tagged = f"Tag={re.sub('[, ]+', '_', tag)}," if tag else ""
    return f"{tagged}{begin:.3f},{width:.3f},{histogram.get_max_value() / MILLI:.3f},{histogram.encode().decode()}"


def _fitting(verb: str, taken: Iterable[str], prefix: str) -> str:
    """A file name for a verb, even one like GET /a?b=c; two that look alike get numbers."""
    plain = re.sub(r"[^\w.\-]+", "_", verb).strip("._")[:60] or "verb"
    used, name, n = set(taken), plain, 2
    while f"{prefix}{name}.hgrm" in used:
        name, n = f"{plain}-{n}", n + 1
    return name
