"""Requirements from Jira, TAPD and files: every page or nothing, a preview before anything is written, no row lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from standins.serving import Says, Trouble, closed_port
from standins.stories import PASSWORD, TOKEN, USER, WORKSPACE, Stories, stories
from typer.testing import CliRunner, Result

from crm_acceptance import catalogue, profile, sheets
from crm_acceptance.cli import app
from crm_acceptance.errors import AcceptanceError

TABLE = """id,department,criticality,dimension,text,text_en,owner
SALES-001,sales,critical,functional,登记线索,A lead,李娜
CRM-2,sales,major,functional,旧的说法,As it was,
"""
PEOPLE = "key,name,department,role,login\nlina,李娜,sales,sales_rep,lina\n"
FIELDS = 'fields = { department = "customfield_1" }\nvalues = { "销售组" = "sales", "P0" = "critical" }\n'


def workspace(folder: Path, url: str, kind: str) -> Path:
    told = {
        "server": f'url = "{url}"\ntoken_env = "STORIES_TOKEN"\njql = "project = CRM"\n{FIELDS}',
        "cloud": f'url = "{url}"\nuser = "{USER}"\ntoken_env = "STORIES_TOKEN"\njql = "project = CRM"\n{FIELDS}',
        "tapd": f'url = "{url}"\nuser_env = "TAPD_USER"\nsecret_env = "TAPD_SECRET"\nworkspace = "{WORKSPACE}"\n'
        'fields = { department = "custom_field_one" }\nfilter = { status = "open" }\n',
    }[kind]
    section = "tapd" if kind == "tapd" else "jira"
    (folder / "acceptance.toml").write_text(f'system = "refcrm"\n[sources.{section}]\n{told}', "utf-8")
    for name, text in (("features/requirements.csv", TABLE), ("fixtures/people.csv", PEOPLE)):
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, "utf-8")
    return folder


def an_issue(text: str, department: str = "销售组", priority: str = "P0") -> dict[str, object]:
    return {"summary": text, "customfield_1": {"value": department}, "priority": {"name": priority}, "secret": "x"}


@pytest.fixture(autouse=True)
def secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("STORIES_TOKEN", TOKEN), ("TAPD_USER", USER), ("TAPD_SECRET", PASSWORD)):
        monkeypatch.setenv(name, value)


@pytest.fixture(params=["server", "cloud"])
def jira(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stories]:
    with stories(request.param) as made:
        made.rows = {f"CRM-{n}": an_issue(f"需求 {n}") for n in range(1, 6)}
        monkeypatch.chdir(workspace(tmp_path, made.url, request.param))
        yield made


@pytest.fixture
def tapd(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stories]:
    with stories("tapd") as made:
        row = {"custom_field_one": "财务部", "priority_label": "高", "status": "open"}
        made.rows = {f"11755001{n:06}": {"name": f"<b>需求</b> {n}", **row} for n in range(1, 206)}
        made.rows["11755001000999"] = {"name": "关掉的", "status": "closed"}
        monkeypatch.chdir(workspace(tmp_path, made.url, "tapd"))
        yield made


def taken(*words: str, origin: str = "jira") -> Result:
    try:
        return CliRunner().invoke(app, ["requirements", "import", "--from", origin, *words], catch_exceptions=False)
    except AcceptanceError as told:
        assert "\n" not in str(told) or "：" in str(told)
        raise


def refused(code: int, *words: str, origin: str = "jira") -> None:
    before = Path("features/requirements.csv").read_bytes()
    with pytest.raises(AcceptanceError) as told:
        taken("--yes", origin=origin)
    assert told.value.exit_code == code
    for word in words:
        assert word in str(told.value)
    assert TOKEN not in str(told.value)
    assert Path("features/requirements.csv").read_bytes() == before


def table() -> dict[str, dict[str, str]]:
    rows = catalogue.read_table(Path("features/requirements.csv"), ("id",)).rows
    return {row.cells["id"]: dict(row.cells) for row in rows}


def test_an_amount_between_brackets_is_no_tag_in_tapds_html(tapd: Stories) -> None:
    tapd.rows = dict(list(tapd.rows.items())[:1])
    tapd.rows["11755001000001"]["name"] = "<p>折扣&lt;10% 且 a < b，金额 > 50</p>"
    assert "折扣<10% 且 a < b，金额 > 50" in taken(origin="tapd").output


def test_jiras_text_is_taken_as_it_is_and_two_departments_are_none(jira: Stories) -> None:
    jira.rows = {"CRM-2": an_issue("金额<b 且 c>50 &lt;")}
    assert "金额<b 且 c>50 &lt;" in taken().output
    jira.rows["CRM-2"]["customfield_1"] = [{"value": "销售组"}, {"value": "财务"}]
    refused(2, "CRM-2", "部门 department 是 '销售组 财务'", "不认识", "财务 finance")


@pytest.mark.parametrize("data", [[], {}, None, {"count": "many"}, {"count": None}])
def test_json_of_another_shape_from_tapd_is_told(tapd: Stories, data: object) -> None:
    tapd.trouble.append(Trouble(says=Says(200, {"status": 1, "data": data})))
    refused(4, "不是 JSON", origin="tapd")


def test_a_page_of_jira_that_does_not_say_how_many_there_are_is_no_page(jira: Stories) -> None:
    if jira.kind == "server":
        first = {"issues": [{"key": "CRM-1", "fields": an_issue("需求 1")}]}
        jira.trouble.extend(
            [
                Trouble(says=Says(200, {"deploymentType": "Server", "versionNumbers": [9, 12, 0]})),
                Trouble(says=Says(200, [])),
            ]
        )
        jira.trouble.append(Trouble(says=Says(200, first)))
        refused(4, "不是 JSON")


def test_a_table_in_excels_gbk_opens_in_excel_afterwards_too(jira: Stories) -> None:
    Path("features/requirements.csv").write_bytes(TABLE.encode("gbk"))
    assert taken("--yes").exit_code == 0
    assert Path("features/requirements.csv").read_bytes().startswith(b"\xef\xbb\xbf")
    assert "登记线索" in table()["SALES-001"]["text"]


def test_every_page_of_jira_arrives_and_nothing_is_written_before_a_yes(jira: Stories) -> None:
    before = Path("features/requirements.csv").read_bytes()
    seen = taken()
    assert seen.exit_code == 1
    assert "+ CRM-5" in seen.output and "~ CRM-2  " in seen.output and "旧的说法 → 需求 2" in seen.output
    assert "text_en: As it was → （空）" in seen.output  # the old English holds no longer
    assert Path("features/requirements.csv").read_bytes() == before
    assert taken("--yes").exit_code == 0
    found = table()
    assert list(found) == ["SALES-001", "CRM-2", "CRM-1", "CRM-3", "CRM-4", "CRM-5"]
    assert found["SALES-001"] | {"source": ""} == {
        "id": "SALES-001", "department": "sales", "criticality": "critical", "dimension": "functional",
        "text": "登记线索", "text_en": "A lead", "owner": "李娜", "source": "",
    }  # fmt: skip
    assert (found["CRM-5"]["criticality"], found["CRM-5"]["department"]) == ("critical", "sales")
    assert set(catalogue.load(profile.load(Path.cwd())).requirements) == set(found)
    assert taken().exit_code == 0
    assert "secret" not in str([asked.query.get("fields") for asked in jira.asked])


def test_what_is_gone_there_is_kept_until_somebody_removes_it(jira: Stories) -> None:
    taken("--yes")
    del jira.rows["CRM-4"]
    seen = taken("--yes")
    assert "- CRM-4" in seen.output and "仍保留" in seen.output
    assert "CRM-4" in table()
    taken("--yes", "--remove-gone")
    assert "CRM-4" not in table() and "SALES-001" in table()


def test_tapd_comes_in_pages_with_its_filter_and_without_html(tapd: Stories) -> None:
    assert taken("--yes", origin="tapd").exit_code == 0
    found = {id: row for id, row in table().items() if id.startswith("TAPD-")}
    assert len(found) == 205
    assert found["TAPD-1000205"]["text"] == "需求 205"
    assert (found["TAPD-1000205"]["department"], found["TAPD-1000205"]["criticality"]) == ("finance", "critical")


HTML = Says(200, "<html><body>请登录 Please log in</body></html>")


@pytest.mark.parametrize(
    ("trouble", "code", "word"),
    [
        (Says(429, {"errorMessages": ["Rate limit exceeded"], "errors": {}}, (("Retry-After", "30"),)), 4, "请求太多"),
        (Says(503, "busy"), 4, "出错"),
        (HTML, 4, "不是 JSON"),
        (Says(403, "no"), 2, "拒绝访问"),
    ],
    ids=["429", "503", "html", "403"],
)
def test_what_is_no_answer_is_one_sentence_and_changes_nothing(
    trouble: Says, code: int, word: str, jira: Stories
) -> None:
    jira.trouble.append(Trouble(says=trouble))
    refused(code, word)


def test_a_page_that_breaks_off_in_the_middle_changes_nothing(jira: Stories) -> None:
    jira.claimed = 3
    if jira.kind == "server":
        refused(4, "只给了 5 条")
    before = len(jira.asked)
    jira.claimed = 0
    taken()
    assert len(jira.asked) > before


@pytest.mark.parametrize(
    ("trouble", "code", "word"),
    [
        (Says(429, {"status": 429, "data": "", "info": "Too Many Requests"}), 4, "请求太多"),
        (Says(200, {"status": 0, "data": "", "info": "no"}), 4, "出错"),
        (HTML, 4, "不是 JSON"),
        (Says(200, "Hello world from TAPD API"), 2, "不是 TAPD 的接口"),
    ],
    ids=["429", "status-0", "html", "hello"],
)
def test_tapds_own_ways_to_say_no_are_sentences(trouble: Says, code: int, word: str, tapd: Stories) -> None:
    tapd.trouble.append(Trouble(says=trouble))
    refused(code, word, origin="tapd")


def test_fewer_stories_than_tapd_counts_change_nothing(tapd: Stories) -> None:
    tapd.claimed = 1
    refused(4, "只给了 205 条", origin="tapd")


def test_a_wrong_or_missing_secret_is_told_by_its_name(jira: Stories, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STORIES_TOKEN", "wrong")
    refused(2, "HTTP 401")
    monkeypatch.delenv("STORIES_TOKEN")
    refused(2, "STORIES_TOKEN")


def test_values_that_nobody_knows_are_told_with_their_issue_all_at_once(jira: Stories) -> None:
    jira.rows["CRM-1"] = an_issue("甲", department="仓库")
    jira.rows["CRM-3"] = an_issue("乙", priority="十万火急")
    refused(2, "CRM-1", "仓库", "CRM-3", "十万火急", "[sources.jira.values]")


def test_an_empty_answer_never_empties_the_table(jira: Stories) -> None:
    jira.rows.clear()
    refused(2, "一条需求也没有给出")


def test_a_new_requirement_without_department_names_what_to_write(jira: Stories) -> None:
    jira.rows["CRM-9"] = {"summary": "没有部门", "priority": None}
    refused(2, "CRM-9", "department", "[sources.jira.defaults]")


def test_a_site_that_is_not_there_and_a_query_that_is_wrong(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workspace(tmp_path, f"http://127.0.0.1:{closed_port()}", "server"))
    refused(4, "连不上")
    refused(2, "没有这个需求来源", "jira", origin="jirra")
    with stories("server") as made:
        workspace(tmp_path, made.url, "server")
        file = tmp_path / "acceptance.toml"
        file.write_text(file.read_text("utf-8").replace("project = CRM", "foo"), "utf-8")
        refused(2, "JQL")


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ('[sources.jira]\nurl = "http://jira.example.com"\ntoken_env = "X"\njql = "a"\n', "https://"),
        ('[sources.jira]\nurl = "https://jira.example.com"\njql = "a"\n', "token_env"),
        ('[sources.tapd]\nworkspace = "1"\n', "user_env"),
        ('[sources.notion]\nurl = "https://x"\n', "notion"),
        ('[sources.jira]\nurl = "https://x.cn"\ntoken_env = "X"\njql = "a"\nfields = { depart = "a" }\n', "department"),
    ],
)
def test_a_wrong_source_in_the_profile_is_one_sentence(
    said: str, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace(tmp_path, "http://127.0.0.1:1", "server")
    (tmp_path / "acceptance.toml").write_text(f'system = "refcrm"\n{said}', "utf-8")
    monkeypatch.chdir(tmp_path)
    refused(2, word, origin=said.split(".")[1].split("]")[0])


def test_a_workbook_is_a_source_and_no_target(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(workspace(tmp_path, "http://127.0.0.1:1", "server"))
    lines = [("编号", "部门", "重要程度", "维度", "需求"), ("FIN-009", "财务部", "关键", "功能", "开票")]
    Path("new.xlsx").write_bytes(sheets.write(lines, "需求"))
    assert taken("--yes", origin="new.xlsx").exit_code == 0
    assert table()["FIN-009"]["department"] == "finance"
    taken("--yes", "--out", "out.csv", origin="new.xlsx")
    assert Path("out.csv").read_bytes().startswith(b"\xef\xbb\xbf")  # else Excel takes it for GBK
    with pytest.raises(AcceptanceError, match="Excel"):
        taken("--yes", "--out", "out.xlsx", origin="new.xlsx")
    refused(2, "找不到", origin="absent.csv")


@pytest.mark.parametrize(
    ("rows", "word"),
    [
        ('FIN-008,财务,关键,功能,"开票\nFIN-009,财务,关键,功能,收款\n', "引号"),
        ("FIN-008,法务,关键,功能,合同\n", "请在表里改好"),
        ("FIN-008,财务,关键,功能,甲\nFIN-008,财务,关键,功能,乙\n", "编号都是"),
    ],
    ids=["an open quote swallows no row", "an unknown department", "two rows of one id"],
)
def test_a_file_with_a_mistake_is_told_and_nothing_is_written(
    rows: str, word: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(workspace(tmp_path, "http://127.0.0.1:1", "server"))
    Path("new.csv").write_text(f"编号,部门,重要程度,维度,需求\n{rows}", "utf-8")
    refused(2, word, origin="new.csv")
