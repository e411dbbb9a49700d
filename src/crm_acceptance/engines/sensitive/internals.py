"""Whether an answer tells what a stranger needs to break in: stack traces, paths, SQL, debug pages, versions."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from crm_acceptance.engines.sensitive.browsers import is_page
from crm_acceptance.systems.flow import Answer

_SCRIPT = re.compile(r"<(script|style)\b[^>]*>.*?</\1>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"<[^>]{1,2000}>")
LOOKED_AT = 400_000
"""Characters of a body that are looked at."""

_SQL, _STATEMENT = "数据库出错 SQL error", "SQL 语句 statement"
_PATH, _DEBUG, _SERVER = "服务器路径 server path", "调试页面 debug page", "服务器版本 server version"
_NODE = "Node.js 堆栈 stack trace"
_TRACES: tuple[tuple[str, str], ...] = (
    (r"Traceback \(most recent call last\)", "Python 堆栈 stack trace"),
    (r"File \"[^\"\n]{1,300}\", line \d+", "Python 堆栈 stack trace"),
    (r"\bat (?:[\w$]+\.){2,}[\w$<>]+\([\w$]+\.(?:java|kt|scala):\d+\)", "Java 堆栈 stack trace"),
    (r"\b(?:java|javax|org\.springframework|com\.mysql)\.[\w.]+(?:Exception|Error)\b", "Java 异常 exception"),
    (r"\bat (?:async )?[\w.<>$ \[\]]*\(?(?:file://|node:|/|[A-Za-z]:\\)[^\s()]+:\d+:\d+\)?", _NODE),
    (r"(?:Fatal error|Warning|Notice|Parse error)\s*:.{1,300} in \S+ on line \d+", "PHP 错误 error"),
    (r"#\d+ \S+\.php\(\d+\)", "PHP 堆栈 stack trace"),
    (r"\bat [\w.`<>]+\([^)]*\) in \S+:line \d+", ".NET 堆栈 stack trace"),
    (r"\bSystem\.(?:\w+\.)*\w*Exception\b", ".NET 异常 exception"),
    (r"\S+\.rb:\d+:in [`']", "Ruby 堆栈 stack trace"),
    (r"goroutine \d+ \[[a-z ]+\]:", "Go 堆栈 stack trace"),
    (r"SQLSTATE\[|\bORA-\d{5}\b|You have an error in your SQL syntax|SQLITE_(?:ERROR|CONSTRAINT)", _SQL),
    (r"\b(?:sqlite3|psycopg2?|pymysql|MySQLdb)\.(?:errors\.)?\w*(?:Error|Violation|Exception)\b", _SQL),
    (r"\bSequelize\w*Error\b|\bno such column: |violates \w+(?:-\w+)? constraint \"", _SQL),
    (r"\bSELECT\b.{1,500}\bFROM\b.{1,500}\b(?:WHERE|LIMIT|ORDER BY)\b|\bINSERT INTO [`\"\w]+ ?\(", _STATEMENT),
    (r"(?:^|[\s\"'(=])/(?:usr|home|var|opt|srv|root|app|tmp|etc)/[\w./@+-]+\."
     r"(?:py|js|ts|php|rb|java|go|conf|sqlite3?|db)\b", _PATH),
    (r"\b[A-Za-z]:\\(?:[\w .-]+\\)+[\w .-]+\.\w{2,6}\b", _PATH),
    (r"You're seeing this error because you have|Werkzeug Debugger|DebugToolbar|Whoops! There was an error|"
     r"Symfony Profiler|phpinfo\(\)|Server Error in '/.*' Application|Action Controller: Exception", _DEBUG),
    (r"\b(?:nginx|Apache(?: Tomcat)?|Microsoft-IIS|Werkzeug|gunicorn|uvicorn|Jetty|PHP)/\d+\.\d[\w.]*", _SERVER),
)  # fmt: skip
PATTERNS = tuple((re.compile(pattern, re.DOTALL), what) for pattern, what in _TRACES)
_VERSION = re.compile(r"\d+\.\d+")
TELLTALE = ("server", "x-powered-by", "x-aspnet-version", "x-aspnetmvc-version", "x-generator", "via", "x-debug-token")


def told(answer: Answer, words: Iterable[str] = (), sent: str = "") -> Iterator[str]:
    """What this answer tells of the inside, a few words each. `sent` is what the request said: an echo is no news."""
    text = _readable(answer)
    for pattern, what in PATTERNS:
        found = pattern.search(text)
        if found and found[0].strip() not in sent:
            yield f"{what}：“{_short(found[0])}”"
    for word in words:
        if word.lower() in text.lower():
            yield f"禁用词 forbidden word“{word}”"


def versions(answer: Answer) -> Iterator[str]:
    """Headers that tell which version of which program serves."""
    for name in TELLTALE:
        value = answer.headers.get(name, "")
        value = value.partition(" ")[2] if name == "via" else value  # "1.1 gateway": the version of HTTP is none
        if _VERSION.search(value) or (value and name == "x-debug-token"):
            yield f"{name}: {value[:80]}"


def _readable(answer: Answer) -> str:
    """The body as people read it: of a page the text alone, for its scripts are full of paths."""
    text = answer.text[:LOOKED_AT].replace("\\n", "\n").replace('\\"', '"').replace("\\/", "/")
    if is_page(answer):
        text = _TAG.sub(" ", _SCRIPT.sub(" ", text)).replace("&quot;", '"').replace("&#x27;", "'").replace("&#39;", "'")
    return text


def _short(text: str) -> str:
    return " ".join(text.split())[:90]
