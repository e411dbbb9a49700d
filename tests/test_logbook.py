"""The logbook: what is written stays, and whoever changes it is noticed."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from crm_acceptance import logbook
from crm_acceptance.errors import WrongUse


def _filled(path: Path, lines: int = 5) -> bytes:
    for n in range(lines):
        logbook.append(path, "note", {"number": n, "who": "陈静"})
    return path.read_bytes()


def test_what_was_written_is_read_in_order(tmp_path: Path) -> None:
    book = tmp_path / "journal" / "a.jsonl"
    _filled(book)
    found = logbook.read(book)
    assert [entry.body["number"] for entry in found.entries] == [0, 1, 2, 3, 4]
    assert found.problems == () and found.head == found.entries[-1].digest


def test_a_logbook_that_is_not_there_is_empty(tmp_path: Path) -> None:
    assert logbook.read(tmp_path / "none.jsonl") == logbook.Logbook()


@pytest.mark.parametrize("seed", range(200))
def test_every_edit_but_of_the_last_line_is_noticed(tmp_path: Path, seed: int) -> None:
    book, dice = tmp_path / "a.jsonl", random.Random(seed)
    raw = bytearray(_filled(book, 3))
    end = raw[:-1].rindex(b"\n")
    at = dice.randrange(end)
    raw[at] ^= 1 << dice.randrange(8)
    assert logbook.parse(bytes(raw)).problems


def test_a_line_left_out_doubled_or_moved_is_noticed(tmp_path: Path) -> None:
    lines = _filled(tmp_path / "a.jsonl").splitlines(keepends=True)
    for changed in ([*lines[:2], *lines[3:]], [*lines[:2], lines[1], *lines[2:]], [lines[1], lines[0], *lines[2:]]):
        assert logbook.parse(b"".join(changed)).problems


def test_a_line_that_was_cut_off_is_noticed_and_those_before_are_kept(tmp_path: Path) -> None:
    found = logbook.parse(_filled(tmp_path / "a.jsonl")[:-3])
    assert len(found.entries) == 4 and found.problems


def test_a_whole_line_cut_off_the_end_is_noticed(tmp_path: Path) -> None:
    book = tmp_path / "a.jsonl"
    lines = _filled(book).splitlines(keepends=True)
    book.write_bytes(b"".join(lines[:-1]))
    assert "末尾" in logbook.read(book).problems[0]
    book.unlink()
    assert logbook.read(book).problems, "a journal that is gone altogether"


def test_an_edit_of_the_last_line_is_noticed(tmp_path: Path) -> None:
    book = tmp_path / "a.jsonl"
    book.write_bytes(_filled(book).replace(b'"number":4', b'"number":5'))
    assert "末尾" in logbook.read(book).problems[0]


def test_a_journal_without_its_head_is_not_believed(tmp_path: Path) -> None:
    book = tmp_path / "a.jsonl"
    _filled(book)
    logbook.head_of(book).unlink()
    assert logbook.read(book).problems


def test_a_crash_before_the_head_was_kept_is_healed_by_the_next_line(tmp_path: Path) -> None:
    book = tmp_path / "a.jsonl"
    _filled(book, 2)
    kept = logbook.head_of(book).read_text()
    logbook.append(book, "note", {})
    logbook.head_of(book).write_text(kept)
    assert not logbook.read(book).problems
    logbook.append(book, "note", {})
    assert logbook.head_of(book).read_text() != kept and len(logbook.read(book).entries) == 4


@pytest.mark.parametrize("head", ["9" * 5000 + " x", "٣ x", "\u00b2 x"])
def test_a_head_that_is_no_number_is_no_error_of_the_program(tmp_path: Path, head: str) -> None:
    book = tmp_path / "a.jsonl"
    _filled(book, 2)
    logbook.head_of(book).write_text(head, "utf-8")
    assert "最后一行" in logbook.read(book).problems[0]


def test_a_line_whose_moment_is_none_is_no_line_of_ours(tmp_path: Path) -> None:
    book = tmp_path / "a.jsonl"
    raw = _filled(book, 2)
    book.write_bytes(raw.replace(b'"at":"2', b'"at":"Z', 1))
    assert logbook.read(book).problems[0].startswith("第 1 行不是程序写的样子")


FULL = """
import resource, signal, sys, pathlib
from crm_acceptance import logbook
from crm_acceptance.errors import WrongUse
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
book = pathlib.Path(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (book.stat().st_size + 50, resource.RLIM_INFINITY))
try:
    logbook.append(book, "note", {"n": 9})
except WrongUse as told:
    sys.exit(2)
"""


def test_a_disk_that_is_full_in_the_middle_of_a_line_spoils_nothing(tmp_path: Path) -> None:
    book = tmp_path / "a.jsonl"
    raw = _filled(book, 2)
    assert subprocess.run([sys.executable, "-c", FULL, str(book)], check=False).returncode == 2
    assert book.read_bytes() == raw and not logbook.read(book).problems
    logbook.append(book, "note", {"n": 3})
    assert len(logbook.read(book).entries) == 3


def test_nothing_is_written_behind_a_broken_line(tmp_path: Path) -> None:
    book = tmp_path / "a.jsonl"
    book.write_bytes(_filled(book).replace("陈静".encode(), "张静".encode(), 1))
    with pytest.raises(WrongUse, match="已被改动"):
        logbook.append(book, "note", {})


def test_the_same_thing_spelt_otherwise_is_no_line_of_ours(tmp_path: Path) -> None:
    line = _filled(tmp_path / "a.jsonl", 1).rstrip(b"\n")
    assert logbook.parse(json.dumps(json.loads(line), indent=None).encode() + b"\n").problems


def test_many_who_write_at_once_lose_nothing(tmp_path: Path) -> None:
    book = tmp_path / "a.jsonl"
    hands = [threading.Thread(target=_filled, args=(book, 10)) for _ in range(8)]
    for hand in hands:
        hand.start()
    for hand in hands:
        hand.join()
    found = logbook.read(book)
    assert len(found.entries) == 80 and not found.problems


def test_whoever_reads_while_somebody_writes_sees_no_fault(tmp_path: Path) -> None:
    file, seen, over = tmp_path / "x.jsonl", [], threading.Event()

    def reading() -> None:
        while not over.is_set():
            seen.append(logbook.read(file))

    reader = threading.Thread(target=reading)
    reader.start()
    for n in range(150):
        logbook.append(file, "line", {"n": n})
    over.set()
    reader.join()
    assert len(seen) > 10 and [book.problems for book in seen if book.problems] == []


def test_a_journal_that_is_a_folder_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").mkdir()
    with pytest.raises(WrongUse):
        logbook.append(tmp_path / "a.jsonl", "note", {})


def test_what_was_read_before_is_believed_only_byte_for_byte(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    for n in range(3):
        logbook.append(file, "note", {"n": n})
    assert len(logbook.read(file).entries) == 3
    whole = file.read_bytes()
    for raw in (whole.replace(b'"n":0}', b'"n":9}', 1), whole[:-9], whole[whole.index(b"\n") + 1 :]):
        file.write_bytes(raw)
        assert logbook.read(file).problems
    file.write_bytes(whole)
    logbook.append(file, "note", {"n": 3})
    assert [entry.body["n"] for entry in logbook.read(file).entries] == [0, 1, 2, 3]
