"""A workspace with one tracker that is a stand-in, and runs in it that fail or are green again. No test lives here."""

from __future__ import annotations

import base64
import json
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from greenrun import STARTED, GreenRun
from standins import jiraserver, tapdserver, trelloserver
from standins.robots import Clock
from standins.serving import Trouble

from crm_acceptance.messages import outbox
from crm_acceptance.messages.delivery import Delivery
from crm_acceptance.messages.outcome import Ending
from crm_acceptance.profile import Profile
from crm_acceptance.trackers import filing, journal

KINDS = ("jira", "jira-cloud", "trello", "tapd")
PICTURE = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
REASON = "AssertionError: 系统没有拒绝：登记 '苏州华东精密机械' 13900000001。The CRM did not refuse it."
LEAD = "features/sales/leads.feature::test_lead"
DAY = 86_400_000


@dataclass
class Stage:
    """One tracker, and the workspace that files to it."""

    kind: str
    there: Any
    profile: Profile
    clock: Clock
    runs: int = 0
    failing: dict[str, str] = field(default_factory=dict)

    @property
    def trouble(self) -> deque[Trouble]:
        """What the next requests meet."""
        return self.there.trouble  # type: ignore[no-any-return]

    def run(self, **failing: str) -> Path:
        """A run, a day after the one before, in which the checks whose node id ends so fail for that reason."""
        made = GreenRun()
        self.runs += 1
        name = f"run-{self.runs}"
        made.run |= {"id": name, "started": STARTED + self.runs * DAY, "finished": STARTED + self.runs * DAY + 600_000}
        for result in made.results:
            self._moved(result, name, failing)
        folder = self.profile.workspace / "reports" / name
        (folder / "allure-results").mkdir(parents=True)
        (folder / "allure-results" / "p1-attachment.png").write_bytes(PICTURE)
        for result in made.results:
            body = json.dumps(result, ensure_ascii=False)
            (folder / "allure-results" / f"{result['uuid']}-result.json").write_text(body, "utf-8")
        made.results = []
        return made.lay(folder)

    def _moved(self, result: dict[str, Any], name: str, failing: dict[str, str]) -> None:
        result["start"] += self.runs * DAY
        result["stop"] += self.runs * DAY
        for label in result["labels"]:
            label["value"] = name if label["name"] == "run" else label["value"]
        for end, reason in failing.items():
            if result["name"] == end:
                steps = [
                    {"name": "假如 李娜 登记线索", "status": "passed"},
                    {"name": "那么 系统拒绝", "status": "failed"},
                ]
                shown = [{"name": "screen", "type": "image/png", "source": "p1-attachment.png"}]
                news = {"status": "failed", "statusDetails": {"message": reason}, "steps": steps, "attachments": shown}
                result |= news

    def file(self, run: Path) -> Delivery:
        """Files that run, as the command does."""
        return filing.file(self.profile, run, "", self.clock, self.clock.sleep)[1]

    def endings(self, run: Path) -> list[Ending]:
        """How what was tried for that run ended."""
        return [outcome.ending for _, outcome in self.file(run).tried]

    def waiting(self) -> int:
        """How many wait in the outbox."""
        return len(outbox.of(self.profile.workspace).state().of("queued", "refused"))

    def moves(self) -> list[str]:
        """What the journal says, oldest first."""
        return [one.state for one in journal.read(self.profile.workspace).moves]

    def states(self) -> list[bool]:
        """Whether each issue of the tracker is open, oldest first."""
        if self.kind == "trello":
            return [not card["closed"] for card in self.there.cards.values()]
        if self.kind == "tapd":
            return [bug["status"] != "closed" for bug in self.there.bugs.values()]
        return [status != "Done" for status in self.there.statuses()]

    def texts(self) -> list[str]:
        """Everything that each issue says."""
        kept = {"trello": "cards", "tapd": "bugs"}.get(self.kind, "issues")
        return [json.dumps({**one, "files": ""}, ensure_ascii=False) for one in getattr(self.there, kept).values()]

    def comments(self) -> list[str]:
        """Every remark."""
        if self.kind == "trello":
            return [words for _, words in self.there.comments]
        if self.kind == "tapd":
            return [one["description"] for one in self.there.comments]
        return [words for issue in self.there.issues.values() for words in issue["comments"]]

    def pictures(self) -> list[bytes]:
        """The files of all issues."""
        if self.kind.startswith("jira"):
            return [body for issue in self.there.issues.values() for body in issue["files"].values()]
        return list(self.there.files.values())


@contextmanager
def stage(kind: str, folder: Path, patch: pytest.MonkeyPatch) -> Iterator[Stage]:
    """A workspace whose only tracker is a stand-in of that kind."""
    clock = Clock()
    secrets = {"J_TOKEN": jiraserver.TOKEN, "T_KEY": trelloserver.KEY, "T_TOKEN": trelloserver.TOKEN,
               "TA_USER": tapdserver.USER, "TA_SECRET": tapdserver.PASSWORD}  # fmt: skip
    for name, value in secrets.items():
        patch.setenv(name, value)
    servers: dict[str, Any] = {
        "jira": lambda: jiraserver.jira_server(), "jira-cloud": lambda: jiraserver.jira_server(cloud=True),
        "trello": lambda: trelloserver.trello_server(clock), "tapd": lambda: tapdserver.tapd_server(clock),
    }  # fmt: skip
    with servers[kind]() as there:
        told: dict[str, Any] = {
            "jira": {"token_env": "J_TOKEN", "project": "CRM"},
            "jira-cloud": {"token_env": "J_TOKEN", "project": "CRM", "user": jiraserver.USER},
            "trello": {"key_env": "T_KEY", "token_env": "T_TOKEN", "list": "a11ist"},
            "tapd": {"user_env": "TA_USER", "secret_env": "TA_SECRET", "workspace": "755"},
        }[kind]
        told |= {"kind": kind.removesuffix("-cloud"), "url": there.url}
        yield Stage(kind, there, Profile(folder, trackers={"bugs": told}), clock)


def staged(*kinds: str) -> Any:
    """A fixture: such a workspace, once for each of these kinds."""

    @pytest.fixture(params=kinds)
    def made(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
        with stage(request.param, tmp_path, monkeypatch) as there:
            yield there

    return made
