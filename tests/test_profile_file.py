"""acceptance.toml: what is right is read, what is wrong is told with what is known."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from crm_acceptance import profile
from crm_acceptance.errors import WrongUse

FULL = """
system = "refcrm"
[site]
url = "https://crm-test.example/"
kind = "sandbox"
timeout = 3
[secrets]
password = "OUR_PASSWORD"
[tables]
permissions = "security/permissions.csv"
contract = "security/openapi/refcrm.json"
[gate]
departments = ["sales", "it"]
[launch]
size = 300
[systems.tryton]
permissions = "security/permissions.tryton.csv"
contract = ""
launch = {}
"""


def written(folder: Path, text: str) -> Path:
    (folder / "acceptance.toml").write_bytes(text.encode())
    return folder


def test_a_full_profile_is_read(tmp_path: Path) -> None:
    told = profile.load(written(tmp_path, FULL))
    assert (told.system, told.url, told.timeout) == ("refcrm", "https://crm-test.example", 3.0)
    assert told.departments == ("sales", "it") and told.launch == {"size": "300"}
    assert told.path("permissions") == tmp_path / "security/permissions.csv"


def test_another_system_has_its_own_tables_and_not_the_others_address(tmp_path: Path) -> None:
    told = profile.load(written(tmp_path, FULL), "tryton")
    assert told.permissions == "security/permissions.tryton.csv" and told.path("contract") is None
    assert told.url == "" and told.launch == {} and told.password == "OUR_PASSWORD"


def test_an_empty_profile_means_the_defaults(tmp_path: Path) -> None:
    assert profile.load(written(tmp_path, "")).system == "refcrm"


def test_the_digest_changes_with_the_file(tmp_path: Path) -> None:
    before = profile.load(written(tmp_path, FULL)).digest
    assert profile.load(written(tmp_path, FULL + "\n")).digest != before


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('sistem = "x"', "did you mean system"),
        (
            '[site]\nadress = "x"',
            "known: approval, budget, ca, cleaner, fuzz_writes, kind, metrics, production, rate, timeout, url, workers",
        ),
        ("[site]\ntimeout = 'fast'", "site.timeout 应当是 float"),
        ('[site]\nkind = "live"', "known: production, reference, sandbox, stand-in"),
        ('[site]\nurl = "crm.example"', "http"),
        ('[secrets]\npassword = "Geheim 47!"', "环境变量的名字"),
        ('[gate]\ndepartments = ["sale"]', "did you mean sales"),
        ('[systems.tryton]\npeeks = "x"', "did you mean peaks"),
        ("site = 3", "应当是一个表"),
        ("a = [", "TOML"),
        ("systems = 3", "[systems.<name>]"),
        ("[site]\ntimeout = -1", "现在是 -1"),
        ("[site]\ntimeout = 0", "现在是 0"),
        ("[site]\ntimeout = nan", "现在是 nan"),
        ('[site]\nurl = "http://[::1"', "http"),
        ('[site]\nurl = "http://127.0.0.1:99999"', "http"),
        ('[gate]\ndepartments = [["sales"]]', "部门"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(WrongUse) as told:
        profile.load(written(tmp_path, text))
    assert said in str(told.value)


def test_a_profile_in_gbk_is_told_to_be_utf8(tmp_path: Path) -> None:
    (tmp_path / "acceptance.toml").write_bytes("# 验收".encode("gbk"))
    with pytest.raises(WrongUse, match="UTF-8"):
        profile.load(tmp_path)


def test_no_profile_says_how_to_get_one(tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="crm-acceptance init"):
        profile.load(tmp_path)


def test_the_workspace_is_found_from_below(tmp_path: Path) -> None:
    (tmp_path / "features" / "sales").mkdir(parents=True)
    written(tmp_path, "")
    assert profile.find_workspace(tmp_path / "features" / "sales") == tmp_path


def test_a_changed_mapping_file_is_another_system(tmp_path: Path) -> None:
    (tmp_path / "acceptance.toml").write_text('system = "acme"\n[tables]\nmapping = "m.toml"\n', "utf-8")
    (tmp_path / "m.toml").write_text('title = "A"\n', "utf-8")
    before = profile.load(tmp_path).digest
    (tmp_path / "m.toml").write_text('title = "B"\n', "utf-8")
    assert profile.load(tmp_path).digest != before


def test_a_mapping_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    (tmp_path / "acceptance.toml").write_text('system = "acme"\n[tables]\nmapping = "m.toml"\n', "utf-8")
    with pytest.raises(WrongUse, match=r"m\.toml"):
        profile.load(tmp_path)


def test_every_example_of_the_profile_can_be_taken_in_at_once() -> None:
    lines = (Path(__file__).parents[1] / "acceptance.toml").read_text("utf-8").splitlines()
    taken_in = [re.sub(r"^# (?=\[|[\w.]+ = )", "", line) for line in lines]
    assert {"signatories", "documents", "golive", "trackers", "gate"} <= set(tomllib.loads("\n".join(taken_in)))


def test_a_run_is_held_against_the_profile_of_a_system_that_is_named_and_no_other(tmp_path: Path) -> None:
    (tmp_path / "acceptance.toml").write_text('system = "acme"\n[systems.tryton]\nurl = "http://t.example"\n', "utf-8")
    held = {system: profile.for_run(tmp_path, system).system for system in ("acme", "tryton", "refcrm", "")}
    assert held == {"acme": "acme", "tryton": "tryton", "refcrm": "acme", "": "acme"}
