"""What several workers measured as what one would have measured; judges nothing but whether all of it has arrived."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields, replace
from operator import attrgetter
from typing import Any

from crm_acceptance.engines.load import histograms
from crm_acceptance.engines.load.figures import percentile, three_digits
from crm_acceptance.engines.load.health import worst
from crm_acceptance.engines.load.histograms import Latencies
from crm_acceptance.engines.load.orders import Measured, Sample, Worker, from_plain

_ROW = attrgetter(*(field.name for field in fields(Sample)))
Histograms = dict[str, dict[str, str]]


def rows(samples: Iterable[Sample]) -> list[tuple[Any, ...]]:
    """Samples as plain rows, for the way from a worker to its master."""
    return [_ROW(one) for one in samples]


def samples(plain: Iterable[Sequence[Any]]) -> list[Sample]:
    """Back from plain rows."""
    return [Sample(*one) for one in plain]


def summed(chosen: Iterable[Sample]) -> Histograms:
    """The encoded histograms per verb: what a worker sends along, so that no figure is lost or doubled on the way."""
    return {verb: histograms.encoded(one) for verb, one in histograms.by(chosen, lambda one: one.verb).items()}


def merged_histograms(parts: Iterable[Histograms]) -> dict[str, Latencies]:
    """Per verb, bucket by bucket the histogram of all samples of all workers."""
    found: dict[str, Latencies] = {}
    for part in parts:
        for verb, texts in part.items():
            found.setdefault(verb, Latencies()).merge(histograms.decoded(texts))
    return dict(sorted(found.items()))


def plain(measured: Measured) -> dict[str, Any]:
    """What a worker measured, without the samples, as plain data."""
    return asdict(replace(measured, samples=()))


def from_worker(told: Mapping[str, Any], arrived: Sequence[Sample]) -> Measured:
    """Back from that, with the samples that arrived before."""
    return replace(from_plain(told), samples=tuple(arrived))


def account(worker: Worker, measured: Measured) -> Worker:
    """The line about one worker in load.json: how much it did, how late and how busy it was."""
    late = (*measured.lags, *measured.pulses)
    return replace(
        worker,
        count=len(measured.samples),
        errors=sum(bool(one.error) for one in measured.samples),
        left=len(measured.left),
        late_p95=percentile(late, 0.95) if late else 0.0,
        late_p99=percentile(late, 0.99) if late else 0.0,
        cpu=measured.cpu / measured.wall if measured.wall else 0.0,
    )


def told(workers: Iterable[Worker]) -> list[dict[str, Any]]:
    """Those lines with times in milliseconds, to three digits."""
    times = ("late_p95", "late_p99", "skew", "within")
    return [
        {
            **{name: value for name, value in asdict(one).items() if name not in times},
            **{f"{name}_ms": three_digits(getattr(one, name) * 1000) for name in times},
            "cpu": three_digits(one.cpu),
        }
        for one in workers
    ]


def merged(parts: Sequence[Measured]) -> Measured:
    """Everything of all as one. Lists are joined, of figures the worst counts: processor and clock seconds are those of
    the worker that had least to spare, so that one starved worker of many is not averaged away."""
    if not parts:
        return Measured()
    names = [one.name for one in fields(Measured) if one.name != "health"]
    whole = replace(parts[0], **{name: _joined(name, parts) for name in names})
    busiest = max(parts, key=lambda one: one.cpu / one.wall if one.wall else 0.0)
    whole = replace(whole, health=worst(one.health for one in parts))
    in_order = tuple(sorted(whole.samples, key=lambda one: one.ended))
    return replace(whole, samples=in_order, cpu=busiest.cpu, wall=busiest.wall)


def _joined(name: str, parts: Sequence[Measured]) -> Any:
    values = [getattr(one, name) for one in parts]
    if isinstance(values[0], tuple):
        return tuple(item for value in values for item in value)
    if isinstance(values[0], dict):
        return {key: item for value in values for key, item in value.items()}
    if isinstance(values[0], str):
        return next((value for value in values if value), "")
    return max(values)
