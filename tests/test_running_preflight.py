"""A CRM that is away, slow or strange, a wrong password, no browser, no room: one sentence each, beforehand."""

from __future__ import annotations

import errno
import http.server
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
import tiny_workspace

from crm_acceptance import actors, catalogue, profile, sites
from crm_acceptance.errors import SiteOutOfReach, Unproven, WrongUse
from crm_acceptance.model import Site
from crm_acceptance.running import folder, phases, preflight
from crm_acceptance.running.planning import PhasePlan
from crm_acceptance.systems import find

BEHAVIOUR = {
    "json": (200, "application/json", b'{"token": "t"}'),
    "html": (200, "text/html", b"<html>welcome</html>"),
    "denied": (401, "application/json", b"{}"),
    "list": (200, "application/json", b"[]"),
    "empty": (200, "application/json", b"{}"),
    "broken": (500, "text/html", b"oops"),
}


class Strange(http.server.BaseHTTPRequestHandler):
    """Answers as the first part of the path says: /html/login answers HTML."""

    patience = threading.Event()

    def answer(self) -> None:
        kind = self.path.split("/")[1]
        self.rfile.read(int(self.headers.get("content-length", 0)))
        if kind == "slow":
            self.patience.wait(20)
        if kind == "redirect" and not self.path.endswith("/sso/login.html"):
            self.send_response(302)
            self.send_header("Location", "/redirect/sso/login.html")
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        status, type_, body = BEHAVIOUR.get(kind, BEHAVIOUR["html"])
        self.send_response(status)
        self.send_header("Content-Type", type_)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST = answer

    def log_message(self, *words: object) -> None: ...


@pytest.fixture
def address() -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Strange)
    server.daemon_threads = True
    Strange.patience.clear()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    Strange.patience.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> profile.Profile:
    made = tiny_workspace.make(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path / "guest"))
    monkeypatch.setenv("CRM_ACCEPTANCE_PASSWORD", "geheim-1")
    return profile.load(made.path)


def test_a_site_that_answers_is_fine(address: str) -> None:
    preflight.answering(Site("tiny", f"{address}/html"), 5)


def test_a_site_that_is_down_is_out_of_reach(address: str) -> None:
    with pytest.raises(SiteOutOfReach, match="连不上：Connection refused"):
        preflight.answering(Site("tiny", "http://127.0.0.1:9"), 5)


def test_a_host_that_does_not_exist_is_out_of_reach() -> None:
    with pytest.raises(SiteOutOfReach, match="连不上"):
        preflight.answering(Site("tiny", "http://no-such-host.invalid"), 5)


def test_a_site_that_is_silent_is_out_of_reach(address: str) -> None:
    with pytest.raises(SiteOutOfReach, match=r"在 0\.3 秒内没有应答"):
        preflight.answering(Site("tiny", f"{address}/slow"), 0.3)


def test_a_site_that_fails_itself_is_out_of_reach(address: str) -> None:
    with pytest.raises(SiteOutOfReach, match="HTTP 500"):
        preflight.answering(Site("tiny", f"{address}/broken"), 5)


def test_everybody_who_can_sign_in_is_fine(address: str, told: profile.Profile) -> None:
    preflight.logins(told, catalogue.load(told), Site("tiny", f"{address}/json"))


@pytest.mark.parametrize(("kind", "said"), [("html", "不是 JSON"), ("redirect", "登录页")])
def test_html_instead_of_json_is_out_of_reach(address: str, told: profile.Profile, kind: str, said: str) -> None:
    with pytest.raises(SiteOutOfReach, match=said):
        preflight.logins(told, catalogue.load(told), Site("tiny", f"{address}/{kind}"))


@pytest.mark.parametrize("kind", ["list", "empty"])
def test_a_sign_in_answered_in_another_shape_is_out_of_reach_and_no_crash(
    address: str, told: profile.Profile, kind: str
) -> None:
    with pytest.raises(SiteOutOfReach, match="看不懂"):
        preflight.logins(replace(told, system="refcrm"), catalogue.load(told), Site("refcrm", f"{address}/{kind}"))


def test_a_wrong_password_names_everybody_it_concerns(address: str, told: profile.Profile) -> None:
    with pytest.raises(WrongUse, match=r"李娜（lina）密码不对；吴芳（wufang）密码不对.*CRM_ACCEPTANCE_PASSWORD"):
        preflight.logins(told, catalogue.load(told), Site("tiny", f"{address}/denied"))


def test_one_who_is_refused_is_named_and_the_rest_goes_on(
    address: str, told: profile.Profile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preflight, "_refused", lambda doors, person: "密码不对" if person.key == "lina" else "")
    assert preflight.logins(told, catalogue.load(told), Site("tiny", f"{address}/json")) == {"lina": "密码不对"}


def test_whoever_is_refused_comes_on_no_stage(told: profile.Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(actors.MUTE_ENV, "lina")
    doors = actors.Doors(find("refcrm"), Site("refcrm", "http://127.0.0.1:9"), lambda person: "geheim-1")
    cast = actors.Cast(catalogue.load(told).people.values(), doors)
    with pytest.raises(Unproven, match="李娜登录不了"):
        cast["李娜"]
    assert cast["wufang"].person.key == "wufang"


def test_a_missing_password_names_the_variable(told: profile.Profile, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CRM_ACCEPTANCE_PASSWORD")
    monkeypatch.setenv("CRM_ACCEPTANCE_PASSWORD_LINA", "geheim-2")
    with pytest.raises(WrongUse, match=r"没有这些人的密码：吴芳.*CRM_ACCEPTANCE_PASSWORD_<KEY>"):
        preflight.passwords(told, catalogue.load(told))


def test_no_browser_names_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_ACCEPTANCE_BROWSER", "/nowhere/chromium")
    with pytest.raises(WrongUse, match=r"3 个界面检查需要浏览器.*--without-browser"):
        preflight.browser([PhasePlan("scenarios", (), {}, 3)])


def test_without_checks_on_screen_no_browser_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_ACCEPTANCE_BROWSER", "/nowhere/chromium")
    preflight.browser([PhasePlan("scenarios", (), {"a": "b"}, 0)])


@pytest.mark.parametrize(
    ("url", "kind", "production"),
    [
        ("https://crm.example-company.cn", "sandbox", True),
        ("https://crm-test.example-company.cn", "sandbox", False),
        ("https://uat.example-company.cn", "sandbox", False),
        ("http://10.1.2.3:8080", "sandbox", False),
        ("http://127.0.0.1:1", "sandbox", False),
        ("https://8.8.8.8", "sandbox", True),
        ("https://crm-test.example-company.cn", "production", True),
        ("https://contest.example-company.cn", "sandbox", True),
    ],
)
def test_what_looks_like_production_is_told_from_what_does_not(url: str, kind: str, production: bool) -> None:
    assert sites.looks_like_production(profile.Profile(Path(), url=url, kind=kind)) is production


def test_production_is_refused_unless_the_profile_agrees_in_words() -> None:
    real = profile.Profile(Path(), url="https://crm.example-company.cn")
    with pytest.raises(WrongUse, match=r"生产环境.*production ="):
        sites.guard(real)
    sites.guard(profile.Profile(Path(), url=real.url, production=profile.CONSENTS[0]))
    with pytest.raises(WrongUse):
        sites.guard(profile.Profile(Path(), url=real.url, production="yes"))


def test_a_reports_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file")
    with pytest.raises(WrongUse, match=r"报告目录写不进去.*--out"):
        folder.fresh(tmp_path / "reports", "tiny")


def test_a_read_only_reports_folder_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr(Path, "mkdir", refuse)  # file modes say nothing to root, who may be running this
    with pytest.raises(WrongUse, match="Read-only file system"):
        folder.fresh(tmp_path / "reports", "tiny")


def test_a_full_disk_is_noticed_before_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = type(shutil.disk_usage(tmp_path))(10**9, 10**9 - 10**6, 10**6)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(WrongUse, match="磁盘只剩 1 MB"):
        folder.fresh(tmp_path / "reports", "tiny")


def test_a_site_is_never_given_more_workers_than_it_bears() -> None:
    plan = PhasePlan("scenarios", (), {"a": "", "b": "", "c": ""}, 0)
    assert phases.workers("auto", plan) == ["-n", "2"]
    assert phases.workers("3", plan, bearable=1) == ["-n", "0"]
    assert phases.workers("3", plan, bearable=2) == ["-n", "2"]
