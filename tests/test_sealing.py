"""A bundle proves a run by itself: whatever is changed, cut, moved or replayed is found and named, offline."""

from __future__ import annotations

import random
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
import signing_room
from greenrun import GreenRun

from crm_acceptance import chain, profile
from crm_acceptance.errors import WrongUse
from crm_acceptance.gate import judge
from crm_acceptance.sealing import keys
from crm_acceptance.sealing.bundle import OURS, bundle, verify
from crm_acceptance.sealing.packing import Broken, packed, unpacked
from crm_acceptance.signoff import bundled

EDITS = 1000


def sealed(where: Path, green: GreenRun, phases: tuple[str, ...] = ("scenarios",)) -> Path:
    """A run folder that ended as runs end: bound phase by phase, judged, closed."""
    where.mkdir(parents=True, exist_ok=True)
    run = green.lay(where)
    for phase in phases:
        chain.append(run, phase)
    judge(run)
    chain.seal(run)
    return run


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, bytes]:
    """A run folder that two people signed, and its bundle."""
    where = tmp_path_factory.mktemp("sealed")
    room = signing_room.make(where / "ws")
    room.sign("chenjing")
    room.sign("wufang", "no", reason="回款对不上")
    key = keys.machine(where / "ws" / "reports" / "keys")
    return room.run, bundle(room.run, where / "a.bundle", key, bundled.packed(room.profile)).read_bytes()


def again(run: Path, out: Path) -> Path:
    """The same bundle once more."""
    signed = bundled.packed(profile.load(run.parents[1]))
    return bundle(run, out, keys.machine(run.parent / "keys"), signed)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "changed.bundle"


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def never(*how: object, **what: object) -> None:
        raise AssertionError("somebody asked the network")

    monkeypatch.setattr(socket, "socket", never)
    yield


@pytest.mark.usefixtures("offline")
def test_a_whole_bundle_says_what_the_run_said(kept: tuple[Path, bytes], file: Path) -> None:
    run, raw = kept
    file.write_bytes(raw)
    found = verify(file)
    assert (found.run, found.verdict.exit_code) == (run.name, 0)
    assert found.files == len(unpacked(raw)) - len(OURS)


def test_the_same_run_and_key_make_the_same_bytes(kept: tuple[Path, bytes], tmp_path: Path) -> None:
    run, raw = kept
    assert again(run, tmp_path / "again.bundle").read_bytes() == raw


def test_a_thousand_random_edits_of_one_byte_are_all_found(kept: tuple[Path, bytes], file: Path) -> None:
    raw, chance = kept[1], random.Random(20261122)
    for _ in range(EDITS):
        at, flip = chance.randrange(len(raw)), chance.randrange(1, 256)
        file.write_bytes(raw[:at] + bytes([raw[at] ^ flip]) + raw[at + 1 :])
        with pytest.raises(Broken) as broken:
            verify(file)
        assert broken.value.part in {*unpacked(raw), "bundle"}


def test_the_part_that_changed_is_named(kept: tuple[Path, bytes], file: Path) -> None:
    raw = kept[1]
    bodies = unpacked(raw)
    for name, body in bodies.items():
        at = raw.index(body)
        file.write_bytes(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])
        with pytest.raises(Broken) as broken:
            verify(file)
        assert broken.value.part == name


def test_whatever_is_cut_off_or_added_is_found(kept: tuple[Path, bytes], file: Path) -> None:
    raw, chance = kept[1], random.Random(7)
    for end in (0, 1, len(raw) - 1, *(chance.randrange(len(raw)) for _ in range(100))):
        file.write_bytes(raw[:end])
        with pytest.raises(Broken):
            verify(file)
    for more in (b"\0", b"PK\x05\x06" + b"\0" * 18, raw):
        file.write_bytes(raw + more)
        with pytest.raises(Broken):
            verify(file)


def test_a_bundle_packed_again_with_other_content_is_found(kept: tuple[Path, bytes], file: Path) -> None:
    """Somebody who knows the format repairs every checksum of the container; the chain and the signature remain."""
    bodies = unpacked(kept[1])
    for name in sorted(bodies):
        for other in (bodies[name] + b" ", bodies[name][:-1], None):
            changed = {one: body for one, body in bodies.items() if one != name or other is not None}
            if other is not None:
                changed[name] = other
            file.write_bytes(packed(changed))
            with pytest.raises(Broken) as broken:
                verify(file)
            assert broken.value.part in (name, chain.FILE, "signed-by.pub", "statement.dsse.json")
    file.write_bytes(packed({**bodies, "allure-results/extra-result.json": b"{}"}))
    with pytest.raises(Broken, match=r"extra-result\.json"):
        verify(file)


def test_lines_of_the_chain_moved_doubled_or_left_out_are_found(kept: tuple[Path, bytes], file: Path) -> None:
    bodies, chance = unpacked(kept[1]), random.Random(11)
    lines = bodies[chain.FILE].splitlines(keepends=True)
    for _ in range(50):
        one, two = sorted(chance.sample(range(len(lines)), 2))
        swapped = [*lines[:one], lines[two], *lines[one + 1 : two], lines[one], *lines[two + 1 :]]
        for changed in (swapped, lines[:one] + lines[one + 1 :], [*lines[:two], lines[one], *lines[two:]]):
            file.write_bytes(packed({**bodies, chain.FILE: b"".join(changed)}))
            with pytest.raises(Broken, match=r"chain\.jsonl"):
                verify(file)


def test_parts_of_another_run_cannot_be_replayed(kept: tuple[Path, bytes], tmp_path: Path, file: Path) -> None:
    green = GreenRun()
    green.result("test_lead")["status"] = "failed"
    green.phase("scenarios")["exit"] = 1
    other = sealed(tmp_path / "other", green)
    key = keys.machine(kept[0].parent / "keys")
    theirs = unpacked(bundle(other, tmp_path / "other.bundle", key).read_bytes())
    ours = unpacked(kept[1])
    assert verify(tmp_path / "other.bundle").verdict.exit_code == 1
    for name in set(theirs) & set(ours):
        if theirs[name] == ours[name]:
            continue
        file.write_bytes(packed({**theirs, name: ours[name]}))
        with pytest.raises(Broken):
            verify(file)


def test_somebody_elses_seal_is_told_from_the_trusted_one(kept: tuple[Path, bytes], tmp_path: Path) -> None:
    forged = bundle(kept[0], tmp_path / "forged.bundle", keys.machine(tmp_path / "keys"))
    trusted = keys.listed(kept[0].parent / "keys")[keys.MACHINE]
    assert verify(forged).key.fingerprint != trusted.fingerprint
    with pytest.raises(Broken, match="not the trusted key"):
        verify(forged, trusted)


@pytest.mark.usefixtures("offline")
def test_a_bundle_tells_offline_who_signed_and_who_did_not(kept: tuple[Path, bytes], file: Path) -> None:
    file.write_bytes(kept[1])
    signed = bundled.unpacked(verify(file).bodies, signing_room.NOW)
    assert signed is not None and signed.lines == 2
    states = {one.department: one.state for one in signed.standings}
    assert states == {"sales": "valid", "finance": "refused", "service": "missing", "it": "missing"}


def test_signatures_moved_left_out_or_replayed_inside_a_bundle_are_found(
    kept: tuple[Path, bytes], tmp_path: Path, file: Path
) -> None:
    bodies = unpacked(kept[1])
    lines = bodies[bundled.JOURNAL].splitlines(keepends=True)
    for changed in (lines[:1], lines[1:], lines[::-1], [*lines, lines[0]], []):
        file.write_bytes(packed({**bodies, bundled.JOURNAL: b"".join(changed)}))
        with pytest.raises(Broken) as broken:
            verify(file)
        assert broken.value.part == bundled.JOURNAL
    file.write_bytes(packed({name: body for name, body in bodies.items() if name != bundled.JOURNAL}))
    with pytest.raises(Broken, match=r"signoff\.jsonl"):
        verify(file)
    stranger = keys.create("lina", "一个足够长的口令", tmp_path / "keys")
    file.write_bytes(packed({**bodies, f"{bundled.KEYS}{stranger.fingerprint}.pub": stranger.pem}))
    with pytest.raises(Broken, match=f"{stranger.fingerprint}.pub"):
        verify(file)


def test_a_journal_that_was_edited_before_is_not_packed(tmp_path: Path) -> None:
    room = signing_room.make(tmp_path)
    room.sign("chenjing")
    room.journal.write_bytes(room.journal.read_bytes().replace(b"sig", b"gis", 1))
    with pytest.raises(WrongUse, match="不封装"):
        bundled.packed(room.profile)


def test_a_run_edited_before_it_is_packed_is_refused_with_the_files_name(tmp_path: Path) -> None:
    run = sealed(tmp_path / "run", GreenRun())
    victim = next((run / "allure-results").glob("*-result.json"))
    victim.write_bytes(victim.read_bytes().replace(b"passed", b"Passed", 1))
    with pytest.raises(WrongUse, match=victim.name):
        bundle(run, tmp_path / "out.bundle", keys.machine(tmp_path / "keys"))
    assert not (tmp_path / "out.bundle").exists()


def test_a_run_that_did_not_end_is_not_packed(tmp_path: Path) -> None:
    run = GreenRun().lay(tmp_path)
    chain.append(run, "scenarios")
    with pytest.raises(WrongUse, match="did not end"):
        bundle(run, tmp_path / "out.bundle", keys.machine(tmp_path / "keys"))


def test_a_persons_key_opens_with_the_passphrase_only(tmp_path: Path) -> None:
    keys.create("lina", "一个足够长的口令", tmp_path)
    assert b"ENCRYPTED" in (tmp_path / "lina.key").read_bytes()
    assert keys.private("lina", "一个足够长的口令", tmp_path)
    for wrong, words in (("", "口令是空的"), ("另一个足够长的口令", "口令不对")):
        with pytest.raises(WrongUse, match=words):
            keys.private("lina", wrong, tmp_path)
    with pytest.raises(WrongUse, match="不会覆盖"):
        keys.create("lina", "一个足够长的口令", tmp_path)
    with pytest.raises(WrongUse, match="lina"):
        keys.private("wang", "一个足够长的口令", tmp_path)
