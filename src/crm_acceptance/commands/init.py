"""`init`: lays the workspace down in an empty folder, so that a company keeps its own."""

from __future__ import annotations

import codecs
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from crm_acceptance.errors import WrongUse

HELP = """在空目录里放下一个验收工作区：场景、步骤、权限表、压力表。Lay a workspace down in an empty folder.

例 example:

  crm-acceptance init my-acceptance && cd my-acceptance && crm-acceptance demo
"""
PACKAGE = Path(__file__).resolve().parents[1]
CARRIED = (
    "features", "steps", "load", "security", "fixtures", "conftest.py", "acceptance.toml", "reports/README.md",
    "docs/guides", "docs/reference", "docs/images/peak.png", "docs/images/sign.png", "deploy",
)  # fmt: skip
"""What a workspace is; hatch_build.py puts the same into the wheel."""
SETTINGS = """# pytest 的设置；也可以直接运行 pytest features/sales。pytest's settings, for running it by hand.
[pytest]
addopts = --strict-markers -p no:locust
xfail_strict = true
"""
IGNORED = (
    "reports/*\n!reports/README.md\n!reports/journal/\nreports/journal/*.lock\n"  # journals stay in git
    ".pytest_cache/\n__pycache__/\n.hypothesis/\n.schemathesis/\n"
)


def register(app: typer.Typer) -> None:
    """Adds the command."""
    app.command(name="init", help=HELP)(command)


def command(folder: Annotated[Path, typer.Argument(help="空的或不存在的目录 an empty or new folder")]) -> None:
    """Refuses a folder that holds anything; writes nothing then."""
    count = lay_down(folder)
    print(f"已放下 {count} 个文件 files laid down: {folder.resolve()}")
    there = "" if folder.resolve() == Path.cwd() else f"cd {folder} && "
    print(f"下一步 next: {there}crm-acceptance demo")
    print("写场景 writing scenarios: docs/guides/zh/写场景.md, docs/guides/writing-scenarios.md")


def lay_down(folder: Path) -> int:
    """Copies the workspace; returns how many files. WrongUse when `folder` holds something or cannot be written."""
    source = template()
    try:
        if folder.is_file() or (folder.is_dir() and any(_visible(folder))):
            raise WrongUse(f"{folder} 不是空目录，什么也没有改动。The folder is not empty; nothing was changed.")
        folder.mkdir(parents=True, exist_ok=True)
        count = sum(_copy(source, folder, name) for name in CARRIED)
        (folder / "pytest.ini").write_text(SETTINGS, encoding="utf-8")
        (folder / ".gitignore").write_text(IGNORED, encoding="utf-8")
        return count + 2
    except OSError as refused:
        raise WrongUse(f"{folder} 写不进去：{refused.strerror}（cannot be written）。") from None


def _visible(folder: Path) -> Iterator[Path]:
    """A fresh git repository counts as empty."""
    return (path for path in folder.iterdir() if path.name not in (".git", "README.md", "LICENSE"))


def template() -> Path:
    """The wheel's workspace; in an editable checkout it is not there, and the repository root is the workspace."""
    for place in (PACKAGE / "workspace", PACKAGE.parents[1]):
        if (place / "acceptance.toml").is_file():
            return place
    raise WrongUse("安装包里没有工作区，请重新安装。The package holds no workspace: reinstall crm-acceptance.")


def _copy(source: Path, target: Path, name: str) -> int:
    found = source / name
    if found.is_file():
        _place(found, target / name)
        return 1
    copied = 0
    for file in sorted(path for path in found.rglob("*") if path.is_file() and "__pycache__" not in path.parts):
        _place(file, target / name / file.relative_to(found))
        copied += 1
    return copied


def _place(file: Path, to: Path) -> None:
    """A table gets a byte order mark: without it Excel shows Chinese as rubbish when the file is double-clicked."""
    to.parent.mkdir(parents=True, exist_ok=True)
    if file.suffix == ".csv":
        to.write_bytes(codecs.BOM_UTF8 + file.read_bytes().removeprefix(codecs.BOM_UTF8))
    else:
        shutil.copyfile(file, to)
