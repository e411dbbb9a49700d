"""Secrets and personal data do not reach the disk; what people need to read stays."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest
from allure_commons.model2 import Label
from allure_commons.model2 import TestResult as AllureResult

from crm_acceptance import evidence
from crm_acceptance.gherkin.writing import Writer
from crm_acceptance.systems.flow import Answer, Call

SECRET = "Geheim-9-Wort"


@pytest.mark.parametrize(
    ("text", "gone"),
    [
        ("Authorization: Bearer abcdef123456", "abcdef123456"),
        ("Set-Cookie: session=s3cr3tvalue; Path=/", "s3cr3tvalue"),
        ('{"password": "p1", "name": "李娜"}', "p1"),
        ("{'access_token': 'tok\\'en-1'}", "en-1"),
        ("username=lina&password=p1&next=/", "=p1"),
        ('{"密码": "p-1"}', "p-1"),
        ("手机 13812345678", "1234"),
        ("电话 138 1234 5678", "1234"),
        ("身份证 110101199003071234", "19900307"),
        ("邮箱 li.na@example.com", "li.na"),
    ],
)
def test_secrets_and_personal_data_are_masked(text: str, gone: str) -> None:
    assert gone not in evidence.mask(text)


@pytest.mark.parametrize(
    "text", ["订单 20261122000138 金额 13812.34", "SALES-001 登记线索", "2026-11-22T10:15:00Z", "password reset page"]
)
def test_what_is_no_secret_stays(text: str) -> None:
    assert evidence.mask(text) == text


def test_a_masked_mobile_number_can_still_be_told_from_another() -> None:
    assert evidence.mask("13812345678 与 13912345679") == "138****5678 与 139****5679"


def test_a_known_secret_is_masked_wherever_it_stands(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "_secrets", set())
    evidence.keep_secret(SECRET, "kurz")
    assert evidence.mask(f"a{SECRET}b kurz") == "a******b kurz"


def test_environment_variables_named_like_secrets_are_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "_secrets", set())
    monkeypatch.setenv("CRM_ACCEPTANCE_PASSWORD_LINA", SECRET)
    evidence.keep_environment_secrets("CRM_ACCEPTANCE_PASSWORD")
    assert SECRET in evidence.known_secrets()


def test_an_exchange_is_shown_masked_and_forgotten_by_the_next_check(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []
    monkeypatch.setattr("allure.attach", lambda body, **_: shown.append(body))
    call = Call("POST", "/login", json={"username": "lina", "password": "p1-word"})
    evidence.start_check()
    evidence.exchange("李娜", call, Answer(200, {}, b'{"token": "abc-def-ghi"}'))
    assert evidence.show_exchanges() is not None
    assert "POST /login" in shown[0] and "p1-word" not in shown[0] and "abc-def-ghi" not in shown[0]
    evidence.start_check()
    assert evidence.show_exchanges() is None


def test_evidence_carries_the_hash_of_what_is_on_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr("allure.attach", lambda body, **named: shown.append((body, named["name"])))
    told = evidence.attach("text", "备注", "手机 13812345678")
    assert told.sha256 == evidence.hash_of("手机 138****5678") and told.sha256[:12] in shown[0][1]


def test_what_was_offered_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[Any] = []
    monkeypatch.setattr("allure.attach", lambda body, **_: shown.append(body))
    evidence.start_check()
    evidence.offer(lambda: [("png", "李娜的屏幕", b"picture")])
    evidence.show_offers()
    evidence.show_offers()
    assert shown == [b"picture"]


def test_a_full_disk_ends_the_run_with_a_sentence_and_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(self: Path, *_: object, **__: object) -> None:
        self.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(pytest.exit.Exception, match="No space left on device"):
        Writer(tmp_path, {})(AllureResult(uuid="u", name="n"))
    assert list(tmp_path.iterdir()) == []


def test_hiding_a_careless_password_does_not_hide_which_check_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(evidence, "_secrets", set())
    evidence.keep_secret("sales1")
    result = AllureResult(uuid="u", name="sales1 登录", labels=[Label("nodeid", "features/sales1.feature::test_x")])
    Writer(tmp_path, {})(result)
    written = (tmp_path / "u-result.json").read_text()
    assert "features/sales1.feature" in written and "****** 登录" in written
