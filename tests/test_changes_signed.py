"""An approval bears its signature: a name that anybody typed, or a line that anybody wrote, approves nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from test_changes_requests import AGREED, BOTH, PEOPLE, REWORDED, refused

from crm_acceptance import contents, logbook, profile
from crm_acceptance.changes import book, signed, telling
from crm_acceptance.changes.asking import ask, baseline
from crm_acceptance.changes.book import APPROVAL, APPROVED, OPEN
from crm_acceptance.changes.deciding import decide, entitled
from crm_acceptance.changes.terms import terms
from crm_acceptance.profile import Profile
from crm_acceptance.sealing import envelope as envelopes
from crm_acceptance.sealing.keys import PublicKey

TERMS = 'system = "refcrm"\n[changes]\nrequired = true\napprovers = ["陈静", "sunhao"]\n'


class Office:
    """A workspace with an open request, and the keys of its people."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.keys = {name: Ed25519PrivateKey.generate() for name in ("chenjing", "sunhao", "lina", "stranger")}
        (folder / "fixtures").mkdir()
        (folder / "fixtures" / "people.csv").write_text(PEOPLE, "utf-8")
        (folder / "signatories").mkdir()
        for name in ("chenjing", "sunhao", "lina"):
            (folder / "signatories" / f"{name}.pub").write_bytes(PublicKey(self.keys[name].public_key()).pem)
        self.lay()
        baseline(self.profile, "陈静", AGREED)
        ask(self.profile, "李娜", "统一用语", now=REWORDED)

    def lay(self, more: str = "", **named: str) -> None:
        """The profile: 陈静 is named as a signatory, 孙浩 below [changes.keys] only."""
        own = {"chenjing": self.print_of("chenjing"), "sunhao": self.print_of("sunhao"), **named}
        sales = f'[[signatories.sales.people]]\nperson = "chen.jing"\nkey = "{own["chenjing"]}"\n'
        lina = f'[[signatories.sales.people]]\nperson = "lina"\nkey = "{self.print_of("lina")}"\n'
        text = f'{TERMS}{more}[changes.keys]\n"孙浩" = "{own["sunhao"]}"\n{sales}{lina}'
        (self.folder / "acceptance.toml").write_text(text, "utf-8")

    def print_of(self, name: str) -> str:
        return PublicKey(self.keys[name].public_key()).fingerprint

    @property
    def profile(self) -> Profile:
        return profile.load(self.folder)

    def approve(self, by: str, key: str | None) -> str:
        return decide(self.profile, "CR-1", by, True, "同意", REWORDED, self.keys[key] if key else None).state

    def state(self) -> str:
        return signed.read(self.profile).requests[0].state

    def forge(self, change: Callable[[dict[str, Any]], object]) -> None:
        """Whoever may write the file writes it anew from the beginning, chain, head and all."""
        file = book.path(self.folder)
        lines = [(one.kind, dict(one.body)) for one in logbook.read(file).entries]
        for path in (file, logbook.head_of(file)):
            path.unlink()
        for kind, body in lines:
            if kind == APPROVAL:
                change(body)
            logbook.append(file, kind, body)

    def revoke(self, name: str) -> None:
        """As `keys revoke` writes it."""
        said = {"revokes": self.print_of(name), "reason": "电脑丢了", "key": self.print_of("lina")}
        sealed = envelopes.seal(envelopes.REVOCATION, said, self.keys["lina"])
        logbook.append(self.folder / logbook.FOLDER / signed.SIGNOFF_FILE, envelopes.REVOCATION, {"envelope": sealed})


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return Office(tmp_path)


@pytest.mark.parametrize(("by", "key"), [("陈静", "chenjing"), ("sunhao", "sunhao")])
def test_a_signed_approval_counts_and_is_shown_as_signed(office: Office, by: str, key: str) -> None:
    assert office.approve(by, key) == APPROVED
    assert contents.changed(signed.read(office.profile).agreed, REWORDED) == {}
    assert "批准 yes（已签名 signed）" in "".join(
        telling.request(terms(office.profile), signed.read(office.profile).requests[0])
    )


@pytest.mark.parametrize(
    ("by", "key", "word"),
    [
        ("陈静", None, "批准要用密钥签名"),
        ("陈静", "sunhao", "登记的不是密钥"),
        ("陈静", "lina", "登记的不是密钥"),
        ("陈静", "stranger", "登记的不是密钥"),
        ("吴芳", "stranger", "不是变更审批人"),
    ],
)
def test_no_key_or_another_key_approves_nothing(office: Office, by: str, key: str | None, word: str) -> None:
    before = book.path(office.folder).read_bytes()
    refused(lambda: office.approve(by, key), word)
    assert book.path(office.folder).read_bytes() == before


def test_who_may_not_approve_is_told_before_a_passphrase_is_typed(office: Office) -> None:
    assert entitled(office.profile, "CR-1", "chen.jing") == "chenjing"
    refused(lambda: entitled(office.profile, "CR-1", "李娜"), "不是变更审批人")


def other(**news: object) -> Callable[[dict[str, Any]], object]:
    return lambda body: body.update(news)


FORGERIES: dict[str, tuple[Callable[[dict[str, Any]], object], str]] = {
    "the signature is taken off": (lambda body: body.pop("envelope"), "没有签名"),
    "another is said to have signed": (other(by="sunhao"), "签的不是这份申请"),
    "another reason": (other(reason="大家都同意"), "签的不是这份申请"),
    "one byte of the signature": (
        lambda body: body["envelope"]["signatures"][0].update(sig="A" + body["envelope"]["signatures"][0]["sig"][1:]),
        "签名验不过",
    ),
    "an envelope of another kind": (
        lambda body: body["envelope"].update(payloadType=envelopes.payload_type(envelopes.SIGNATURE)),
        "",
    ),
    "no envelope at all": (other(envelope={"payload": 7}), ""),
}


@pytest.mark.parametrize("name", FORGERIES)
def test_a_journal_written_anew_approves_nothing(name: str, office: Office) -> None:
    office.approve("陈静", "chenjing")
    change, word = FORGERIES[name]
    office.forge(change)
    assert not signed.read(office.profile).problems, "the chain itself is whole"
    assert office.state() == OPEN
    assert word in signed.read(office.profile).requests[0].decisions[0].problem != ""
    assert office.approve("孙浩", "sunhao") == APPROVED, "somebody else can approve it still"


def test_a_signed_approval_does_not_fit_other_words(office: Office) -> None:
    office.approve("陈静", "chenjing")
    file = book.path(office.folder)
    lines = [(one.kind, json.loads(json.dumps(one.body))) for one in logbook.read(file).entries]
    lines[1][1]["after"] = book.plain(book.part(BOTH, ["FIN-001"]))
    lines[1][1]["what"] = {"FIN-001": "悄悄换的"}
    for path in (file, logbook.head_of(file)):
        path.unlink()
    for kind, body in lines:
        logbook.append(file, kind, body)
    assert office.state() == OPEN


def test_a_key_that_was_revoked_anywhere_or_replaced_approves_no_more(office: Office) -> None:
    office.approve("陈静", "chenjing")
    office.lay(chenjing=office.print_of("stranger"))
    assert office.state() == OPEN
    office.lay(f'[signatories]\nrevoked = ["{office.print_of("chenjing")}"]\n')
    assert office.state() == OPEN
    office.lay()
    assert office.state() == APPROVED
    office.revoke("chenjing")
    assert office.state() == OPEN and "已吊销" in signed.read(office.profile).requests[0].decisions[0].problem


def test_when_nobody_knows_what_was_revoked_nothing_is_approved(office: Office) -> None:
    office.approve("陈静", "chenjing")
    office.revoke("sunhao")
    file = office.folder / logbook.FOLDER / signed.SIGNOFF_FILE
    file.write_bytes(file.read_bytes()[:-9])
    assert office.state() == OPEN


def test_a_person_with_an_older_key_is_named_with_both(office: Office) -> None:
    office.approve("sunhao", "sunhao")
    office.lay(sunhao=office.print_of("lina"))
    assert office.state() == OPEN
    keys = f'"sunhao" = ["{office.print_of("lina")}", "{office.print_of("sunhao")}"]'
    (office.folder / "acceptance.toml").write_text(f"{TERMS}[changes.keys]\n{keys}\n", "utf-8")
    assert office.state() == APPROVED


def test_unsigned_approvals_count_only_while_the_profile_says_so_and_are_marked(office: Office) -> None:
    office.lay()
    (office.folder / "acceptance.toml").write_text(f"{TERMS}unsigned = true\n", "utf-8")
    assert office.approve("陈静", None) == APPROVED
    [request] = signed.read(office.profile).requests
    assert "未签名 unsigned" in "".join(telling.request(terms(office.profile), request))
    assert telling.plain(request)["decisions"][0]["signed"] is False
    office.lay()
    assert office.state() == OPEN


@pytest.mark.parametrize("said", ['keys = ["x"]', '[changes.keys]\nsunhao = "kurz"', "unsigned = 1"])
def test_a_wrong_register_is_told(said: str, office: Office) -> None:
    (office.folder / "acceptance.toml").write_text(f"{TERMS}{said}\n", "utf-8")
    refused(lambda: terms(office.profile), "changes")
