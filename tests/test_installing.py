"""Installing any launched system: resumable steps, one process at a time, checksums, sentences for what fails."""

from __future__ import annotations

import io
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from filelock import FileLock

from crm_acceptance.errors import SiteOutOfReach
from crm_acceptance.systems import installing
from crm_acceptance.systems.installing import Cache, Step, ensure, folder_of, npm_unpacked, pip, run


def _steps(done: list[str], *names: str, fails: str = "") -> list[Step[Cache]]:
    def doing(name: str) -> Step[Cache]:
        def act(where: Cache) -> None:
            if name == fails:
                raise SiteOutOfReach("broken off")
            done.append(name)

        return Step(name, name, name, act)

    return [doing(name) for name in names]


def test_an_interrupted_installation_resumes_with_the_step_that_broke_off(tmp_path: Path) -> None:
    done: list[str] = []
    said: list[str] = []
    with pytest.raises(SiteOutOfReach):
        ensure(Cache(tmp_path), _steps(done, "one", "two", "three", fails="two"), said.append)
    ensure(Cache(tmp_path), _steps(done, "one", "two", "three"), said.append)
    assert done == ["one", "two", "three"]
    assert said == ["CRM 1/3 one", "CRM 2/3 two", "CRM 2/3 two", "CRM 3/3 three"]


def test_a_changed_step_is_done_again_with_all_that_build_on_it(tmp_path: Path) -> None:
    done: list[str] = []
    ensure(Cache(tmp_path), _steps(done, "one", "two"), done.append)
    done.clear()
    first, second = _steps(done, "one", "two")
    ensure(Cache(tmp_path), [Step("one", "one", "newer", first.run), second], lambda line: None)
    assert done == ["one", "two"]


def test_a_step_of_another_part_is_left_alone(tmp_path: Path) -> None:
    done: list[str] = []
    first, second = _steps(done, "one", "two")
    apart = Step("two", "two", "two", second.run, "web")
    ensure(Cache(tmp_path), [first, apart], lambda line: None)
    done.clear()
    ensure(Cache(tmp_path), [Step("one", "one", "newer", first.run), apart], lambda line: None)
    assert done == ["one"]


def test_whoever_comes_second_waits_and_is_told_why(tmp_path: Path) -> None:
    done: list[str] = []
    said: list[str] = []
    other = FileLock(tmp_path / "install.lock")
    other.acquire()

    def say(line: str) -> None:
        said.append(line)
        other.release()

    ensure(Cache(tmp_path), _steps(done, "one"), say)
    assert "另一个进程正在安装 CRM" in said[0]
    assert done == ["one"]


def test_a_cache_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way", "utf-8")
    with pytest.raises(SiteOutOfReach, match="CRM_ACCEPTANCE_CACHE"):
        ensure(Cache(tmp_path / "file" / "below"), [], lambda line: None)


def test_a_failing_command_is_one_sentence_with_its_last_line(tmp_path: Path) -> None:
    with pytest.raises(SiteOutOfReach, match=r"退出码 3.*no such package"):
        run(Cache(tmp_path), [sys.executable, "-c", "import sys; print('no such package'); sys.exit(3)"])


def test_a_command_that_never_ends_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installing, "STEP_LIMIT_SECONDS", 0.5)
    with pytest.raises(SiteOutOfReach, match="失败"):
        run(Cache(tmp_path), [sys.executable, "-c", "import threading; threading.Event().wait()"])


def test_a_requirement_without_a_hash_is_never_installed(tmp_path: Path) -> None:
    wanted = tmp_path / "requirements.txt"
    wheel = tmp_path / "thing-1.0-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as packed:
        packed.writestr("thing-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
        packed.writestr("thing-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        packed.writestr("thing-1.0.dist-info/RECORD", "")
    wanted.write_text(f"thing @ {wheel.as_uri()}\n", "utf-8")
    Cache(tmp_path).bin.mkdir(parents=True)
    (Cache(tmp_path).bin / "python").symlink_to(sys.executable)
    with pytest.raises(SiteOutOfReach, match="失败"):
        pip(Cache(tmp_path), wanted)
    assert "--require-hashes" in (tmp_path / "install.log").read_text("utf-8")


def test_a_package_with_another_checksum_is_refused_before_it_is_unpacked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def pack(where: Cache, command: list[str], folder: Path) -> None:
        with tarfile.open(folder / "evil-1.0.0.tgz", "w:gz") as archive:
            archive.addfile(tarfile.TarInfo("package/index.js"), io.BytesIO())

    monkeypatch.setattr(installing, "run", pack)
    with pytest.raises(SiteOutOfReach, match=r"evil@1\.0\.0 的校验和不符"):
        npm_unpacked(Cache(tmp_path), "evil@1.0.0", "sha512-AAAA", tmp_path / "got")
    assert not (tmp_path / "got" / "package").exists()


def test_the_cache_moves_with_its_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CRM_ACCEPTANCE_CACHE", str(tmp_path))
    assert folder_of("some-crm") == tmp_path / "some-crm"
