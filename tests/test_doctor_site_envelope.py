"""The doctor at a CRM of another kind: HTTP 200 for everything, an API key, a JSON filter, milliseconds."""

from __future__ import annotations

from pathlib import Path

import envelope_crm
import pytest

from crm_acceptance.doctoring.examination import examine
from crm_acceptance.doctoring.findings import Chart
from crm_acceptance.doctoring.visit import Visit
from crm_acceptance.model import Person, Site
from crm_acceptance.systems.rest import described, mapping
from crm_acceptance.systems.rest.shape import Mapping

WHOLE = Path(__file__).with_name("envelope_crm.toml")
KEYS = {key: token for token, (key, _) in envelope_crm.KEYS.items()}
PEOPLE = tuple(Person(key, name, "sales", "sales_rep", key) for key, name in envelope_crm.KEYS.values())

# the right text, the wrong text; the broken line is where the wrong text begins
BROKEN = [
    ('prefix = "/gateway"', 'prefix = "/gate"'),
    ("{ X-Key", "{ X-Token"),
    ('"{token}" }', '"Bearer {token}" }'),
    ('{path}/list"', '{path}/all"'),
    ('rows = "data.list"', 'rows = "data.rows"'),
    ('total = "data.total"', 'total = "data.start"'),
    ("{path}/get/{id}", "{path}/{id}"),
    ('{path}/get/{id}", record = "data"', '{path}/get/{id}", record = ""'),
    ('{path}/add"', '{path}/create"'),
    ('body = { data = "{fields}" }, record', 'body = "{fields}", record'),
    ('body = { data = "{fields}" }, record', 'body = { record = "{fields}" }, record'),
    ('{fields}" }, record = "data"', '{fields}" }, record = ""'),
    ("POST {path}/update", "PUT {path}/update"),
    ('body = { data = "{fields}" }, then', 'body = "{fields}", then'),
    ("{path}/remove/", "{path}/delete/"),
    ("{path}/count", "{path}/cnt"),
    ("data.num", "data.count"),
    ('"/shangji"', '"/shangjis"'),
    ('name = "mingcheng"', 'name = "mingchen"'),
    ('name = "biaoti"', 'name = "title"'),
    ('customer = "kehu_id"', 'customer = { path = "kehu_id", wrap = { id = "{value}" } }'),
    ('amount = "jine"', 'amount = { path = "jine", unit = "cent" }'),
    ('format = "ms"', 'format = "s"'),
    ("proposal = 2, negotiation = 3", "proposal = 3, negotiation = 2"),
    ("qualify = 1, proposal = 2", "qualify = 2, proposal = 1"),
    ('offset = "start"', 'offset = "from"'),
    ('size = "length"', 'size = "limit"'),
    ('json = "filter"', 'json = "where"'),
    ("{ eq =", "{ equal ="),
    ("{ like =", "{ contains ="),
    ("orderBy", "order"),
    ('path = "code", values = [0]', 'path = "status", values = [0]'),
    ("values = [0]", "values = [200]"),
    ('4001 = "invalid"', '4001 = "conflict"'),
    ('4010 = "expired"', '4010 = "conflict"'),
    ('4030 = "denied"', '4030 = "invalid"'),
    ('4040 = "missing"', '4040 = "conflict"'),
]


def examined(text: str, url: str, folder: Path) -> tuple[Chart, Mapping]:
    file = folder / "mapping.toml"
    file.write_text(text, encoding="utf-8")
    loaded = mapping.load(file)
    system = described("own", file, PEOPLE)
    visit = Visit(loaded, system, Site("own", url), PEOPLE, lambda person: KEYS[person.key])
    examine(visit)
    return visit.chart, loaded


def test_a_right_mapping_is_found_right_and_nothing_stays(tmp_path: Path) -> None:
    with envelope_crm.running() as (url, crm):
        before = {table: set(rows) for table, rows in crm.rows.items()}
        chart, _ = examined(WHOLE.read_text(encoding="utf-8"), url, tmp_path)
        assert chart.findings == [] and chart.gaps() == [] and chart.sound
        assert chart.left_over == [] and {table: set(rows) for table, rows in crm.rows.items()} == before


@pytest.mark.parametrize(("right", "wrong"), BROKEN, ids=[wrong for _, wrong in BROKEN])
def test_the_broken_line_is_named_and_no_other(right: str, wrong: str, tmp_path: Path) -> None:
    text = WHOLE.read_text(encoding="utf-8")
    line = text[: text.index(right)].count("\n") + 1
    with envelope_crm.running() as (url, _):
        chart, _mapping = examined(text.replace(right, wrong, 1), url, tmp_path)
    assert {finding.line for finding in chart.findings} == {line}, "\n".join(map(str, chart.findings))


def test_a_refusal_with_a_good_status_is_noticed_when_nothing_says_so(tmp_path: Path) -> None:
    text = WHOLE.read_text(encoding="utf-8").replace('success = { path = "code", values = [0] }\n', "")
    with envelope_crm.running() as (url, _):
        chart, _mapping = examined(text, url, tmp_path)
    assert [finding.where for finding in chart.findings] == ["errors.success"]


def test_without_errors_in_the_file_the_doctor_says_what_marks_a_refusal(tmp_path: Path) -> None:
    text = WHOLE.read_text(encoding="utf-8")
    with envelope_crm.running() as (url, _):
        chart, _mapping = examined(text[: text.index("[errors]")], url, tmp_path)
    assert [finding.where for finding in chart.findings] == ["errors.success"], "\n".join(map(str, chart.findings))
    said = chart.findings[0].sentence
    assert 'success = { path = "code", values = [0] }' in said and 'message = "msg"' in said
