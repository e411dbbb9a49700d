"""Whether pages and screenshots can show Chinese. Installing is browser_install.py."""

from __future__ import annotations

import shutil
import sys

from crm_acceptance.tools.missing import ToolMissing, call


def has_chinese_font() -> bool:
    """True if fontconfig knows a font for zh; Windows and macOS always bring one."""
    if not sys.platform.startswith("linux"):
        return True
    if not shutil.which("fc-list"):
        return False
    try:
        return bool(call(["fc-list", ":lang=zh", "family"], what="fc-list", seconds=60).strip())
    except ToolMissing:
        return False
