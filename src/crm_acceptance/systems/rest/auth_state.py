"""Stored browser states (Playwright storage_state): a login done once by hand, past a captcha or a second factor."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from crm_acceptance.errors import WrongUse
from crm_acceptance.model import Person, Site
from crm_acceptance.systems.rest.places import look
from crm_acceptance.systems.rest.shape import Mapping as MappingFile
from crm_acceptance.systems.rest.templates import MISSING


def file_of(mapping: MappingFile, person: Person) -> Path | None:
    """<state>/<key>.json, relative to the mapping file; None when [auth] names no folder."""
    folder = mapping.auth.state
    return (mapping.file.parent / folder / f"{person.key}.json") if folder else None


def how_to_store(mapping: MappingFile, site: Site, person: Person) -> str:
    """The end of every sentence that asks for a stored state."""
    file = file_of(mapping, person)
    where = f"{mapping.auth.state}/{person.key}.json" if file else f"states/{person.key}.json"
    also = "" if file else '，并在 [auth] 写 state = "states"'
    return (
        f"请由本人登录一次并保存浏览器状态：playwright open --save-storage={where} {site.url}{also}。"
        "Sign in once by hand and store the browser's state like that."
    )


def read(mapping: MappingFile, site: Site, person: Person) -> tuple[dict[str, str], dict[str, Any]] | None:
    """Cookies and saved names from the person's stored state; None when there is none. WrongUse when it is broken."""
    file = file_of(mapping, person)
    if file is None or not file.is_file():
        return None
    try:
        told = json.loads(file.read_bytes())
        cookies = {str(one["name"]): str(one["value"]) for one in told.get("cookies", []) if _for(site, one)}
        stored = _local_storage(told, site)
    except (ValueError, KeyError, TypeError, AttributeError, OSError):
        raise WrongUse(
            f"{file} 不是浏览器状态文件（Playwright storage_state）。{how_to_store(mapping, site, person)}"
        ) from None
    return cookies, _saved(mapping, cookies, stored)


def _for(site: Site, cookie: Mapping[str, Any]) -> bool:
    host, domain = urlsplit(site.url).hostname or "", str(cookie.get("domain", "")).lstrip(".")
    return not domain or host == domain or host.endswith(f".{domain}")


def _local_storage(told: Mapping[str, Any], site: Site) -> dict[str, str]:
    here = "://".join(urlsplit(site.url)[:2])
    origins = [one for one in told.get("origins", []) if one.get("origin") == here]
    return {str(pair["name"]): str(pair["value"]) for one in origins for pair in one.get("localStorage", [])}


def _saved(mapping: MappingFile, cookies: Mapping[str, str], stored: Mapping[str, str]) -> dict[str, Any]:
    """What `save` of the login takes: "localStorage:KEY", "localStorage:KEY.path" in its JSON, or "cookie:NAME"."""
    wanted = mapping.auth.login.save if mapping.auth.login else {}
    found = {name: _found(place, cookies, stored) for name, place in wanted.items()}
    return {name: value for name, value in found.items() if value is not MISSING}


def _found(place: str, cookies: Mapping[str, str], stored: Mapping[str, str]) -> Any:
    kind, _, key = place.partition(":")
    if kind == "cookie":
        return cookies.get(key, MISSING)
    if kind == "localStorage" and key in stored:
        return stored[key]
    head, _, rest = key.partition(".") if kind == "localStorage" else (place, "", "")
    if head not in stored:
        return MISSING
    try:
        return look(json.loads(stored[head]), rest)
    except ValueError:
        return MISSING
