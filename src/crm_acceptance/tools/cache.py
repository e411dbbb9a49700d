"""Where installed tools are kept between runs: one folder per user, safe for several processes at once."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from crm_acceptance.tools.missing import ToolMissing

LOCK_SECONDS = 900.0
"""How long one process waits while another installs the same tool (a slow line, a big download)."""


def cache_dir() -> Path:
    """`$CRM_ACCEPTANCE_CACHE`, or the user's own cache folder. Copy it to a machine without a network and it works."""
    asked = os.environ.get("CRM_ACCEPTANCE_CACHE")
    if asked:
        return Path(asked).expanduser().resolve()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "crm-acceptance" / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "crm-acceptance"


@contextmanager
def locked(name: str) -> Iterator[Path]:
    """Hold the cache's lock for one tool and give the cache folder; ToolMissing where it cannot be written."""
    folder = cache_dir()
    lock = FileLock(folder / f"{name}.lock", timeout=LOCK_SECONDS)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock.acquire()
    except Timeout as late:
        raise ToolMissing(f"另一个进程正在安装 {name} (still being installed by another process): {folder}") from late
    except OSError as refused:
        raise ToolMissing(
            f"缓存目录不可写 (cache not writable): {folder}: {refused.strerror}。"
            "设置 CRM_ACCEPTANCE_CACHE 指向可写目录 (point CRM_ACCEPTANCE_CACHE at a folder you may write)."
        ) from refused
    try:
        yield folder
    finally:
        lock.release()
