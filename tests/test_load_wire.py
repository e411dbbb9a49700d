"""The generator's client against a site of raw bytes: what it sends and reads, what it says of broken answers."""

from __future__ import annotations

import gzip
import json
import resource
import socket
import threading
import zlib
from collections.abc import Iterable
from pathlib import Path

import pytest
from odd_site import self_signed
from raw_site import END, ok, raw_site

from crm_acceptance.engines.load.wire import Wire, plain
from crm_acceptance.errors import SiteOutOfReach, Unproven, WrongUse
from crm_acceptance.systems.flow import Call

GET = Call("GET", "/a")


def fine(number: int, request: bytes) -> Iterable[bytes]:
    return [ok(b'{"n": %d}' % number)]


def test_one_connection_carries_one_request_after_another() -> None:
    with raw_site(fine) as site:
        wire = Wire(site.url)
        assert [wire.send(GET).json()["n"] for _ in range(5)] == [1, 2, 3, 4, 5]
        wire.close()
        assert site.connections == 1


def test_a_site_that_hangs_up_after_every_answer_is_asked_on_a_new_connection_each_time() -> None:
    with raw_site(fine, close=True) as site:
        wire = Wire(site.url)
        assert [wire.send(GET).json()["n"] for _ in range(20)] == list(range(1, 21))
        assert site.connections == 20


def test_reading_is_asked_again_on_a_new_connection_when_the_kept_one_turns_out_to_be_closed() -> None:
    with raw_site(lambda number, _: None if number == 2 else [ok()]) as site:
        wire = Wire(site.url)
        assert [wire.send(GET).status for _ in range(2)] == [200, 200]
        assert len(site.asked) == 3


def test_a_write_is_never_sent_twice() -> None:
    with raw_site(lambda number, _: None if number == 2 else [ok()]) as site:
        wire = Wire(site.url)
        wire.send(Call("POST", "/a", json={"x": 1}))
        with pytest.raises(SiteOutOfReach):
            wire.send(Call("POST", "/a", json={"x": 2}))
        assert len(site.asked) == 2


HEAD = b"HTTP/1.1 200 OK\r\n"
ANSWERS = {
    "length": [HEAD + b"Content-Length: 4\r\n\r\nbody"],
    "pieces": [bytes([one]) for one in HEAD + b"X-Empty:\r\nContent-Length: 4\r\n\r\nbody"],
    "chunked": [HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\nbo\r\n", b"2\r\ndy\r\n0\r\n\r\n"],
    "announced": [b"HTTP/1.1 100 Continue\r\n\r\n" + HEAD + b"Content-Length: 4\r\n\r\nbody"],
    "hints": [b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", HEAD + b"Content-Length: 4\r\n\r\nbody"],
    "rubbish after it": [HEAD + b"Content-Length: 4\r\n\r\nbody and more"],
}


@pytest.mark.parametrize("kind", ANSWERS)
def test_an_answer_is_read_whole_however_it_is_sent(kind: str) -> None:
    with raw_site(lambda number, request: ANSWERS[kind]) as site:
        wire = Wire(site.url)
        for _ in range(3):
            answer = wire.send(GET)
            assert (answer.status, answer.body) == (200, b"body")
            assert "link" not in answer.headers


def test_an_answer_may_end_with_the_connection() -> None:
    with raw_site(lambda number, request: [HEAD + END[2:] + b"bo", b"dy"], close=True) as site:
        assert Wire(site.url).send(GET).body == b"body"


@pytest.mark.parametrize("method", ["HEAD", "GET"])
def test_an_answer_without_a_body_holds_nobody_up(method: str) -> None:
    said = HEAD + b"Content-Length: 900\r\n\r\n" if method == "HEAD" else b"HTTP/1.1 204 No Content\r\n\r\n"
    with raw_site(lambda number, request: [said]) as site:
        wire = Wire(site.url, timeout=5.0)
        assert [wire.send(Call(method, "/a")).body for _ in range(3)] == [b""] * 3
        assert site.connections == 1


@pytest.mark.parametrize("kind", ["gzip", "deflate"])
def test_a_compressed_answer_is_unpacked(kind: str) -> None:
    packed = gzip.compress(b"body") if kind == "gzip" else zlib.compress(b"body")
    with raw_site(lambda number, request: [ok(packed, b"Content-Encoding: " + kind.encode())]) as site:
        assert Wire(site.url).send(GET).body == b"body"
    with pytest.raises(zlib.error):
        plain(packed[:-3], kind)


def test_a_small_answer_that_unpacks_to_gigabytes_is_refused() -> None:
    with pytest.raises(zlib.error, match="too big"):
        plain(gzip.compress(bytes(40 * 2**20)), "gzip")


def test_cookies_are_handed_to_the_flow_and_never_sent_by_the_connection() -> None:
    with raw_site(lambda number, request: [ok(b"{}", b"Set-Cookie: a=1", b"Set-Cookie: b=2")]) as site:
        wire = Wire(site.url)
        assert wire.send(GET).headers["set-cookie"] == "a=1, b=2"
        wire.send(GET)
        assert not any(b"cookie" in one.lower() for one in site.asked)


def test_json_forms_files_and_parameters_go_out_as_they_should() -> None:
    with raw_site(fine) as site:
        wire = Wire(f"{site.url}/crm")
        wire.send(Call("POST", "/客户", json={"名": "李"}, params={"q": "a b"}, headers={"X-One": "1"}))
        wire.send(Call("POST", "/f", form={"a": "中"}))
        wire.send(Call("POST", "/g", files={"file": ("x.txt", b"12345", "text/plain")}, form={"a": "b"}))
        wire.send(Call("POST", "/h"))
    one, two, three, four = site.asked
    assert one.startswith(b"POST /crm/%E5%AE%A2%E6%88%B7?q=a+b HTTP/1.1\r\nhost: 127.0.0.1:")
    assert b"x-one: 1\r\n" in one and json.loads(one.partition(END)[2]) == {"名": "李"}
    assert two.endswith(b"a=%E4%B8%AD") and b"application/x-www-form-urlencoded" in two
    assert b"12345" in three and b"multipart/form-data; boundary=" in three
    assert b"content-length: 0\r\n" in four


@pytest.mark.parametrize(
    "call", [Call("GET", "/a", headers={"X": "1\r\nEvil: 2"}), Call("GET", "a"), Call("GET", "/\n")]
)
def test_what_would_be_two_requests_is_not_sent(call: Call) -> None:
    with pytest.raises(WrongUse):
        Wire("http://127.0.0.1:9").prepared(call)


BROKEN = {
    "silence": ([], "没有应答"),
    "half an answer": ([HEAD + b"Content-Length: 9\r\n\r\nbo"], "应答没有完"),
    "no HTTP": ([b"SSH-2.0-OpenSSH_9.2\r\n"], "不完整"),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_whatever_is_no_whole_answer_in_time_is_told_in_one_sentence(kind: str) -> None:
    pieces, said = BROKEN[kind]
    with raw_site(lambda number, request: pieces) as site, pytest.raises(SiteOutOfReach, match=said):
        Wire(site.url, timeout=0.3).send(GET)


def test_the_time_is_for_the_whole_answer_and_not_for_each_byte_of_it() -> None:
    def drip(number: int, request: bytes) -> Iterable[bytes]:
        yield HEAD + b"Content-Length: 900\r\n\r\n"
        while not site.over.wait(0.05):
            yield b"."

    with raw_site(drip) as site, pytest.raises(SiteOutOfReach, match="没有完"):
        Wire(site.url, timeout=0.4).send(GET)


def test_a_connection_that_ends_in_mid_answer_is_a_broken_answer() -> None:
    half = [HEAD + b"Content-Length: 9\r\n\r\nbo"]
    with raw_site(lambda number, request: half, close=True) as site, pytest.raises(SiteOutOfReach, match="不完整"):
        Wire(site.url).send(GET)


def test_no_more_is_read_than_an_answer_may_have() -> None:
    def flood(number: int, request: bytes) -> Iterable[bytes]:
        yield HEAD + b"Content-Length: %d\r\n\r\n" % 2**31
        sent = 0
        while not site.over.is_set() and sent < 2**31:
            sent += 2**20
            yield bytes(2**20)

    with raw_site(flood) as site, pytest.raises(SiteOutOfReach, match="too big"):
        Wire(site.url).send(GET)


HEADS = {
    "one long line": (HEAD + b"x: ", b"a"),
    "lines": (HEAD, b"x: y\r\n"),
    "announcements": (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
}


@pytest.mark.parametrize(("begin", "more"), HEADS.values(), ids=HEADS)
def test_no_more_of_a_head_is_read_than_a_browser_would(begin: bytes, more: bytes) -> None:
    def flood(number: int, request: bytes) -> Iterable[bytes]:
        yield begin
        while not site.over.is_set():
            yield more * (2**16 // len(more))

    with raw_site(flood) as site, pytest.raises(SiteOutOfReach, match="too big a header"):
        Wire(site.url, timeout=30.0).send(GET)


def test_a_head_as_long_as_a_browser_takes_is_read() -> None:
    with raw_site(lambda number, request: [ok(b"{}", b"X-Long: " + b"a" * 200_000)]) as site:
        assert len(Wire(site.url).send(GET).headers["x-long"]) == 200_000


def test_what_a_server_said_before_it_hung_up_on_a_kept_connection_is_no_answer() -> None:
    bored, read = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", threading.Event()

    def idle(number: int, request: bytes) -> Iterable[bytes]:
        yield ok()
        if number == 1 and read.wait(20):
            yield bored

    with raw_site(idle) as site:
        wire = Wire(site.url)
        assert wire.send(GET).status == 200
        read.set()
        while wire._idle[0].alive():
            site.over.wait(0.01)
        assert [wire.send(GET).status for _ in range(2)] == [200, 200]
    with raw_site(lambda *_: [bored], close=True) as site:
        assert Wire(site.url).send(GET).status == 408  # to a request of ours it is an answer


def test_a_host_in_chinese_is_named_as_on_the_wire() -> None:
    asked = Wire("http://测试.公司.cn:8080").prepared(GET).wire
    assert b"\r\nhost: xn--0zwm56d.xn--55qx5d.cn:8080\r\n" in asked


def test_nobody_at_home_is_out_of_reach() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(SiteOutOfReach, match="连不上"):
            Wire(f"http://127.0.0.1:{taken.getsockname()[1]}").send(GET)


def test_of_several_addresses_one_that_leads_nowhere_does_not_use_up_the_time_of_the_others() -> None:
    with raw_site(fine) as site, socket.socket() as full, socket.socket() as one, socket.socket() as two:
        full.bind(("127.0.0.1", 0))
        full.listen(0)
        for waiting in (one, two):  # whoever comes after them is not even refused
            waiting.setblocking(False)
            waiting.connect_ex(full.getsockname())
        wire = Wire(site.url, timeout=4.0)
        (place,) = wire._addresses()
        wire._places = [(*place[:4], full.getsockname()), place]
        assert [wire.send(GET).status for _ in range(2)] == [200, 200]
        assert wire._places[0] == place


def test_a_generator_without_file_descriptors_says_so_and_does_not_blame_the_site() -> None:
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    with raw_site(fine) as site:
        wire = Wire(site.url)
        wire.send(GET)
        wire.close()
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (3, limits[1]))
            with pytest.raises(Unproven, match="EMFILE"):
                wire.send(GET)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, limits)


def test_a_certificate_is_looked_at_and_the_companys_own_is_taken(tmp_path: Path) -> None:
    self_signed(tmp_path)
    with raw_site(fine, pem=tmp_path) as site:
        with pytest.raises(SiteOutOfReach, match="不被信任"):
            Wire(site.url).send(GET)
        wire = Wire(site.url, str(tmp_path / "site.pem"))
        assert [wire.send(GET).json()["n"] for _ in range(3)] == [1, 2, 3]
        big = wire.send(Call("POST", "/b", body=b"x" * 300_000))
        assert big.status == 200 and len(site.asked[-1]) > 300_000


def test_every_request_is_told_to_whoever_counts() -> None:
    told = []
    with raw_site(lambda number, request: [b"HTTP/1.1 500 No\r\nContent-Length: 2\r\n\r\nno"]) as site:
        Wire(site.url, tell=lambda *one: told.append(one)).send(Call("GET", "/a", verb="客户.list"))
    ((method, name, milliseconds, size, error),) = told
    assert (method, name, size, error) == ("GET", "客户.list", 2, "HTTP 500") and milliseconds > 0
