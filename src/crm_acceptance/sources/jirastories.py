"""Stories of Jira Server, Data Center and Cloud, through the jira library; every page, or none."""

from __future__ import annotations

from typing import Any

from jira import JIRA, JIRAError
from requests.exceptions import JSONDecodeError, RequestException

from crm_acceptance.errors import SiteOutOfReach, WrongUse
from crm_acceptance.sources.settings import TIMEOUT, Source
from crm_acceptance.sources.stories import Story, story
from crm_acceptance.sources.trouble import answered, lost, odd

DEFAULTS = {"text": "summary", "criticality": "priority"}
"""Where a column stands unless the profile says otherwise."""
PRIORITIES = {
    "Highest": "critical", "High": "critical", "Medium": "major", "Low": "minor", "Lowest": "minor",
    "Blocker": "critical", "Critical": "critical", "Major": "major", "Minor": "minor", "Trivial": "minor",
}  # fmt: skip
PAGE = 100


def stories(source: Source) -> list[Story]:
    """Every issue that the JQL finds. WrongUse: refused, or the query is wrong; SiteOutOfReach: no sensible answer."""
    try:
        jira = _connected(source)
        wanted = sorted({*source.fields.values(), "summary"})
        found = _cloud(jira, source, wanted) if jira._is_cloud else _server(jira, source, wanted)
    except JIRAError as no:
        raise answered(source.name, no.status_code or 500, str(no.text or "")) from None
    except JSONDecodeError as page:  # HTML with 200: a login page, a proxy
        raise odd(source.name, page.doc) from None
    except RequestException as error:
        raise lost(source.name, error) from None
    try:
        return [story(source, str(one["key"]), str(one["key"]), one["fields"]) for one in found]
    except (KeyError, TypeError, AttributeError) as strange:
        raise odd(source.name, f"{type(strange).__name__}: {strange}") from None


def _connected(source: Source) -> JIRA:
    """The library's own retries would wait in silence: none."""
    user, token = str(source.told.get("user", "")), source.secret("token_env")
    auth: dict[str, Any] = {"basic_auth": (user, token)} if user else {"token_auth": token}
    made = JIRA(source.url, **auth, max_retries=0, timeout=TIMEOUT, get_server_info=False)
    made._session.trust_env = not source.at_home
    info: Any = made.server_info()  # also whether this is Cloud, whose search is another
    if not isinstance(info, dict):
        raise odd(source.name, str(info))
    made.deploymentType = info.get("deploymentType")
    made._version = tuple(info.get("versionNumbers", (8, 4, 0)))
    return made


def _server(jira: JIRA, source: Source, fields: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page: Any = jira.search_issues(
            str(source.told["jql"]), startAt=len(found), maxResults=PAGE, fields=list(fields), json_result=True
        )
        found += _issues(source, page)
        if not isinstance(page.get("total"), int):  # then nobody knows whether these are all
            raise odd(source.name, str({**page, "issues": len(page["issues"])}))
        if len(found) >= page["total"]:
            return found
        if not page["issues"]:
            raise SiteOutOfReach(
                f"{source.name} 说有 {page['total']} 条，只给了 {len(found)} 条；什么也不改。"
                "Fewer stories came than it says there are: nothing is changed."
            )


def _cloud(jira: JIRA, source: Source, fields: list[str]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    token: str | None = None
    while True:
        page: Any = jira.enhanced_search_issues(
            str(source.told["jql"]), nextPageToken=token, maxResults=PAGE, fields=list(fields), json_result=True
        )
        found += _issues(source, page)
        if page.get("isLast", "nextPageToken" not in page):
            return found
        if page.get("nextPageToken") in (None, token):
            raise SiteOutOfReach(f"{source.name} 还有下一页，却没有给出在哪里；什么也不改。The next page is missing.")
        token = str(page["nextPageToken"])


def _issues(source: Source, page: Any) -> list[dict[str, Any]]:
    if not isinstance(page, dict) or not isinstance(page.get("issues"), list):
        raise odd(source.name, str(page))
    told = page.get("warningMessages")
    if told:
        raise WrongUse(f"{source.name}：{'；'.join(map(str, told))}。The query is doubtful: nothing is changed.")
    return list(page["issues"])
