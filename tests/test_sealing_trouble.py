"""Keys and bundles that somebody else made: a sentence and the part that is wrong, never a traceback, never a yes."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
import rfc8785
import signing_room
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from securesystemslib.dsse import Envelope
from securesystemslib.signer import CryptoSigner, SSlibKey

from crm_acceptance import chain
from crm_acceptance.commands import sealing as command
from crm_acceptance.errors import WrongUse
from crm_acceptance.sealing import keys
from crm_acceptance.sealing.bundle import KEY, STATEMENT, bundle, verify
from crm_acceptance.sealing.keys import PublicKey
from crm_acceptance.sealing.packing import Broken, packed, unpacked
from crm_acceptance.sealing.statement import PAYLOAD_TYPE, PREDICATE
from crm_acceptance.signoff import bundled

PASSPHRASE = "一个足够长的口令"
FORGER = Ed25519PrivateKey.generate()


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> signing_room.Room:
    made = signing_room.make(tmp_path_factory.mktemp("ws"))
    made.sign("chenjing")
    return made


@pytest.fixture(scope="module")
def raw(room: signing_room.Room, tmp_path_factory: pytest.TempPathFactory) -> bytes:
    where = tmp_path_factory.mktemp("out")
    return bundle(room.run, where / "a.bundle", keys.machine(where), bundled.packed(room.profile)).read_bytes()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "made.bundle"


def zipped(bodies: dict[str, bytes], twice: tuple[str, ...] = (), how: int = zipfile.ZIP_STORED) -> bytes:
    """As a tool that is not ours would pack it."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as made, pytest.warns(UserWarning) if twice else nullcontext():
        for name in (*bodies, *twice):
            made.writestr(zipfile.ZipInfo(name), bodies[name], how)
    return out.getvalue()


PACKED: dict[str, Callable[[dict[str, bytes]], bytes]] = {
    "an entry twice": lambda bodies: zipped(bodies, twice=("run.json",)),
    "folded, so that a little is a lot": lambda bodies: zipped(
        {**bodies, "run.json": b"0" * 50_000_000}, how=zipfile.ZIP_DEFLATED
    ),
    "a file too many": lambda bodies: packed({**bodies, "allure-results/x.json": b"{}"}),
    "a file beside everything": lambda bodies: packed({**bodies, "autorun.sh": b"rm"}),
    "names that differ in case": lambda bodies: packed({**bodies, "RUN.json": bodies["run.json"]}),
    "a name that leaves the bundle": lambda bodies: packed({**bodies, "../run.json": b"{}"}),
    "a file where a folder is": lambda bodies: packed({**bodies, "expected": b"{}"}),
    "a renamed entry": lambda bodies: packed(
        {f"{name}x" if name == "run.json" else name: b for name, b in bodies.items()}
    ),
}


@pytest.mark.parametrize("how", PACKED)
def test_a_bundle_packed_by_others_is_refused(how: str, raw: bytes, file: Path) -> None:
    file.write_bytes(PACKED[how](unpacked(raw)))
    with pytest.raises(Broken):
        verify(file)


def stated(said: object, payload: bytes | None = None) -> bytes:
    envelope = Envelope(payload if payload is not None else rfc8785.dumps(said), PAYLOAD_TYPE, {})
    shown = PublicKey(FORGER.public_key())
    envelope.sign(CryptoSigner(FORGER, SSlibKey.from_crypto(shown.key, keyid=shown.fingerprint)))
    return rfc8785.dumps(envelope.to_dict())


@pytest.mark.parametrize(
    "said",
    [
        {"predicateType": PREDICATE},
        {"predicateType": PREDICATE, "subject": []},
        {"predicateType": PREDICATE, "subject": [{"name": "r", "digest": {}}], "predicate": {}},
        {"predicateType": PREDICATE, "subject": "run", "predicate": {"configuration": 3}},
    ],
)
def test_a_statement_that_lacks_its_parts_is_refused(said: dict[str, object], raw: bytes, file: Path) -> None:
    mine = PublicKey(FORGER.public_key()).pem
    file.write_bytes(packed({**unpacked(raw), KEY: mine, STATEMENT: stated(said)}))
    with pytest.raises(Broken, match="statement"):
        verify(file)


def test_a_statement_about_nothing_bound_is_refused(room: signing_room.Room, raw: bytes, file: Path) -> None:
    head = chain.read(room.run).head
    said = {"predicateType": PREDICATE, "subject": [{"name": "r", "digest": {"sha256": head}}], "predicate": {}}
    mine = PublicKey(FORGER.public_key()).pem
    file.write_bytes(packed({**unpacked(raw), KEY: mine, STATEMENT: stated(said)}))
    with pytest.raises(Broken, match="statement"):
        verify(file)


@pytest.mark.parametrize("line", ['"size":1e999', '"n":99999999999999999999', '"path":5', '"path":null', "[" * 90_000])
def test_a_line_of_the_chain_that_says_the_impossible_is_no_link(line: str, tmp_path: Path) -> None:
    whole = {"n": 0, "prev": "", "at": "", "phase": "", "path": "a", "sha256": "", "size": 1}
    name = line.partition(":")[0].strip('"')
    text = json.dumps({**whole, name: "@"}).replace(f'"{name}": "@"', line) if name in whole else line
    (tmp_path / chain.FILE).write_text(text + "\n")
    assert chain.read(tmp_path).problems and chain.broken(tmp_path)


def test_a_chain_that_names_what_no_file_is_called_is_told(tmp_path: Path) -> None:
    link = chain.Link(0, chain.parse(b"").head, "t", "p", "x" * 5000, "0" * 64, 1)
    (tmp_path / chain.FILE).write_bytes(rfc8785.dumps(vars(link)) + b"\n")
    assert any("不见了" in one for one in chain.broken(tmp_path))


def verified(file: Path, *, required: bool) -> int:
    with pytest.MonkeyPatch.context() as set:
        set.setenv("COLUMNS", "300")
        try:
            command.verify(file, None, required)
        except command.typer.Exit as ended:
            return ended.exit_code
    return 0


def test_a_whole_bundle_says_loudly_who_has_not_signed(
    raw: bytes, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file.write_bytes(raw)
    assert verified(file, required=False) == 0
    told = capsys.readouterr().out
    assert "不是各部门都签了字" in told and "财务（待签字）" in told and "销售（" not in told.split("不是各部门")[1]
    assert verified(file, required=True) == 1


def test_signatures_that_are_required_must_all_count(
    tmp_path: Path, file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    room = signing_room.make(tmp_path / "ws")
    signed = [room.sign(person) for person in ("chenjing", "wufang", "zhaolei", "sunhao")]
    out = bundle(room.run, tmp_path / "all.bundle", keys.machine(tmp_path / "k"), bundled.packed(room.profile))
    with pytest.MonkeyPatch.context() as set:
        set.setattr(command, "datetime", _At)
        assert verified(out, required=True) == 0
        room.revoked = [room.fingerprint("wufang")]
        room.lay()
        out = bundle(room.run, tmp_path / "void.bundle", keys.machine(tmp_path / "k"), bundled.packed(room.profile))
        assert verified(out, required=False) == 0 and verified(out, required=True) == 1
    assert f"吴芳 {signed[1].short}" in capsys.readouterr().out.split("void signatures")[1]


class _At:
    """The day on which the room signs."""

    @staticmethod
    def now() -> object:
        return signing_room.NOW


def test_a_private_key_that_others_can_read_opens_nothing(tmp_path: Path) -> None:
    keys.create("lina", PASSPHRASE, tmp_path)
    (tmp_path / "lina.key").chmod(0o644)
    with pytest.raises(WrongUse, match="chmod 600"):
        keys.private("lina", PASSPHRASE, tmp_path)


def test_a_persons_key_without_a_passphrase_opens_nothing(tmp_path: Path) -> None:
    pem = FORGER.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "lina.key").touch(0o600)
    (tmp_path / "lina.key").write_bytes(pem)
    for given in ("", PASSPHRASE):
        with pytest.raises(WrongUse, match="A person's key opens with a passphrase only"):
            keys.private("lina", given, tmp_path)


@pytest.mark.parametrize(("passphrase", "words"), [("短", "太短"), ("长" * 400, "太长")])
def test_a_passphrase_has_a_length(passphrase: str, words: str, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match=words):
        keys.create("lina", passphrase, tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("curve", [ec.SECP256R1(), ec.SECP521R1()])
def test_a_key_of_another_kind_is_refused(curve: ec.EllipticCurve, tmp_path: Path) -> None:
    pem = ec.generate_private_key(curve).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    with pytest.raises(WrongUse, match="不是 Ed25519"):
        keys.public(pem, "a.pub")
