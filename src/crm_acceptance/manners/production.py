"""Whether an address looks like somebody's production system, and whether it is an address at all. Sends nothing."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from crm_acceptance.errors import WrongUse

_TESTING = frozenset(
    {
        *("test", "tests", "testing", "uat", "stage", "staging", "stg", "sandbox", "demo", "dev", "devel", "qa"),
        *("sit", "preprod", "preview", "accept", "acceptance", "acc", "training", "mock", "standin"),
        *("测试", "验收", "演示", "沙箱", "开发", "预发", "预发布", "培训"),
    }
)
"""Words that people put into the names of systems that are not in use."""
_WHOLE = "pre"
"""Means so only as a whole label, or at its end: pre-sales is a department."""
_LIVE = frozenset({"prod", "production", "prd", "live", "生产", "正式"})
_HARMLESS = ("test", "example", "localhost", "invalid")
"""Last labels that lead to nobody's business (RFC 2606)."""
_INSIDE = ("local", "internal", "lan", "home", "corp", "intranet")
"""Last labels that nobody can buy: names inside a company, of production and of everything else."""
_SECOND = frozenset({"com", "net", "org", "gov", "edu", "ac", "co", "ne", "or", "go"})
"""Labels below a country that belong to the public suffix: acme.com.cn, acme.co.uk."""
_STRANGE = re.compile(r"[\s\\\x00-\x1f]")


def looks_like_production(url: str) -> bool:
    """Whether the host is reachable under a public name or number that has nothing of a test system in it.

    A private number (10.0.0.5) tells nothing and is taken for a test system; so is a name with a word like test, uat
    or 测试 in front of its domain. A domain's own name says nothing: crm.test.com is a company called test.
    """
    host = (urlsplit(url).hostname or "").rstrip(".")
    number = _number(host)
    if number is not None:
        return not number.is_private
    labels = [_spelt(label) for label in host.split(".")]
    words = [word for label in _own(labels) for word in _words(label)]
    if _LIVE & set(words):
        return True
    return labels[-1] not in _HARMLESS and not _TESTING & set(words)


def checked(url: str) -> str:
    """The address itself. WrongUse when it hides where it leads, carries a password, or is more than an address."""
    parts = urlsplit(url)
    if _STRANGE.search(url) or "%" in (parts.hostname or "").partition("%25")[0]:
        raise WrongUse(
            f"站点地址里有不该有的字符：{url!r}。The site's address holds characters that hide where it leads."
        )
    if "@" in parts.netloc:
        raise WrongUse(
            "站点地址里不要写用户名和密码（user:password@），密码只放环境变量。"
            "No user name or password in the site's address: secrets come from the environment."
        )
    if parts.query or parts.fragment:
        raise WrongUse(f"站点地址只写到路径为止，不带 ? 或 #：{url}。No query and no fragment in the site's address.")
    return url


def is_address(url: str) -> bool:
    """http(s), a host, and a port that exists if one is given."""
    try:
        parts = urlsplit(url)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0 and " " not in url
    except ValueError:  # a bracket left open, a port above 65535
        return False


def same_host(one: str, other: str) -> bool:
    """Whether both addresses lead to the same machine by name, whatever the port and the scheme."""
    return _host(one) == _host(other) != ""


def on_this_machine(url: str) -> bool:
    """Whether the address leads to this machine itself."""
    number = _number(_host(url))
    return number.is_loopback if number is not None else _host(url).split(".")[-1] == "localhost"


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").rstrip(".").lower()


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """The host as an address; one of the old kind that hides in one of the new kind is the old one."""
    try:
        found = ipaddress.ip_address(host)
    except ValueError:
        return None
    if isinstance(found, ipaddress.IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found


def _spelt(label: str) -> str:
    """xn--... as people read it: letters of the spelling must not be taken for words."""
    if not label.lower().startswith("xn--"):
        return label.lower()
    try:
        return label.encode("ascii").decode("idna").lower()
    except UnicodeError:
        return "xn"


def _own(labels: list[str]) -> list[str]:
    """The labels in front of the domain that was bought; all of a name that cannot be bought."""
    if labels[-1] in (*_HARMLESS, *_INSIDE) or len(labels) == 1:
        return labels
    bought = 3 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND else 2
    return labels[:-bought]


def _words(label: str) -> Iterator[str]:
    parts = [part.rstrip("0123456789") for part in re.split(r"[-_]", label)]
    yield from parts
    if parts[-1] == _WHOLE:
        yield "test"
    yield from (word for word in _TESTING | _LIVE if not word.isascii() and word in label)
