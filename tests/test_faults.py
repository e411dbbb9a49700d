"""The fault proxy as a real process in front of a real server: what passes unharmed, and each fault that it makes."""

from __future__ import annotations

import gzip
import json
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import greenrun
import pytest
import requests
import tiny_workspace
from odd_site import OddSite, Said, Seen, self_signed

from crm_acceptance import gate
from crm_acceptance.engines.faults import bodies, faults
from crm_acceptance.engines.faults.front import in_front, struck
from crm_acceptance.errors import WrongUse
from crm_acceptance.gate import Decision
from crm_acceptance.model import Site

JSON = ("Content-Type", "application/json")
ZIPPED = ("Content-Encoding", "gzip")


def echo(seen: Seen, number: int) -> Said:
    """What arrived, and as how manieth."""
    body = {"n": number, "path": seen.path, "body": seen.body.decode("utf-8", "replace"), "headers": seen.headers}
    return Said(200, json.dumps(body).encode(), (JSON,))


@contextmanager
def faulty(site: OddSite, tmp_path: Path, *asked: str, **more: str) -> Iterator[str]:
    with in_front(Site("odd", site.url, **more), asked, tmp_path / "faults.json") as front:  # type: ignore[arg-type]
        yield front.url


def test_without_faults_everything_passes_as_it_is(tmp_path: Path) -> None:
    page = "<h1>客户</h1>".encode() * 9000

    def answer(seen: Seen, number: int) -> Said:
        if seen.path.startswith("/page"):
            headers = (
                ("Content-Type", "text/html"),
                ("Content-Encoding", "gzip"),
                ("Set-Cookie", "a=1; Domain=crm.cn"),
            )
            return Said(200, gzip.compress(page), (*headers, ("Set-Cookie", "b=2; Path=/")))
        return echo(seen, number)

    with OddSite(answer) as site, faulty(site, tmp_path) as url, requests.Session() as session:
        shown = session.get(f"{url}/page?q=甲")
        assert (shown.content, session.cookies.get_dict()) == (page, {"a": "1", "b": "2"})
        sent = session.post(f"{url}/x", data="名=值".encode(), headers={"X-Own": "1"}).json()
        assert (sent["body"], sent["headers"]["X-Own"]) == ("名=值", "1")
        assert sent["headers"]["Host"] == urlsplit(site.url).netloc
        assert session.head(f"{url}/x").status_code == 200
        chunked = session.post(f"{url}/x", data=iter([b"ab", b"cd"])).json()
        assert chunked["body"] == "abcd"


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
def test_it_leads_redirects_to_itself_and_origins_to_the_site(version: str, tmp_path: Path) -> None:
    def answer(seen: Seen, number: int) -> Said:
        if seen.path == "/crm/login":
            return Said(302, b"", (("Location", f"{site.url}/crm/home"),))
        return echo(seen, number)

    with OddSite(answer, version=version, closing=True) as site:
        at = Site("odd", f"{site.url}/crm")
        with in_front(at, (), tmp_path / "t.json") as front:
            moved = requests.post(f"{front.url}/login", allow_redirects=False)
            assert moved.headers["Location"] == f"{front.url}/home"
            told = requests.get(f"{front.url}/home", headers={"Referer": f"{front.url}/login"}).json()
        assert (told["path"], told["headers"]["Referer"]) == ("/crm/home", f"{site.url}/crm/login")


def test_a_site_with_its_own_certificate_is_reached_and_its_cookies_survive(tmp_path: Path) -> None:
    made = self_signed(tmp_path)
    secure = (JSON, ("Set-Cookie", "s=1; Secure; SameSite=None; HttpOnly; Path=/"))
    with OddSite(lambda seen, number: Said(200, b"{}", secure), certificate=made) as site:
        with faulty(site, tmp_path, ca=str(tmp_path / "site.pem")) as url, requests.Session() as session:
            assert session.get(url).headers["Set-Cookie"] == "s=1; HttpOnly; Path=/"
        with faulty(site, tmp_path) as url:
            assert requests.get(url).status_code == 502  # never without looking at the certificate


def test_a_dropped_field_reaches_the_crm_in_no_kind_of_body(tmp_path: Path) -> None:
    with OddSite(echo) as site, faulty(site, tmp_path, "drop_field=phone") as url:
        requests.post(url, json={"name": "甲", "phone": "1", "contacts": [{"phone": "2", "x": 3}]})
        requests.put(url, data={"phone": "1", "name": "甲"})
        requests.post(url, data={"phone": "1", "name": "乙"}, files={"file": ("a.bin", b"\0\r\n--\xff")})
        requests.post(url, json={"telephone": "1"})
    one, two, three, four = (seen.body for seen in site.seen)
    assert json.loads(one) == {"name": "甲", "contacts": [{"x": 3}]}
    assert parse_qs(two.decode()) == {"name": ["甲"]}
    assert b'name="phone"' not in three and "乙".encode() in three and b"\0\r\n--\xff" in three
    assert json.loads(four) == {"telephone": "1"}
    assert struck(tmp_path / "faults.json") == {"drop_field=phone": 3}


def test_a_field_dropped_from_answers_is_gone_even_when_they_are_compressed(tmp_path: Path) -> None:
    rows = json.dumps({"items": [{"id": 1, "phone": "1"}], "phone": None}).encode()
    zipped = Said(200, gzip.compress(rows), (JSON, ZIPPED))
    with OddSite(lambda seen, number: zipped) as site, faulty(site, tmp_path, "drop_answer_field=phone:/api") as url:
        assert requests.get(f"{url}/api/x").json() == {"items": [{"id": 1}]}
        assert requests.get(f"{url}/other").json() == json.loads(rows)


def test_a_doubled_request_reaches_the_crm_twice_and_the_first_answer_comes_back(tmp_path: Path) -> None:
    with OddSite(echo) as site, faulty(site, tmp_path, "double=POST:/api") as url:
        assert requests.post(f"{url}/api/pay", json={"amount": 1}).json()["n"] == 0
        assert requests.post(f"{url}/login").json()["n"] == 2
        assert requests.get(f"{url}/api/pay").json()["n"] == 3
    assert [seen.path for seen in site.seen] == ["/api/pay", "/api/pay", "/login", "/api/pay"]
    assert site.seen[0].body == site.seen[1].body


def test_a_lost_answer_means_a_request_that_arrived(tmp_path: Path) -> None:
    with OddSite(echo) as site, faulty(site, tmp_path, "lose_answer=POST") as url:
        with pytest.raises(requests.ConnectionError):
            requests.post(url, json={"amount": 1})
        assert requests.get(url).status_code == 200
    assert [seen.method for seen in site.seen] == ["POST", "GET"]


def test_every_nth_request_gets_an_error_of_the_proxy(tmp_path: Path) -> None:
    with OddSite(echo) as site, faulty(site, tmp_path, "error=every:3") as url:
        assert [requests.get(url).status_code for _ in range(6)] == [200, 200, 500, 200, 200, 500]
    assert len(site.seen) == 4


def test_a_swapped_token_is_one_that_was_seen_before(tmp_path: Path) -> None:
    with OddSite(echo) as site, faulty(site, tmp_path, "swap_token=every:2") as url:
        for name in ("lina", "wang", "lina", "lina"):
            requests.get(url, headers={"Authorization": f"Bearer {name}"})
    # only requests whose sender can be swapped for somebody count: wang is the first, the first of lina's the second
    assert [seen.headers["Authorization"] for seen in site.seen] == [
        *("Bearer lina", "Bearer wang", "Bearer wang", "Bearer lina"),
    ]


def test_a_stripped_header_never_arrives(tmp_path: Path) -> None:
    with OddSite(echo) as site, faulty(site, tmp_path, "strip_header=idempotency-key") as url:
        requests.post(url, headers={"Idempotency-Key": "1", "X-Other": "2"})
    assert "Idempotency-Key" not in site.seen[0].headers and site.seen[0].headers["X-Other"] == "2"


def test_a_dead_crm_is_a_bad_gateway(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with in_front(Site("odd", f"http://127.0.0.1:{taken.getsockname()[1]}"), (), tmp_path / "t") as front:
            assert requests.get(front.url).status_code == 502


def test_a_web_socket_is_let_through(tmp_path: Path) -> None:
    switched = Said(101, b"hello", (("Upgrade", "websocket"), ("Connection", "Upgrade")))
    with OddSite(lambda seen, number: switched, version="HTTP/1.0") as site, faulty(site, tmp_path) as url:
        where = urlsplit(url)
        with socket.create_connection((where.hostname, where.port), 10) as line:
            line.sendall(b"GET /ws HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n")
            heard = b"".join(iter(lambda: line.recv(4096), b""))
    assert heard.startswith(b"HTTP/1.0 101") and heard.endswith(b"hello")


@pytest.mark.parametrize(
    "asked", ["drop=phone", "latency=soon", "error=5", "error=every:0", "double=post", "drop_field", "drop_field="]
)
def test_a_fault_that_is_none_is_one_sentence_with_an_example(asked: str) -> None:
    with pytest.raises(WrongUse, match=r"例 example|must look like"):
        faults.read(asked)


@pytest.mark.parametrize("asked", ["latency=20", "error=every:3:/api/v1", "double=POST:/api", "strip_header=X-Csrf"])
def test_a_fault_says_itself_as_it_was_written(asked: str) -> None:
    assert str(faults.read(asked)) == asked


def test_bodies_that_hold_no_such_field_stay_untouched() -> None:
    assert bodies.without(b"{broken", "application/json", "a") is None
    assert bodies.without(b'{"b": {"c": 1}}', "application/vnd.api+json; charset=utf-8", "a") is None
    assert bodies.without(b"a=1", "text/plain", "a") is None
    assert bodies.without(b'{"b": {"a": 1}}', "application/json", "a") == b'{"b": {}}'


@pytest.mark.parametrize("told", [{"double=POST": 0}, {"double=POST": None}, ["double=POST"], "double=POST"])
def test_a_green_run_behind_a_fault_proxy_is_never_accepted(told: object, tmp_path: Path) -> None:
    run = greenrun.GreenRun()
    assert gate.judge(run.lay(tmp_path / "clean")).decision is Decision.GO
    run.run["faults"] = told
    verdict = gate.judge(run.lay(tmp_path / "faulty"))
    assert (verdict.decision, verdict.exit_code) == (Decision.UNPROVEN, 3)
    assert all(one.count.decision is Decision.UNPROVEN for one in verdict.departments)
    assert any("double=POST" in problem and "故障代理" in problem for problem in verdict.problems)


def test_a_drill_says_so_in_big_letters_and_ends_unproven(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path)
    done = made.cli("run", "--no-allure", "--fault", "latency=1", "--fault", "drop_field=phone:/api")
    assert done.returncode == 3, done.stdout
    assert "A DRILL WITH FAULTS, NOT AN ACCEPTANCE" in done.stdout
    page = (made.run_dir() / "index.html").read_text()
    assert "故障演练，不是验收" in page and "drop_field=phone:/api × 0" in page


def test_a_fault_that_is_unknown_ends_before_anything_runs(tmp_path: Path) -> None:
    made = tiny_workspace.make(tmp_path)
    done = made.cli("run", "--fault", "drop_feild=phone")
    assert done.returncode == 2 and "drop_field" in done.stdout
    assert not list((made.path / "reports").glob("*"))
