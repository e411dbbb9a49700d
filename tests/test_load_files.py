"""A peak's figures as files: read again with what other people read them with."""

from __future__ import annotations

import csv
import gzip
import io
import json
from dataclasses import replace
from pathlib import Path

import load_course
import pytest
from hdrh.histogram import HdrHistogram
from hdrh.log import HistogramLogReader

from crm_acceptance.engines.load import files, histograms, report
from crm_acceptance.engines.load.figures import counted, samples_of
from crm_acceptance.engines.load.histograms import DIGITS, HIGHEST, LOWEST
from crm_acceptance.engines.load.orders import Measured, Sample
from crm_acceptance.engines.load.peaks import Share

PEAK = load_course.peak()
MEASURED = load_course.run(PEAK, errors=0.1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    files.lay(tmp_path, "", PEAK, MEASURED)
    return tmp_path


def rows(body: bytes) -> list[list[str]]:
    assert body.startswith(b"\xef\xbb\xbf")  # without it Excel takes UTF-8 for something else
    return list(csv.reader(io.StringIO(body.decode("utf-8-sig"), newline="")))


def test_the_seconds_add_up_to_all_samples(folder: Path) -> None:
    head, *found = rows((folder / "seconds.csv").read_bytes())
    ended, failed = head.index("结束 ended"), head.index("出错 errors")
    assert sum(int(row[ended]) for row in found) == len(MEASURED.samples)
    assert sum(int(row[failed]) for row in found) == sum(bool(one.error) for one in MEASURED.samples) > 0
    assert head[-2:] == ["服务器 server cpu", "服务器 server memory"] and found[5][-2] == "0.4"


def test_the_verbs_are_those_of_the_verdict(folder: Path) -> None:
    head, whole, *verbs = rows((folder / "verbs.csv").read_bytes())
    told = report.summary(PEAK, MEASURED)["verbs"]
    assert [whole[1], *(row[1] for row in verbs)] == [str(row["count"]) for row in told]
    assert [row[0] for row in verbs] == ["customer.search", "order.create"]
    shown = dict(zip(head, whole, strict=True))
    assert float(shown["p95 ms 从应当开始 from intended"]) == pytest.approx(told[0]["p95_ms"], rel=0.005)
    assert shown["p99 ms 从应当开始 from intended"] == ""  # too few samples: no number, not even a wrong one


def test_every_sample_is_in_the_compact_table(folder: Path) -> None:
    body = (folder / "samples.csv.gz").read_bytes()
    _, *found = rows(gzip.decompress(body))
    assert len(found) == len(samples_of(MEASURED)) and float(found[0][4]) == round(MEASURED.samples[0].ended, 6)
    assert body == files._samples(samples_of(MEASURED))  # no time of writing in it


def test_the_histogram_log_adds_up_to_the_whole_histogram_bucket_by_bucket(folder: Path) -> None:
    whole = histograms.merged(histograms.by(MEASURED.samples, lambda one: one.verb).values()).intended
    reader = HistogramLogReader(str(folder / "histograms.hlog"), HdrHistogram(LOWEST, HIGHEST, DIGITS))
    again: dict[str, HdrHistogram] = {}
    while one := reader.get_next_interval_histogram():
        again.setdefault(one.get_tag() or "", HdrHistogram(LOWEST, HIGHEST, DIGITS)).add(one)
    assert set(again) == {"", "customer.search", "order.create"}
    assert again[""].encode() == whole.encode()
    again["customer.search"].add(again["order.create"])
    assert again["customer.search"].encode() == whole.encode()


def test_the_distribution_is_in_milliseconds_as_the_plotters_read_it(folder: Path) -> None:
    lines = (folder / "total.hgrm").read_text("ascii").splitlines()
    assert lines[0].split() == ["Value", "Percentile", "TotalCount", "1/(1-Percentile)"]
    values = [[float(word) for word in line.split()] for line in lines[2:] if not line.startswith("#")]
    latencies = sorted((one.ended - one.intended) * 1000 for one in counted(PEAK, MEASURED))
    assert values[-1][0] == pytest.approx(latencies[-1], rel=0.002) and values[-1][2] == len(latencies)
    assert values[-1][1] == 1.0 and [row[0] for row in values] == sorted(row[0] for row in values)
    mean, deviation = (float(part.split("=")[1].strip(" ]")) for part in lines[-3].split(","))
    assert mean == pytest.approx(sum(latencies) / len(latencies), rel=0.01) and deviation < mean


def test_a_verb_that_is_a_path_has_a_file_and_two_that_look_alike_have_two(tmp_path: Path) -> None:
    verbs = ("GET /a?b=../c", "GET /a/b=../c", "=cmd()")
    samples = tuple(Sample(verb, "lina", 4.0, 4.0, 4.1) for verb in verbs)
    asked = replace(PEAK, mix=tuple(Share(verb, ("lina",), 1.0) for verb in verbs))
    names = files.lay(tmp_path, "x.", asked, Measured(samples))
    assert len(set(names.values())) == len(names) == len(list(tmp_path.iterdir()))
    assert "'=cmd()" in [row[0] for row in rows((tmp_path / "x.verbs.csv").read_bytes())]  # no formula in Excel


def test_a_run_without_a_sample_leaves_files_that_say_so(tmp_path: Path) -> None:
    files.lay(tmp_path, "", PEAK, Measured())
    assert len(rows((tmp_path / "seconds.csv").read_bytes())) == 1
    assert rows((tmp_path / "verbs.csv").read_bytes())[1][1] == "0"
    assert (tmp_path / "total.hgrm").read_text("ascii").startswith("       Value")


def test_load_json_tells_the_course_who_worked_and_where_it_stood_still() -> None:
    told = report.summary(PEAK, load_course.run(PEAK, stall=(8.0, 11.0)))
    assert json.loads(json.dumps(told)) == told
    assert len(told["series"]) == 20 and told["people"]["users"] == 40 and told["people"]["busy_max"] > 10
    (stall,) = told["stalls"]
    assert (stall["from_s"], stall["to_s"]) == (pytest.approx(8, abs=0.5), pytest.approx(11, abs=0.5))
    (sales,) = told["departments"]
    assert sales["department"] == "sales" and sales["count"] == told["verbs"][0]["count"]
    assert report.summary(PEAK, MEASURED)["stalls"] == []
