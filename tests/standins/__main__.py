"""Starts one stand-in by hand, to try a profile without the real thing: python -m standins KIND, Ctrl-C ends it.

Prints the environment variables to set and the lines for acceptance.toml.
"""

from __future__ import annotations

import sys
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from standins import jiraserver, mailserver, stories, tapdserver, trelloserver
from standins.robots import group

SECRET = "SECtoy"
Started = Callable[[], AbstractContextManager[Any]]
KINDS: Mapping[str, tuple[Started, Mapping[str, str], str]] = {
    "jira": (
        jiraserver.jira_server, {"JIRA_TOKEN": jiraserver.TOKEN},
        '[trackers.jira]\nkind = "jira"\nurl = "{url}"\nproject = "CRM"\ntoken_env = "JIRA_TOKEN"',
    ),
    "tapd": (
        lambda: tapdserver.tapd_server(time.time),  # type: ignore[arg-type]
        {"TAPD_USER": tapdserver.USER, "TAPD_PASSWORD": tapdserver.PASSWORD},
        f'[trackers.tapd]\nkind = "tapd"\nurl = "{{url}}"\nworkspace = "{tapdserver.WORKSPACE}"\n'
        'user_env = "TAPD_USER"\nsecret_env = "TAPD_PASSWORD"',
    ),
    "trello": (
        lambda: trelloserver.trello_server(time.time),  # type: ignore[arg-type]
        {"TRELLO_KEY": trelloserver.KEY, "TRELLO_TOKEN": trelloserver.TOKEN},
        f'[trackers.trello]\nkind = "trello"\nurl = "{{url}}"\nlist = "{trelloserver.TODO}"\n'
        'key_env = "TRELLO_KEY"\ntoken_env = "TRELLO_TOKEN"',
    ),
    "stories": (
        lambda: stories.stories("server"), {"JIRA_TOKEN": stories.TOKEN},
        '[sources.jira]\nurl = "{url}"\ntoken_env = "JIRA_TOKEN"\njql = "project = CRM"',
    ),
    "mail": (
        lambda: mailserver.mail_server(Path(tempfile.mkdtemp())), {"MAIL_PASSWORD": mailserver.PASSWORD},
        f'[messages.mail]\nkind = "mail"\nhost = "127.0.0.1"\nport = {{port}}\nca = "{{ca}}"\n'
        f'sender = "{mailserver.USER}"\nto = ["you@example.com"]\nsecret_env = "MAIL_PASSWORD"',
    ),
    **{
        kind: (
            lambda kind=kind, secret=secret: group(kind, time.time, secret),  # type: ignore[misc,arg-type]
            {"ROBOT_URL": "{url}", **({"ROBOT_SECRET": secret} if secret else {})},
            f'[messages.team]\nkind = "{kind}"\nurl_env = "ROBOT_URL"'
            + ('\nsecret_env = "ROBOT_SECRET"' if secret else ""),
        )
        for kind, secret in (("wecom", ""), ("dingtalk", SECRET), ("feishu", SECRET))
    },
}  # fmt: skip


def told(there: Any, variables: Mapping[str, str], table: str) -> str:
    """What to type before, and what to write into acceptance.toml."""
    facts = {"url": getattr(there, "url", ""), "port": getattr(there, "port", ""), "ca": getattr(there, "ca", "")}
    exports = "\n".join(f"export {name}='{value.format(**facts)}'" for name, value in variables.items())
    return f"{exports}\n\n{table.format(**facts)}\n"


def main(words: list[str]) -> int:
    """Until Ctrl-C. 2 for a kind that there is none of."""
    if len(words) != 1 or words[0] not in KINDS:
        print(f"python -m standins {' | '.join(KINDS)}", file=sys.stderr)
        return 2
    start, variables, table = KINDS[words[0]]
    with start() as there:
        print(told(there, variables, table), flush=True)
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
