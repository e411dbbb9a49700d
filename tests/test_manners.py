"""How requests go out: paced over all processes, patient with a busy site, never led astray, certificates looked at."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
import requests
from odd_site import OddSite, Said, Seen, self_signed

from crm_acceptance import sending
from crm_acceptance.errors import Refused, SiteOutOfReach, Unproven, WrongUse
from crm_acceptance.manners import pace, pauses
from crm_acceptance.manners.pace import Allowance
from crm_acceptance.model import Site
from crm_acceptance.profile import Profile
from crm_acceptance.systems.flow import Call


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """No allowance of whoever runs these tests."""
    monkeypatch.setenv(pace.PACE_ENV, "")  # so that what a test leaves there is taken back
    monkeypatch.delenv(pace.PACE_ENV)
    yield


def fine(seen: Seen, number: int) -> Said:
    return Said()


def send_to(url: str, call: Call, **site: str) -> sending.Answer:
    return sending.http_send(requests.Session(), Site("odd", url, **site))(call)  # type: ignore[arg-type]


def test_a_busy_site_is_asked_again_after_the_pause_that_it_names(tmp_path: Path) -> None:
    def busy_twice(seen: Seen, number: int) -> Said:
        return Said(429, b"slow down", (("Retry-After", "0"),)) if number < 2 else Said(200, b'{"ok": 1}')

    pace.tell(Allowance(tmp_path / "pace.json"))
    with OddSite(busy_twice) as site:
        answer = send_to(site.url, Call("POST", "/leads", json={"name": "甲"}))
    assert (answer.status, len(site.seen)) == (200, 3)
    told = pace.told()
    assert told is not None and told.used().throttled == 2


def test_a_site_that_stays_busy_has_its_last_answer_believed() -> None:
    with OddSite(lambda seen, number: Said(503, b"", (("Retry-After", "0"),))) as site:
        assert send_to(site.url, Call("GET", "/")).status == 503
    assert len(site.seen) == 1 + pauses.TRIES


def test_a_broken_site_is_not_asked_again() -> None:
    with OddSite(lambda seen, number: Said(503, b"")) as site:
        assert send_to(site.url, Call("GET", "/")).status == 503
    assert len(site.seen) == 1


@pytest.mark.parametrize(
    ("status", "told", "number", "seconds"),
    [
        (429, "3", 0, 3.0),
        (429, "", 0, 0.5),
        (429, "", 2, 2.0),
        (429, "3600", 0, None),
        (429, "soon", 0, None),
        (503, "", 0, None),
        (503, "1", 0, 1.0),
        (429, "1", 4, None),
        (200, "1", 0, None),
        (500, "1", 0, None),
    ],
)
def test_the_pause_is_the_one_that_the_site_asks_for(
    status: int, told: str, number: int, seconds: float | None
) -> None:
    assert pauses.pause(status, {"Retry-After": told} if told else {}, number) == seconds


def test_a_pause_may_be_a_moment() -> None:
    moment = format_datetime(datetime.now(UTC) + timedelta(seconds=20), usegmt=True)
    seconds = pauses.pause(429, {"retry-after": moment}, 0)
    assert seconds is not None and 15 < seconds <= 20
    assert pauses.pause(429, {"retry-after": format_datetime(datetime.now(UTC) - timedelta(days=1))}, 0) == 0


def test_a_budget_that_is_used_up_proves_nothing_and_asks_nothing(tmp_path: Path) -> None:
    pace.tell(Allowance(tmp_path / "pace.json", budget=2))
    with OddSite(fine) as site:
        for _ in range(2):
            send_to(site.url, Call("GET", "/"))
        with pytest.raises(Unproven, match="预算 2"):
            send_to(site.url, Call("GET", "/"))
    assert len(site.seen) == 2


def test_redirects_count_too(tmp_path: Path) -> None:
    def moved(seen: Seen, number: int) -> Said:
        return Said(302, b"", (("Location", "/b"),)) if seen.path == "/a" else Said()

    pace.tell(Allowance(tmp_path / "pace.json", budget=5))
    with OddSite(moved) as site:
        assert send_to(site.url, Call("GET", "/a", headers={"Cookie": "s=1"})).url.endswith("/b")
    assert [one.headers.get("Cookie") for one in site.seen] == ["s=1", "s=1"]
    told = pace.told()
    assert told is not None and told.used().requests == 2


def test_the_rate_holds_over_all_processes(tmp_path: Path) -> None:
    """Three processes take twenty each at 200 per second: the last slot is 59 gaps after the first."""
    file = tmp_path / "pace.json"
    take = (
        "from pathlib import Path; import sys\n"
        "from crm_acceptance.manners.pace import Allowance\n"
        "allowance = Allowance(Path(sys.argv[1]), rate=200.0)\n"
        "[allowance.take(sleep=lambda seconds: None) for _ in range(20)]"
    )
    crowd = [subprocess.Popen([sys.executable, "-c", take, str(file)]) for _ in range(3)]
    assert [one.wait(60) for one in crowd] == [0, 0, 0]
    assert Allowance(file, 200.0).used().requests == 60


def test_slots_stand_one_gap_apart(tmp_path: Path) -> None:
    allowance, waits = Allowance(tmp_path / "pace.json", rate=10.0), list[float]()
    for _ in range(5):
        allowance.take(sleep=waits.append)
    # nobody really waits here, so the fifth slot is nearly four gaps ahead, less the time that the taking took
    assert len(waits) == 4 and waits == sorted(waits) and 0.3 < waits[-1] <= 0.4


def test_a_pause_that_the_site_asks_for_holds_everybody_back(tmp_path: Path) -> None:
    allowance, waits = Allowance(tmp_path / "pace.json", rate=1000.0), list[float]()
    allowance.throttled(30)
    allowance.take(sleep=waits.append)
    assert waits and 25 < waits[0] <= 30


def test_without_a_word_in_the_profile_others_machines_are_asked_gently(tmp_path: Path) -> None:
    file = tmp_path / "pace.json"
    unsaid = Profile(tmp_path)
    assert pace.of(unsaid, "http://127.0.0.1:1", file).rate == 0
    assert pace.of(unsaid, "https://crm-test.acme.cn", file).rate == pace.GENTLE
    assert pace.of(Profile(tmp_path, rate=0.0), "https://crm-test.acme.cn", file).rate == 0


def test_a_test_site_that_redirects_to_production_is_not_followed() -> None:
    def to_production(seen: Seen, number: int) -> Said:
        return Said(307, b"", (("Location", "https://crm.acme.cn/leads"),))

    with OddSite(to_production) as site, pytest.raises(SiteOutOfReach, match=r"crm\.acme\.cn.*生产环境"):
        send_to(site.url, Call("POST", "/leads", json={}))


def test_redirects_in_a_circle_end() -> None:
    with (
        OddSite(lambda seen, number: Said(302, b"", (("Location", "/again"),))) as site,
        pytest.raises(SiteOutOfReach, match="TooManyRedirects"),
    ):
        send_to(site.url, Call("GET", "/"))


def test_a_redirect_that_a_call_wants_to_see_is_its_answer() -> None:
    with OddSite(lambda seen, number: Said(302, b"", (("Location", "/home"),))) as site:
        answer = send_to(site.url, Call("POST", "/login", follow=False))
    assert (answer.status, answer.headers["location"], len(site.seen)) == (302, "/home", 1)


def test_a_path_that_leads_elsewhere_is_refused() -> None:
    with pytest.raises(WrongUse, match="以 / 开头"):
        send_to("http://127.0.0.1:1", Call("GET", "@crm.acme.cn/"))


@pytest.mark.parametrize(("version", "closing"), [("HTTP/1.0", False), ("HTTP/1.0", True), ("HTTP/1.1", True)])
def test_old_servers_and_those_that_close_every_connection_work(version: str, closing: bool) -> None:
    with OddSite(lambda seen, number: Said(200, b'{"n": %d}' % number), version=version, closing=closing) as site:
        send = sending.http_send(requests.Session(), Site("odd", site.url))
        assert [send(Call("POST", "/x", json={})).json()["n"] for _ in range(3)] == [0, 1, 2]


def test_a_site_under_a_prefix_is_asked_below_it() -> None:
    with OddSite(fine) as site:
        send_to(f"{site.url}/crm", Call("GET", "/api/leads", params={"q": "甲"}))
    assert site.seen[0].path == "/crm/api/leads?q=%E7%94%B2"


def test_a_certificate_of_its_own_is_refused_with_the_way_out_and_trusted_when_named(tmp_path: Path) -> None:
    made = self_signed(tmp_path)
    with OddSite(fine, certificate=made) as site:
        with pytest.raises(SiteOutOfReach, match=r"self.signed.*openssl s_client -connect 127\.0\.0\.1.*\[site\] ca"):
            send_to(site.url, Call("GET", "/"))
        assert send_to(site.url, Call("GET", "/"), ca=str(tmp_path / "site.pem")).status == 200


def test_a_bundle_in_the_environment_does_not_outvote_the_profile(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = self_signed(tmp_path)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", requests.certs.where())
    with OddSite(fine, certificate=made) as site:
        assert send_to(site.url, Call("GET", "/"), ca=str(tmp_path / "site.pem")).status == 200


def test_a_crm_that_is_busy_in_its_own_words_is_asked_again() -> None:
    waits, said = list[float](), iter(["8303", "8303", ""])

    def do() -> str:
        code = next(said)
        if code:
            raise Refused("throttled", code, 400)
        return "done"

    assert sending.unhurried(do, waits.append) == "done"
    assert waits == [0.5, 1.0]


@pytest.mark.parametrize(("kind", "status"), [("throttled", 429), ("denied", 403)])
def test_a_refusal_that_was_waited_for_already_or_is_another_stands(kind: str, status: int) -> None:
    waits = list[float]()

    def do() -> str:
        raise Refused(kind, "no", status)

    with pytest.raises(Refused):
        sending.unhurried(do, waits.append)
    assert not waits
