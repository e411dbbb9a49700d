"""Pages under load: what a peak asks of a site that has no API."""

from __future__ import annotations

from pathlib import Path

import pytest

from crm_acceptance.engines.load import pages, peaks, work
from crm_acceptance.engines.load.work import Arrival, Stock
from crm_acceptance.errors import Refused, Unsupported, WrongUse
from crm_acceptance.model import Action, Outcome, Person, Site
from crm_acceptance.systems import Session
from crm_acceptance.systems.flow import Answer, Call, Flow, perform

LINA = Person("lina", "李娜", "sales", "sales_rep", "lina")
SITE = Site("toy", "http://toy")
PEAK = """
[morning]
users = 2
arrivals_per_second = 1.0
plateau = "4 s"
[[morning.http]]
department = "sales"
method = "{method}"
path = "{path}"
share = 3
[[morning.threshold]]
requirement = "PERF-001"
measure = "p95"
limit = "2 s"
verb = "GET /orders?rows=25"
"""


class FormLogin:
    """A site's login page over HTTP, and nothing else."""

    def login(self, person: Person, password: str) -> Flow[Session]:
        yield Call("POST", "/login")
        return Session(person, {"X-Lang": "en"}, {"sid": "1", "csrf": "2"})

    def logout(self, session: Session) -> Flow[None]:
        yield Call("POST", "/logout")

    def flow(self, session: Session, action: Action) -> Flow[Outcome]:
        raise Unsupported("nothing else")
        yield


class PagesOnly:
    name = title = "pages-only"

    def supports(self, action: str, object: str) -> bool:
        return False

    def pages(self, site: Site) -> FormLogin:
        return FormLogin()


def read(tmp_path: Path, method: str = "GET", path: str = "/orders?rows=25") -> peaks.Peak:
    file = tmp_path / "peaks.toml"
    file.write_text(PEAK.format(method=method, path=path), "utf-8")
    return peaks.load(file, [LINA], ["PERF-001"])[0]


def opened(status: int, headers: dict[str, str] | None = None) -> list[Call]:
    sent: list[Call] = []

    def send(call: Call) -> Answer:
        sent.append(call)
        return Answer(status, headers or {}, b"")

    door = pages.door_of(PagesOnly(), SITE)
    session = perform(door.login(LINA, "pw"), lambda call: Answer(200, {}, b""))
    action = next(work.begin(Arrival(0.0, "GET /orders?rows=25", "lina"), Stock()))
    perform(door.flow(session, action), send)
    return sent


def test_a_peak_may_consist_of_pages_alone(tmp_path: Path) -> None:
    peak = read(tmp_path)
    assert [(one.verb, one.people, one.share) for one in peak.mix] == [("GET /orders?rows=25", ("lina",), 3.0)]
    assert peak.thresholds[0].verb == "GET /orders?rows=25"


def test_without_a_workspace_a_peak_of_open_pages_may_name_any_requirement(tmp_path: Path) -> None:
    file = tmp_path / "peaks.toml"
    page = '[web]\nplateau = "9 s"\n[[web.http]]\npath = "/"\nrate = 20.0\n'
    file.write_text(page + '[[web.threshold]]\nrequirement = "WEB-1"\nmeasure = "p50"\nlimit = "1 s"\n', "utf-8")
    assert peaks.load(file, (), ())[0].thresholds[0].requirement == "WEB-1"
    with pytest.raises(WrongUse, match="WEB-1"):
        peaks.load(file, (), ["PERF-001"])


@pytest.mark.parametrize(
    ("method", "path", "told"), [("POST", "/orders?rows=25", "GET"), ("GET", "orders", "/"), ("GET", "/a b", "空格")]
)
def test_a_page_that_cannot_be_opened_is_told_at_once(tmp_path: Path, method: str, path: str, told: str) -> None:
    with pytest.raises(WrongUse, match=told):
        read(tmp_path, method, path)


def test_a_peak_without_any_work_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "peaks.toml"
    file.write_text('[morning]\nusers = 1\narrivals_per_second = 1.0\nplateau = "1 s"\n', "utf-8")
    with pytest.raises(WrongUse, match="mix"):
        peaks.load(file, [LINA], ["PERF-001"])


def test_a_page_is_opened_with_the_login_of_the_person() -> None:
    (call,) = opened(200)
    assert (call.method, call.path) == ("GET", "/orders?rows=25")
    assert dict(call.headers) == {"X-Lang": "en", "Cookie": "sid=1; csrf=2"}


def test_a_path_in_chinese_is_sent_as_browsers_send_it() -> None:
    sent: list[Call] = []
    door = pages.door_of(PagesOnly(), SITE)
    action = pages.visit("GET /orders?q=软件&rows=25")

    def send(call: Call) -> Answer:
        sent.append(call)
        return Answer(200, {}, b"")

    perform(door.flow(Session(LINA), action), send)
    assert sent[0].path == "/orders?q=%E8%BD%AF%E4%BB%B6&rows=25"


@pytest.mark.parametrize(("status", "kind"), [(302, "expired"), (403, "denied"), (404, "missing")])
def test_a_page_that_does_not_come_is_no_success(status: int, kind: str) -> None:
    with pytest.raises(Refused) as no:
        opened(status, {"location": "/login"})
    assert no.value.kind == kind


def test_without_api_and_without_pages_there_is_nothing_to_load() -> None:
    class Nothing:
        name = title = "nothing"

        def supports(self, action: str, object: str) -> bool:
            return False

    with pytest.raises(Unsupported, match="没有 API"):
        pages.door_of(Nothing(), SITE)


class Terse(PagesOnly):
    """An API whose customers have a name alone."""

    def fields(self, object: str) -> frozenset[str]:
        return frozenset({"name"})

    def records(self, site: Site) -> Terse:
        return self

    def flow(self, session: Session, action: Action) -> Flow[Outcome]:
        yield Call("POST", f"/{action.object}", json=dict(action.fields))
        return None

    def login(self, person: Person, password: str) -> Flow[Session]:
        return FormLogin().login(person, password)

    logout = FormLogin.logout


def test_a_peak_asks_for_no_field_that_the_crm_does_not_have() -> None:
    sent: list[Call] = []
    door = pages.door_of(Terse(), SITE)

    def send(call: Call) -> Answer:
        sent.append(call)
        return Answer(200, {}, b"")

    perform(door.flow(Session(LINA), work.new_customer()), send)
    perform(door.flow(Session(LINA), work.new_quote("c1")), send)
    assert sent[0].json.keys() == {"name"}
    assert {"customer", "product", "unit_price"} <= sent[1].json.keys(), "what a quote cannot do without stays"
