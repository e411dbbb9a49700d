"""Logins of described CRMs in mid-run: expiring, renewed, signed out, blocked by a captcha; against real servers."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Lock

import pytest
import requests

from crm_acceptance.engines.load.floor import Floor
from crm_acceptance.engines.load.orders import Order
from crm_acceptance.engines.load.work import Arrival
from crm_acceptance.errors import Refused, SiteOutOfReach, Unsupported, WrongUse
from crm_acceptance.model import Site
from crm_acceptance.sending import http_send
from crm_acceptance.systems.flow import Call
from tests.odd_server import CHENJING, LINA, Asked, Doors, Says, serving
from tests.test_rest_auth import CALLS, KINDS, LIST, FormCrm, form, names, whose


class Refreshing:
    """Bearer tokens that die after a few uses; a refresh token is good for one renewal."""

    def __init__(self, uses: int) -> None:
        self.uses, self.left = uses, 0
        self.token, self.refresh = "", ""
        self.logins = self.refreshes = 0
        self._numbers, self._door = itertools.count(1), Lock()

    def __call__(self, asked: Asked) -> Says:
        with self._door:
            if asked.path == "/login":
                self.logins += 1
                return self.fresh()
            if asked.path == "/refresh":
                if asked.json["refresh"] != self.refresh:
                    return Says(401, {})
                self.refreshes += 1
                return self.fresh()
            if asked.path == "/logout":
                self.token = self.refresh = "gone"
                return Says(204)
            if asked.headers.get("authorization") != f"Bearer {self.token}" or self.left == 0:
                return whose(None)
            self.left -= 1
            return whose("lina@example.com")

    def fresh(self) -> Says:
        number = next(self._numbers)
        self.token, self.refresh, self.left = f"access-token-{number:04d}", f"refresh-token-{number:04d}", self.uses
        return Says(200, {"access": self.token, "again": self.refresh})


REFRESH = (
    """
[auth]
kind = "bearer"
login = { call = "POST /login", body = { l = "{login}" }, save = { token = "access", refresh="again" } }
refresh = { call = "POST /refresh", body = { refresh = "{refresh}" } }
logout = "POST /logout"
"""
    + CALLS
)


def test_an_expired_token_is_refreshed_before_anybody_signs_in_again(tmp_path: Path) -> None:
    crm = Refreshing(uses=3)
    with serving(crm) as running:
        door = Doors(running, REFRESH, tmp_path).of()
        for _ in range(10):
            door.do(LIST)
        assert (crm.logins, crm.refreshes) == (1, 3)
        assert door.session().headers["Authorization"] == "Bearer access-token-0004"


def test_many_at_once_on_one_session_refresh_it_once(tmp_path: Path) -> None:
    crm = Refreshing(uses=1000)
    with serving(crm) as running:
        doors = Doors(running, REFRESH, tmp_path)
        session = doors.of().session()
        start = Barrier(6)

        def one(_: int) -> object:
            door = doors.of()
            start.wait(timeout=30)
            return names(door.do_with(session, LIST))

        crm.left = 0
        with ThreadPoolExecutor(6) as crowd:
            assert list(crowd.map(one, range(6))) == [["lina@example.com"]] * 6
        assert (crm.logins, crm.refreshes) == (1, 1)


def test_after_signing_out_the_session_is_dead_and_nothing_revives_it(tmp_path: Path) -> None:
    crm = Refreshing(uses=100)
    with serving(crm) as running:
        door = Doors(running, REFRESH, tmp_path).of()
        door.do(LIST)
        session = door.session()
        door.sign_out()
        with pytest.raises(Refused) as no:
            door.do_with(session, LIST)
        assert (no.value.kind, crm.refreshes) == ("expired", 0)


def test_without_a_logout_in_the_mapping_signing_out_is_unsupported(tmp_path: Path) -> None:
    dialect, toml = KINDS["bearer"]
    with serving(dialect) as running:
        door = Doors(running, toml + CALLS, tmp_path).of()
        with pytest.raises(Unsupported, match="logout"):
            door.sign_out()


def captcha(asked: Asked) -> Says:
    if asked.cookies.get("sid") == "from-the-browser":
        return Says(200, [{"id": 1, "name": "lina@example.com"}])
    if asked.headers.get("authorization") == "Bearer token-from-browser":
        return whose("lina@example.com")
    return Says(200, '<form><input name="pw" type="password"><input name="captcha"><img src="/captcha.png"></form>')


CAPTCHA = '[auth]\nkind = "form"\npage = "/login/"\nlogin = { call = "POST /login/", form = { u = "{login}" } }\n'


def test_a_captcha_is_named_and_the_way_out_is_told(tmp_path: Path) -> None:
    with serving(captcha) as running:
        doors = Doors(running, CAPTCHA + CALLS, tmp_path)
        with pytest.raises(WrongUse, match=r"captcha.*--save-storage=states/lina\.json.*\[auth\]"):
            doors.do("list")
        assert running.paths("POST") == []


def test_a_stored_browser_state_takes_the_place_of_a_login(tmp_path: Path) -> None:
    with serving(captcha) as running:
        (tmp_path / "states").mkdir()
        stored = [{"name": "AUTH", "value": '{"t":"token-from-browser"}'}]
        state = {
            "cookies": [{"name": "sid", "value": "from-the-browser", "domain": "127.0.0.1", "path": "/"},
                        {"name": "other", "value": "not-for-us", "domain": "elsewhere.example.com", "path": "/"}],
            "origins": [{"origin": running.url, "localStorage": stored}],
        }  # fmt: skip
        (tmp_path / "states" / "lina.json").write_text(json.dumps(state))
        doors = Doors(running, CAPTCHA.replace("page", 'state = "states"\npage') + CALLS, tmp_path)
        assert names(doors.do("list")) == ["lina@example.com"]
        assert running.asked[0].cookies == {"sid": "from-the-browser"}
        by_token = CAPTCHA.replace(
            'form = { u = "{login}" }', 'form = { u = "{login}" }, save = { token = "localStorage:AUTH.t" }'
        )
        headers = 'state = "states"\nheaders = { Authorization = "Bearer {token}" }\npage'
        state["cookies"] = []
        (tmp_path / "states" / "lina.json").write_text(json.dumps(state))
        assert names(Doors(running, by_token.replace("page", headers) + CALLS, tmp_path).do("list")) == [
            "lina@example.com"
        ]
        with pytest.raises(WrongUse, match="captcha"):
            doors.of(CHENJING).session()


def test_a_login_at_the_wrong_address_names_its_line(tmp_path: Path) -> None:
    with serving(lambda asked: Says(404, {"detail": "Not Found"})) as running:
        doors = Doors(running, KINDS["bearer"][1] + CALLS, tmp_path)
        with pytest.raises(WrongUse, match=r"mapping\.toml:5 .*POST /login.*404"):
            doors.do("list")


def test_a_login_answer_without_the_token_tells_what_it_holds(tmp_path: Path) -> None:
    with serving(lambda asked: Says(200, {"jwt": "x", "user": 1})) as running:
        doors = Doors(running, KINDS["bearer"][1] + CALLS, tmp_path)
        with pytest.raises(WrongUse, match=r"data\.token.*jwt, user"):
            doors.do("list")


def test_being_sent_to_another_address_is_said_with_that_address(tmp_path: Path) -> None:
    def dialect(asked: Asked) -> Says:
        return Says(301, None, (("Location", f"https://crm.example.com{asked.path}"),))

    with serving(dialect) as running, pytest.raises(SiteOutOfReach, match=r"https://crm\.example\.com"):
        Doors(running, CALLS, tmp_path).do("list")


def test_a_connection_that_a_described_crm_uses_keeps_no_cookies() -> None:
    with (
        serving(lambda asked: Says(200, {}, (("Set-Cookie", "sid=1; Path=/"),))) as running,
        requests.Session() as line,
    ):
        line.trust_env = False
        send = http_send(line, Site("odd", running.url), 10.0)
        send(Call("GET", "/a"))
        send(Call("GET", "/b"))
        assert running.asked[1].cookies == {}


def test_under_load_a_login_that_expires_is_renewed_once_for_all_who_share_it(tmp_path: Path) -> None:
    crm = Refreshing(uses=1000)
    with serving(crm) as running:
        doors = Doors(running, REFRESH, tmp_path)
        arrivals = tuple(Arrival(0.0, "customer.list", "lina") for _ in range(8))
        order = Order(doors.site, (LINA,), arrivals, 4, 10.0, 60.0, "")
        floor = Floor(order, doors.records, lambda key: "pw-pw-pw-1", time.monotonic, lambda seconds: None)
        floor.open(doors.send())
        crm.token, crm.refresh = "killed", "killed"

        def hands(_: int) -> None:
            send = doors.send()
            for _ in range(2):
                floor.work(send)

        with ThreadPoolExecutor(4) as crowd:
            list(crowd.map(hands, range(4)))
        assert [sample.error for sample in floor.samples] == [""] * 8
        assert crm.logins == 2


def test_one_pair_of_locusts_hands_works_for_two_people_without_mixing_cookies(tmp_path: Path) -> None:
    crm = FormCrm("cookie", "header:X-Tok")
    with serving(crm) as running:
        mapping = tmp_path / "mapping.toml"
        mapping.write_text(form("cookie", "header:X-Tok"), encoding="utf-8")
        script = [sys.executable, str(Path(__file__).parent / "locust_hands.py"), f"{running.url}/crm", str(mapping)]
        said = subprocess.run(script, capture_output=True, text=True, timeout=120, check=False)
        assert said.returncode == 0, said.stderr
        told = json.loads(said.stdout.splitlines()[-1])
    people = ["lina@example.com", "chenjing@example.com"]
    assert told["seen"] == people * 2 and told["counted"] >= 10
    assert [who for who, _ in crm.made] == people * 2
