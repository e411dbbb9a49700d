"""The reference CRM when things go wrong: repetition, simultaneity, leavers, odd files, odd requests, odd starts."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests
from refcrm_process import Crm, Person, environment, fresh, mobile, running
from refcrm_records import customer, lead, opportunity, order, pooled

from crm_acceptance.refcrm import seed
from crm_acceptance.refcrm.db import Database
from crm_acceptance.refcrm.objects import OBJECTS


@pytest.fixture(scope="module")
def crm() -> Iterator[Crm]:
    with running() as crm:
        yield crm


def together(calls: list[Any]) -> list[requests.Response]:
    with ThreadPoolExecutor(len(calls)) as pool:
        return [future.result() for future in [pool.submit(call) for call in calls]]


def test_a_repeated_payment_is_booked_once_even_when_both_arrive_at_once(crm: Crm) -> None:
    made, key = order(crm, "10"), fresh("k").encode().hex()
    people = [Person(crm.url, "wufang") for _ in range(4)]
    body = {"order": made["id"], "amount": "6"}
    answers = together([lambda person=person: person.post("/payments", body, key) for person in people])
    assert [answer.status_code for answer in answers] == [201] * 4
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert crm["lina"].get(f"/orders/{made['id']}").json()["paid"] == "6.00"


def test_a_key_is_not_taken_for_another_request_nor_for_another_person(crm: Crm) -> None:
    made, key = order(crm), fresh("k").encode().hex()
    first = crm["wufang"].post("/payments", {"order": made["id"], "amount": "1"}, key)
    assert crm["wufang"].post("/payments", {"order": made["id"], "amount": "2"}, key).status_code == 409
    assert crm["lina"].post("/leads", {"name": "x"}, key).status_code == first.status_code == 201


def test_of_many_who_claim_at_once_exactly_one_succeeds(crm: Crm) -> None:
    logins = ("lina", "wangqiang", "hejun", "chenjing")
    for _ in range(3):
        path = f"/customers/{pooled(crm)}/claim"
        answers = together([lambda login=login, path=path: crm[login].post(path) for login in logins])
        assert Counter(answer.status_code for answer in answers) == {200: 1, 409: 3}


def test_payments_at_once_never_exceed_the_order(crm: Crm) -> None:
    made = order(crm, "10")
    people = [Person(crm.url, "wufang") for _ in range(6)]
    body = {"order": made["id"], "amount": "3"}
    answers = together([lambda person=person: person.post("/payments", body) for person in people])
    assert Counter(answer.status_code for answer in answers) == {201: 3, 422: 3}


def test_a_hundred_writes_at_once_are_all_there(crm: Crm) -> None:
    mark = fresh("并发")
    people = [Person(crm.url, login) for login in ("lina", "wangqiang", "hejun", "chenjing", "zhaomin")]
    calls = [lambda person=people[n % 5], n=n: person.post("/leads", {"name": f"{mark}-{n}"}) for n in range(100)]
    with ThreadPoolExecutor(5) as pool:
        assert {answer.status_code for answer in pool.map(lambda call: call(), calls)} == {201}
    found = sum(person.get("/leads/count", q=mark, owner=person.login).json()["count"] for person in people)
    assert found == 100


def test_somebody_who_leaves_hands_everything_over_and_is_out_at_once(crm: Crm) -> None:
    login = f"leaver{mobile()}"
    account = {"login": login, "name": "离职者", "role": "sales_rep", "password": "for-tests-only-1"}
    assert crm["fenglei"].post("/users", account).status_code == 201
    assert crm["fenglei"].post("/users", account).status_code == 409
    paths = [f"/customers/{customer(crm, login)['id']}", f"/orders/{order(crm, '1', login)['id']}"]
    paths += [f"/opportunities/{opportunity(crm, login)['id']}", f"/leads/{lead(crm, login)['id']}"]
    assert crm["fenglei"].post(f"/users/{login}/handover", {"to": "sunli"}).status_code == 409
    counts = crm["fenglei"].post(f"/users/{login}/handover", {"to": "wangqiang"}).json()
    assert (counts["customers"], counts["orders"], counts["opportunities"], counts["leads"]) == (3, 1, 1, 1)
    assert {crm["wangqiang"].get(path).json()["owner"] for path in paths} == {"wangqiang"}
    assert crm[login].get("/me").status_code == 401
    wrong = requests.post(
        f"{crm.url}/api/v1/login", json={"username": login, "password": "for-tests-only-1"}, timeout=30
    )
    assert wrong.status_code == 401


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk"])
def test_an_import_takes_what_excel_saves_and_says_what_it_rejects(crm: Crm, encoding: str) -> None:
    company = fresh("导入公司")
    text = f"姓名,公司,手机\r\n王五,{company},13800001111\r\n,{company},\r\n赵六,{company},不是电话\r\n"
    said = crm["zhaomin"].upload("/leads/import", "线索.csv", text.encode(encoding)).json()
    assert said["created"] == 1 and [row["row"] for row in said["rejected"]] == [3, 4]
    assert "手机" in said["rejected"][1]["reason"]
    assert crm["zhaomin"].get("/leads", q=company).json()["items"][0]["name"] == "王五"


@pytest.mark.parametrize("text", ["姓名,公司名\n王五,甲\n", "company\n甲\n", "", "name,name\na,b\n"])
def test_an_import_with_wrong_columns_is_refused_whole(crm: Crm, text: str) -> None:
    answer = crm["zhaomin"].upload("/leads/import", "a.csv", text.encode())
    assert answer.status_code == 422 and answer.json()["error"]["message"]


def test_an_export_is_complete_and_readable(crm: Crm) -> None:
    answer = crm["chenjing"].get("/customers/export")
    lines = answer.content.decode("utf-8-sig").splitlines()
    assert answer.content.startswith(b"\xef\xbb\xbf") and lines[0].startswith("id,name,phone")
    assert len(lines) - 1 == crm["chenjing"].get("/customers/count").json()["count"] > 20


def test_attachments_come_back_byte_for_byte_up_to_their_limit(crm: Crm) -> None:
    path = f"/customers/{customer(crm)['id']}/attachments"
    body = bytes(range(256)) * 4096
    made = crm["lina"].upload(path, "合同.pdf", body).json()
    answer = crm["lina"].get(f"/attachments/{made['id']}")
    assert answer.content == body and "%E5%90%88%E5%90%8C" in answer.headers["Content-Disposition"]
    assert crm["lina"].upload(path, "大.bin", b"x" * (5 * 1024 * 1024 + 1)).status_code == 413
    assert crm["lina"].upload(path, "空.bin", b"").status_code == 422


@pytest.mark.parametrize("value", ["\x00", "a\x00b", "\ud800", "x" * 201, 7, True, [], {}])
def test_odd_text_is_refused_and_never_an_inner_error(crm: Crm, value: Any) -> None:
    assert crm["lina"].post("/customers", {"name": value}).status_code == 422


@pytest.mark.parametrize("value", ["1e400", "-1", "NaN", "1.234", 1e300, -0.01, True, "99999999999", "१"])
def test_odd_money_is_refused(crm: Crm, value: Any) -> None:
    body = {"name": "x", "customer": 1, "amount": value}
    assert crm["chenjing"].post("/opportunities", body).status_code == 422


def test_odd_addresses_are_answered_in_kind(crm: Crm) -> None:
    assert crm["lina"].get("/customers/99999999999999999999").status_code == 422
    assert crm["lina"].get("/customers/abc").status_code == 404
    assert crm["lina"].get("/customers", colour="red").status_code == 422
    assert crm["lina"].get("/customers?page=1&page=2").status_code == 422
    answer = crm["lina"].http.put(f"{crm.url}/api/v1/customers/1", timeout=30)
    assert (answer.status_code, answer.headers["Allow"]) == (405, "DELETE, GET, PATCH")
    text = crm["lina"].http.post(f"{crm.url}/api/v1/customers", data="name=x", timeout=30)
    assert text.status_code in (415, 422)


def test_the_same_seed_makes_the_same_data_and_another_seed_other_data(tmp_path: Path) -> None:
    def look(name: str, number: int) -> list[tuple[Any, ...]]:
        db = Database(tmp_path / name)
        seed.plant(db, seed.Recipe(size=30, seed=number))
        rows = [tuple(row) for kind in OBJECTS.values() for row in db.conn.execute(f'SELECT * FROM "{kind.plural}"')]
        db.close()
        return rows

    assert look("a", 7) == look("b", 7) != look("c", 8)


def test_a_taken_port_is_one_sentence_and_exit_2() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        command = [sys.executable, "-m", "crm_acceptance.refcrm", "--port", str(taken.getsockname()[1])]
        said = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, env=environment())
    assert said.returncode == 2 and said.stdout == ""
    assert len(said.stderr.splitlines()) == 1 and "Traceback" not in said.stderr


def test_data_stays_in_the_file_and_the_program_ends_with_its_lifeline(tmp_path: Any) -> None:
    path = str(tmp_path / "crm.sqlite")
    with running("--db", path) as crm:
        made = customer(crm)
    assert crm.process.returncode == 0
    with running("--db", path) as crm:
        assert crm["lina"].get(f"/customers/{made['id']}").json()["name"] == made["name"]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGINT for one process")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_in_order(number: signal.Signals) -> None:
    command = [sys.executable, "-m", "crm_acceptance.refcrm", "--size", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(), text=True
    ) as process:
        assert process.stdout and process.stdout.readline().startswith("REFCRM READY")
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert (process.returncode, said) == (0, "")


def test_a_file_that_is_no_database_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / "no.sqlite").write_text("这不是数据库" * 200, "utf-8")
    command = [sys.executable, "-m", "crm_acceptance.refcrm", "--db", str(tmp_path / "no.sqlite")]
    said = subprocess.run(
        command, capture_output=True, text=True, encoding="utf-8", timeout=60, env=environment(), check=False
    )
    assert said.returncode == 2 and len(said.stderr.splitlines()) == 1 and "no.sqlite" in said.stderr
