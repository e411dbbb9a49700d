"""The journal checked by itself: chain, envelopes, keys; needs no run, no workspace but the public keys, no network."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from crm_acceptance import logbook
from crm_acceptance.errors import WrongUse
from crm_acceptance.logbook import Logbook
from crm_acceptance.sealing.keys import PublicKey
from crm_acceptance.signoff import journal
from crm_acceptance.signoff.revising import SHORTEST
from crm_acceptance.signoff.sayings import Revocation, Withdrawal


@dataclass(frozen=True)
class Checked:
    """How many lines there are, what stands for all of them, and a sentence for each that is not as it was written.

    later: what was said afterwards against the receipt that was asked for: withdrawn, its key revoked.
    """

    lines: int
    head: str
    problems: tuple[str, ...]
    later: tuple[str, ...] = ()


def raw(workspace: Path) -> bytes:
    """The journal's bytes, b"" when nobody has signed yet. WrongUse when it cannot be read."""
    file = journal.path(workspace)
    try:
        return file.read_bytes() if file.exists() else b""
    except OSError as refused:
        raise WrongUse(f"读不了 {file}：{refused.strerror}（cannot be read）。") from None


def kept(workspace: Path) -> Logbook:
    """The journal with all that is known of it, also which line was the last."""
    return logbook.read(journal.path(workspace))


def check(found: Logbook, keys: Mapping[str, PublicKey], receipt: str = "") -> Checked:
    """Every line: follows the one before, is spelt as it was written, and signed by the key it names.

    receipt: the beginning of a digest that somebody was given; it must be there, too.
    """
    if receipt and len(receipt) < SHORTEST:
        raise WrongUse(f"请写摘要的至少前 {SHORTEST} 位。Write at least {SHORTEST} characters of the digest.")
    book = journal.of(found, keys)
    later = tuple(_later(book, receipt)) if receipt else ()
    return Checked(len(book.lines), book.head, tuple(_problems(book, receipt)), later)


def _later(book: journal.Book, receipt: str) -> Iterator[str]:
    for meant in book.find(receipt):
        for line, withdrawn in book.believed(Withdrawal):
            if withdrawn.withdraws == meant.digest:
                yield f"这份签字后来已撤回（第 {line.n + 1} 行），不再算数。Withdrawn later: it does not count."
        for line, revoked in book.believed(Revocation):
            if meant.said is not None and meant.said.key == revoked.revokes:
                yield f"签它的密钥后来已吊销（第 {line.n + 1} 行），不再算数。Its key was revoked: it does not count."


def _problems(book: journal.Book, receipt: str) -> Iterator[str]:
    yield from (f"{journal.FILE}：{problem}" for problem in book.problems)
    for line in book.lines:
        if line.problem:
            yield f"{journal.FILE} 第 {line.n + 1} 行 line {line.n + 1}（{line.digest[:12]}）：{line.problem}"
    if receipt and not book.find(receipt):
        yield f"{journal.FILE} 里没有 {receipt}：被删掉了，或从来没有 this receipt is not there"
