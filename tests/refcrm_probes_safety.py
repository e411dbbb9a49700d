"""One look at the CRM per planted mistake about secrets, true while the CRM is healthy."""

from __future__ import annotations

import hashlib
import re
import sqlite3
from contextlib import closing
from typing import Any

import requests
from refcrm_process import PASSWORD, Crm, Person, fresh, mobile

STRANGER = "https://evil.example"


def _newcomer(crm: Crm) -> str:
    login = f"safe{mobile()}"
    account = {"login": login, "name": fresh("安全"), "role": "sales_rep", "password": PASSWORD}
    assert crm["fenglei"].post("/users", account).status_code == 201
    return login


def _by_api(crm: Crm, login: str, password: str) -> requests.Response:
    return requests.post(f"{crm.url}/api/v1/login", json={"username": login, "password": password}, timeout=30)


def _by_page(crm: Crm, login: str, password: str, planted: str = "") -> requests.Response:
    """The answer to the form, redirects not followed."""
    http = requests.Session()
    if planted:
        http.cookies.set("refcrm_session", planted)
    page = http.get(f"{crm.url}/login", timeout=30).text
    found = re.search(r'name="csrf" value="([^"]+)"', page)
    assert found
    form = {"username": login, "password": password, "csrf": found[1], "next": "/"}
    return http.post(f"{crm.url}/login", data=form, allow_redirects=False, timeout=30)


def _cookie(crm: Crm) -> str:
    answer = _by_page(crm, "lina", PASSWORD)
    assert answer.status_code == 303
    return next(str(line) for line in answer.headers["set-cookie"].split(", ") if line.startswith("refcrm_session="))


def _locks(crm: Crm, attempt: Any) -> bool:
    login = _newcomer(crm)
    said = {attempt(crm, login, f"wrong-{number}").status_code for number in range(10)}
    return 429 in said and attempt(crm, login, PASSWORD).status_code == 429


def lockout_missing(crm: Crm) -> bool:
    return _locks(crm, _by_api)


def lockout_misses_web(crm: Crm) -> bool:
    return _locks(crm, _by_page)


def login_tells_account(crm: Crm) -> bool:
    known, unknown = (_by_api(crm, login, "wrong-words").json() for login in (_newcomer(crm), f"nobody{mobile()}"))
    return bool(known == unknown)


def session_fixation(crm: Crm) -> bool:
    answer = _by_page(crm, "lina", PASSWORD, "chosen-beforehand")
    return answer.status_code == 303 and "chosen-beforehand" not in answer.headers["set-cookie"]


def login_reuses_session(crm: Crm) -> bool:
    login = _newcomer(crm)
    first, second = (_by_api(crm, login, PASSWORD).json()["token"] for _ in range(2))
    return bool(first != second)


def token_never_expires(crm: Crm) -> bool:
    return bool(_by_api(crm, "lina", PASSWORD).json()["expires_in"] <= 12 * 3600)


def token_compared_in_part(crm: Crm) -> bool:
    person = Person(crm.url, "lina")
    token = str(person.http.headers["Authorization"])
    person.http.headers["Authorization"] = f"{token[:-1]}{'A' if token[-1] != 'A' else 'B'}"
    return person.get("/me").status_code == 401


def web_logout_keeps_session(crm: Crm) -> bool:
    cookie = {"Cookie": _cookie(crm).partition(";")[0]}
    home = requests.get(f"{crm.url}/", headers=cookie, timeout=30).text
    found = re.search(r'name="csrf" value="([^"]+)"', home)
    assert found
    requests.post(f"{crm.url}/logout", data={"csrf": found[1]}, headers=cookie, allow_redirects=False, timeout=30)
    return requests.get(f"{crm.url}/", headers=cookie, allow_redirects=False, timeout=30).status_code == 303


def cookie_readable_by_scripts(crm: Crm) -> bool:
    return "httponly" in _cookie(crm).lower()


def cookie_sent_cross_site(crm: Crm) -> bool:
    return "samesite=lax" in _cookie(crm).lower()


def _header(crm: Crm, name: str, **headers: str) -> str:
    answer = crm["lina"].http.get(f"{crm.url}/api/v1/customers?size=1", headers=headers, timeout=30)
    return str(answer.headers.get(name, ""))


def no_store_missing(crm: Crm) -> bool:
    return _header(crm, "cache-control") == "no-store"


def nosniff_missing(crm: Crm) -> bool:
    return _header(crm, "x-content-type-options") == "nosniff"


def _page_says(crm: Crm, name: str) -> str:
    return requests.get(f"{crm.url}/login", timeout=30).headers.get(name, "")


def frames_allowed(crm: Crm) -> bool:
    policy = _page_says(crm, "content-security-policy")
    return _page_says(crm, "x-frame-options") == "DENY" and "frame-ancestors 'none'" in policy


def scripts_unrestricted(crm: Crm) -> bool:
    return "default-src 'none'" in _page_says(crm, "content-security-policy")


def cors_reflects_origin(crm: Crm) -> bool:
    return _header(crm, "access-control-allow-origin", Origin=STRANGER) != STRANGER


def stack_trace_in_errors(crm: Crm) -> bool:
    return "Traceback" not in crm["lina"].http.post(f"{crm.url}/api/v1/customers", json=[1], timeout=30).text


def sql_in_errors(crm: Crm) -> bool:
    return "SELECT" not in crm["lina"].get("/customers", sort="no-such").text


def version_in_headers(crm: Crm) -> bool:
    return not _header(crm, "x-powered-by")


def token_in_address(crm: Crm) -> bool:
    return _by_page(crm, "lina", PASSWORD).headers["location"] == "/"


def address_tells_phone(crm: Crm) -> bool:
    phone = mobile()
    made = crm["lina"].post("/customers", {"name": fresh("网址"), "phone": phone})
    return made.status_code == 201 and phone not in made.headers.get("location", "")


def _kept(crm: Crm, login: str) -> str:
    with closing(sqlite3.connect(crm.store)) as database:
        return str(database.execute("SELECT password FROM users WHERE login = ?", (login,)).fetchone()[0])


def password_plain_at_rest(crm: Crm) -> bool:
    return PASSWORD not in _kept(crm, _newcomer(crm))


def password_hashed_bare(crm: Crm) -> bool:
    return hashlib.md5(PASSWORD.encode()).hexdigest() not in _kept(crm, _newcomer(crm))


def password_unsalted(crm: Crm) -> bool:
    return _kept(crm, _newcomer(crm)) != _kept(crm, _newcomer(crm))


def password_in_audit(crm: Crm) -> bool:
    login = _newcomer(crm)
    with closing(sqlite3.connect(crm.store)) as database:
        rows = database.execute("SELECT new FROM audit WHERE record_id = ?", (login,)).fetchall()
    return bool(rows) and all(row[0] != PASSWORD for row in rows)
