"""What the sensitive-data engine reads: declarations, files at rest, internals in answers, cookies, lifetimes."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import sqlite3
import tarfile
import time
import zipfile
from contextlib import closing
from pathlib import Path

import pytest

from crm_acceptance.engines.sensitive import archives, crumbs, declared, internals, lifetimes, needles, salts
from crm_acceptance.engines.sensitive.archives import Allowance
from crm_acceptance.errors import Unproven, WrongUse
from crm_acceptance.systems.flow import Answer

PASSWORD = "Sesam-öffne-1"


def answer(body: str, kind: str = "application/json", status: int = 500, **headers: str) -> Answer:
    return Answer(status, {"content-type": kind, **headers}, body.encode())


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[loginn]\nattempts = 3", "loginn"),
        ("[login]\nattempt = 3", "attempts"),
        ("[login]\nattempts = 0", "login.attempts"),
        ('[login]\nattempts = "3"', "int"),
        ('[fields]\ncustomr = ["phone"]', "customer"),
        ('[fields]\ncustomer = ["fone"]', "phone"),
        ('[fields]\ncustomer = "phone"', "列表"),
        ('[browser]\ndemanded = ["nosnif"]', "nosniff"),
        ('[storage]\nencrypted = { customer = ["tax"] }', "tax_number"),
        ('[storage]\nfiles = "a.sql"', "storage.files"),
        ("session = 3", "session"),
        ("[login\n", "TOML"),
    ],
)
def test_a_wrong_declaration_is_one_sentence_with_what_is_known(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "sensitive.toml"
    file.write_text(text, "utf-8")
    with pytest.raises(WrongUse, match=said) as wrong:
        declared.load(file, tmp_path)
    assert "\n" not in str(wrong.value)


def test_without_a_file_there_are_defaults_and_a_missing_one_is_named(tmp_path: Path) -> None:
    assert declared.load(None).attempts == 10
    with pytest.raises(WrongUse, match=r"gone\.toml"):
        declared.load(tmp_path / "gone.toml")


def test_paths_of_backups_are_relative_to_the_workspace(tmp_path: Path) -> None:
    file = tmp_path / "sensitive.toml"
    file.write_text('[storage]\nfiles = ["backup/a.sql"]\nencrypted = {}', "utf-8")
    said = declared.load(file, tmp_path)
    assert said.files == (tmp_path / "backup/a.sql",) and said.encrypted == {}


def _packed(how: str, raw: bytes) -> bytes:
    held = io.BytesIO()
    if how == "gz":
        return gzip.compress(raw)
    if how == "zip":
        with zipfile.ZipFile(held, "w") as packed:
            packed.writestr("a/dump.sql", raw)
    else:
        with tarfile.open(fileobj=held, mode="w:gz") as tar:
            one = tarfile.TarInfo("dump.sql")
            one.size = len(raw)
            tar.addfile(one, io.BytesIO(raw))
    return held.getvalue()


FORMS = {
    "plain": PASSWORD.encode(),
    "reversed": PASSWORD[::-1].encode(),
    "utf-16": PASSWORD.encode("utf-16-le"),
    "gbk": PASSWORD.encode("gb18030"),
    "json": json.dumps(PASSWORD).encode(),
    "base64": base64.b64encode(PASSWORD.encode()),
    "hex": PASSWORD.encode().hex().upper().encode(),
    "md5": hashlib.md5(PASSWORD.encode()).hexdigest().upper().encode(),
    "sha512": hashlib.sha512(PASSWORD.encode()).hexdigest().encode(),
    "sha256 base64": base64.b64encode(hashlib.sha256(PASSWORD.encode()).digest()),
}


@pytest.mark.parametrize("how", ["", "gz", "zip", "tar.gz"])
@pytest.mark.parametrize("form", FORMS)
def test_a_password_is_found_in_every_dress_and_every_archive(tmp_path: Path, form: str, how: str) -> None:
    raw = b"x" * (archives.PIECE - 5) + FORMS[form] + b"y" * 100  # across the border of two pieces
    file = tmp_path / f"backup.{how or 'sql'}"
    file.write_bytes(_packed(how, raw) if how else raw)
    found = [archives.found(p, needles.of_password(PASSWORD)) for _, p in archives.streams(file, Allowance(10**8))]
    assert any(found)


def test_a_folder_is_looked_through_and_a_salted_hash_is_no_password(tmp_path: Path) -> None:
    salted = hashlib.scrypt(PASSWORD.encode(), salt=b"saltsalt", n=2, r=1, p=1).hex()
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "users.csv").write_text(f"anna,{salted}\n")
    names = [
        (name, archives.found(pieces, needles.of_password(PASSWORD)))
        for name, pieces in archives.streams(tmp_path, Allowance(10**6))
    ]
    assert names == [("users.csv", set())]


def test_what_is_missing_broken_or_too_large_is_unproven(tmp_path: Path) -> None:
    broken = tmp_path / "broken.gz"
    broken.write_bytes(gzip.compress(b"a" * 10000)[:40])
    large = tmp_path / "large.sql"
    large.write_bytes(b"a" * 3_000_000)
    for path in (tmp_path / "gone.sql", broken, large):
        with pytest.raises(Unproven):
            for _, pieces in archives.streams(path, Allowance(2_000_000)):
                archives.found(pieces, needles.of_password(PASSWORD))


def _database(file: Path, *hashes: str) -> Path:
    with closing(sqlite3.connect(file)) as database, database:
        database.execute("CREATE TABLE konto (benutzer TEXT, mandant TEXT, kennwort_hash TEXT)")
        for login, one in zip(("anna", "bert"), hashes, strict=True):
            database.execute("INSERT INTO konto VALUES (?, 'a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4', ?)", (login, one))
    return file


def test_equal_hashes_of_equal_passwords_are_found_in_a_database(tmp_path: Path) -> None:
    groups = [["anna", "bert"]]
    same = salts.judged(_database(tmp_path / "a.db", "f" * 64, "f" * 64), groups, Allowance(10**6))
    other = salts.judged(_database(tmp_path / "b.db", "f" * 64, "e" * 64), groups, Allowance(10**6))
    assert same.findings and other.looked and not other.findings


@pytest.mark.parametrize("packed", [False, True])
def test_and_in_the_text_of_a_dump_where_a_tenant_is_no_hash(tmp_path: Path, packed: bool) -> None:
    tenant = "a1b2c3d4a1b2c3d4a1b2c3d4a1b2c3d4"

    def dump(one: str, other: str) -> Path:
        text = (
            f"INSERT INTO t VALUES (1,'Firma','{tenant}');\n"
            f"INSERT INTO konto VALUES (1,'anna','{tenant}','{one}'),(2,'bert','{tenant}','{other}');\n"
        )
        file = tmp_path / f"{one[0]}{other[0]}.sql"
        file.write_bytes(gzip.compress(text.encode()) if packed else text.encode())
        return file

    groups = [["anna", "bert"]]
    assert salts.judged(dump("f" * 64, "f" * 64), groups, Allowance(10**6)).findings
    right = salts.judged(dump("f" * 64, "e" * 64), groups, Allowance(10**6))
    assert right.looked and not right.findings


INSIDE = [
    'Traceback (most recent call last):\n  File "/srv/crm/app.py", line 10, in <module>',
    "java.lang.NullPointerException\n\tat com.acme.crm.Customer.read(Customer.java:42)",
    "TypeError: x\n    at Object.get (/srv/crm/index.js:10:5)",
    "Fatal error: Uncaught Error in /var/www/html/index.php on line 3",
    "SQLSTATE[42S22]: Column not found",
    "You have an error in your SQL syntax near ''1''",
    "SELECT id, phone FROM customers WHERE owner = 3",
    "System.NullReferenceException: Object reference\n   at Crm.Api.Get() in C:\\crm\\Api.cs:line 12",
    "cannot open /var/lib/crm/data.db",
    "goroutine 1 [running]:\nmain.main()",
    "nginx/1.18.0 (Ubuntu)",
]


@pytest.mark.parametrize("text", INSIDE)
def test_internals_are_known_in_many_tongues_in_json_too(text: str) -> None:
    assert list(internals.told(answer(text, "text/plain")))
    assert list(internals.told(answer(json.dumps({"error": text}))))


@pytest.mark.parametrize(
    "text",
    [
        '{"error": {"code": "invalid", "message": "请求内容不符合要求:name。"}}',
        "Please select a customer from the list where you work.",
        "Not Found: /api/v1/customers/999",
        '{"path": "/opt/", "at": "2026-11-22 10:00:01", "file": "报价.pdf"}',
        "Internal Server Error",
    ],
)
def test_plain_refusals_are_no_internals(text: str) -> None:
    assert list(internals.told(answer(text))) == []


def test_words_that_the_company_forbids_and_scripts_of_a_page() -> None:
    page = "<html><script>at foo (/srv/a/index.js:1:2)</script>ok erp-intern-03</html>"
    assert list(internals.told(answer(page, "text/html"))) == []
    assert list(internals.told(answer(page, "text/html"), ["ERP-intern"]))


def test_headers_tell_versions_only_with_a_number() -> None:
    assert list(internals.versions(answer("", server="uvicorn", via="1.1 gateway"))) == []
    assert list(internals.versions(answer("", server="nginx/1.18.0")))
    assert list(internals.versions(answer("", **{"x-powered-by": "PHP/8.1"})))


def test_cookies_are_read_with_commas_in_their_dates() -> None:
    line = "a=1; Expires=Wed, 21 Oct 2037 07:28:00 GMT; Path=/, b=two; HttpOnly; SameSite=Lax, c=; Max-Age=0"
    found = crumbs.set_by(answer("", **{"set-cookie": line}))
    assert [one.name for one in found] == ["a", "b", "c"]
    assert found[0].seconds and found[0].seconds > 10**6 and "httponly" in found[1].attributes
    assert crumbs.held({"c": "old"}, answer("", **{"set-cookie": line})) == {"a": "1", "b": "two"}


def test_a_lifetime_is_a_length_or_a_moment() -> None:
    now = time.time()
    for value in (3600, now + 3600, (now + 3600) * 1000):
        assert abs(lifetimes.seconds_of(float(value), now) - 3600) < 2
