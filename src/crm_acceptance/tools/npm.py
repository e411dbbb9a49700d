"""Installs one pinned npm package into the cache, from the lock that is committed beside this module."""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path

from crm_acceptance.tools.cache import cache_dir, locked
from crm_acceptance.tools.missing import Say, call
from crm_acceptance.tools.node import find_node, npm_command

PINNED = Path(__file__).with_name("pinned")
INSTALL_SECONDS = 600.0
QUIET = ("--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")


def home_of(name: str) -> Path:
    """Where `name` is (or will be) installed: the folder's name changes whenever its lock changes."""
    digest = hashlib.sha256((PINNED / name / "package-lock.json").read_bytes()).hexdigest()[:12]
    return cache_dir() / f"{name}-{digest}"


def installed(name: str) -> Path | None:
    """The finished installation of `name`, or None. A half-finished one lies under another name."""
    home = home_of(name)
    return home if home.is_dir() else None


def install(name: str, say: Say) -> Path:
    """Install `name` once for all runs of this user; a broken-off installation is taken up again, not trusted."""
    if ready := installed(name):
        return ready
    with locked(name):
        return installed(name) or _install(name, say)


def _install(name: str, say: Say) -> Path:
    home = home_of(name)
    part = home.with_suffix(".part")
    say(f"正在安装 {name}（仅此一次）installing, only once: {home}")
    shutil.copytree(PINNED / name, part, dirs_exist_ok=True)
    call([*npm_command(find_node()), "ci", *QUIET], what=f"npm ci ({name})", seconds=INSTALL_SECONDS, cwd=part)
    part.rename(home)
    return home
