"""The outbox outlives crashes, two senders at once, clocks set back and hands that edit it."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from standins.robots import Clock

from crm_acceptance.errors import Unproven, WrongUse
from crm_acceptance.messages import outbox, sending
from crm_acceptance.messages.delivery import Pace, deliver
from crm_acceptance.messages.outbox import Item
from crm_acceptance.messages.outcome import Ending, Outcome, later, sent

ITEMS = tuple(Item(f"key-{n}", "lane", "team", f"第{n}条", {"n": n}) for n in range(4))
DYING = """
import os, sys
sys.path.insert(0, {src!r})
sys.path.insert(0, {tests!r})
from pathlib import Path
from test_messages_outbox import Hands, ITEMS
from crm_acceptance.messages import outbox, sending
from crm_acceptance.messages.delivery import deliver

class Dying(Hands):
    def carry(self, item):
        if len(self.carried) == 1:
            os.kill(os.getpid(), 9)
        return super().carry(item)

box = outbox.of(Path(sys.argv[1]))
box.queue(ITEMS)
deliver(box, {{"team": Dying()}})
"""


@dataclass
class Hands:
    """A carrier that remembers what it carried, and says what `says` holds."""

    repeatable: bool = False
    pace: Pace = field(default_factory=Pace)
    carried: list[str] = field(default_factory=list)
    says: list[Outcome] = field(default_factory=list)

    def ready(self) -> str:
        return ""

    def carry(self, item: Item) -> Outcome:
        self.carried.append(item.key)
        return self.says.pop(0) if self.says else sent()


def died(folder: Path) -> None:
    """A process that queues four and is killed while it sends the second."""
    here = Path(__file__).resolve().parent
    script = DYING.format(src=str(here.parent / "src"), tests=str(here))
    ended = subprocess.run([sys.executable, "-c", script, str(folder)], timeout=60, check=False)
    assert ended.returncode == -9


def test_a_process_killed_while_sending_leaves_one_unknown_and_loses_nothing(tmp_path: Path) -> None:
    died(tmp_path)
    hands = Hands()
    deliver(outbox.of(tmp_path), {"team": hands})
    assert hands.carried == ["key-2", "key-3"]
    assert [item.state for item in outbox.of(tmp_path).state().items.values()] == ["sent", "unknown", "sent", "sent"]


def test_what_may_be_repeated_is_carried_again_after_a_kill(tmp_path: Path) -> None:
    died(tmp_path)
    hands = Hands(repeatable=True)
    deliver(outbox.of(tmp_path), {"team": hands})
    assert hands.carried == ["key-1", "key-2", "key-3"]


def test_two_senders_at_once_send_everything_once(tmp_path: Path) -> None:
    hands = Hands()
    threads = [threading.Thread(target=_queued_and_sent, args=(tmp_path, hands)) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(hands.carried) == sorted(item.key for item in ITEMS)


def _queued_and_sent(folder: Path, hands: Hands) -> None:
    box = outbox.of(folder)
    box.queue(ITEMS)
    deliver(box, {"team": hands})


def test_a_pause_stops_the_lane_and_a_wait_of_one_does_not(tmp_path: Path) -> None:
    clock = Clock()
    box = outbox.of(tmp_path, clock)
    box.queue(ITEMS)
    hands = Hands(says=[later("full", 300, alone=True), later("muted", 600)])
    assert len(deliver(box, {"team": hands}, clock.sleep).tried) == 2
    clock.sleep(601)
    assert len(deliver(box, {"team": hands}, clock.sleep).ended(Ending.SENT)) == 4


def test_a_clock_set_back_by_a_year_does_not_stop_it_for_a_year(tmp_path: Path) -> None:
    clock = Clock()
    box = outbox.of(tmp_path, clock)
    box.queue(ITEMS)
    hands = Hands(pace=Pace(per_minute=1), says=[later("busy")])
    deliver(box, {"team": hands}, clock.sleep)
    clock.now -= 365 * 86_400
    for _ in range(4):
        deliver(box, {"team": hands}, clock.sleep)
        clock.sleep(61)
    assert box.state().of("queued") == () and len(set(hands.carried)) == 4


def test_nobody_is_believed_who_asks_for_a_week(tmp_path: Path) -> None:
    clock = Clock()
    box = outbox.of(tmp_path, clock)
    box.queue(ITEMS[:1])
    hands = Hands(says=[later("come back", 7 * 86_400)])
    deliver(box, {"team": hands}, clock.sleep)
    clock.sleep(3601)
    assert deliver(box, {"team": hands}, clock.sleep).ended(Ending.SENT)


def test_a_channel_that_is_no_longer_in_the_profile_keeps_its_messages(tmp_path: Path) -> None:
    box = outbox.of(tmp_path)
    box.queue(ITEMS)
    told = deliver(box, {})
    assert len(told.waiting) == 4 and "team" in told.waiting["key-0"]


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "reports").write_text("a file where the folder should be", "utf-8")
    with pytest.raises(WrongUse):
        outbox.of(tmp_path).queue(ITEMS)


@pytest.mark.parametrize("spoil", [b"", b"{}\n", b"\xff\n", b'{"half'])
def test_a_line_that_is_not_the_programs_stops_all_sending(tmp_path: Path, spoil: bytes) -> None:
    box = outbox.of(tmp_path)
    box.queue(ITEMS)
    lines = box.file.read_bytes().splitlines(keepends=True)
    box.file.write_bytes(b"".join([lines[0], spoil, *lines[2:]]))
    hands = Hands()
    with pytest.raises(Unproven, match="发件箱"):
        deliver(box, {"team": hands})
    assert hands.carried == []


def test_decisions_need_one_message_in_a_fitting_state(tmp_path: Path) -> None:
    box = outbox.of(tmp_path)
    box.queue(ITEMS)
    deliver(box, {"team": Hands()})
    for decide, key in ((box.again, "key"), (box.again, ""), (box.drop, "nothing"), (box.again, "key-1")):
        with pytest.raises(WrongUse):
            decide(key)


def test_what_was_refused_is_told_again_until_somebody_sends_or_drops_it(tmp_path: Path) -> None:
    box = outbox.of(tmp_path)
    box.queue(ITEMS[:2])
    deliver(box, {"team": Hands(says=[Outcome(Ending.REFUSED, "密钥不对")])})
    [line] = sending.refused(tmp_path, ("team",))
    assert "密钥不对" in line and "--again key-0" in line
    assert sending.refused(tmp_path, ("other",)) == ()
    box.drop("key-0")
    assert sending.refused(tmp_path, ("team",)) == ()
