"""`python -m examples.trial directus|strapi`: from an empty folder to a decision, as a company's engineer would go."""

from __future__ import annotations

import argparse
import os
import secrets
import shutil
import subprocess
import sys
from pathlib import Path

from crm_acceptance.errors import AcceptanceError
from examples.serve import SYSTEMS, starter

HERE = Path(__file__).parent
COMMAND = (str(Path(sys.executable).with_name("crm-acceptance")),)


def main() -> int:
    """The exit code of the run, or of doctor when the mapping does not stand."""
    told = argparse.ArgumentParser(prog="python -m examples.trial", description=__doc__)
    told.add_argument("system", choices=SYSTEMS)
    told.add_argument("--folder", type=Path, default=None, help="the workspace; default build/try-<system>")
    told.add_argument("run", nargs="*", help="more words for `crm-acceptance run`, after --")
    asked = told.parse_args()
    folder = (asked.folder or Path("build") / f"try-{asked.system}").resolve()
    try:
        return _try(asked.system, folder, asked.run)
    except AcceptanceError as wrong:
        print(wrong, file=sys.stderr)
        return wrong.exit_code


def _try(system: str, folder: Path, more: list[str]) -> int:
    lay_down(system, folder)
    password = os.environ.get("CRM_ACCEPTANCE_PASSWORD") or secrets.token_urlsafe(12)
    with starter(system)(0, password) as url:
        environ = os.environ | {"CRM_ACCEPTANCE_PASSWORD": password}
        for words in (["doctor", "--site", url], ["run", "--site", url, "--without-browser", *more]):
            print("$ crm-acceptance", *words, flush=True)
            code = subprocess.run([*COMMAND, *words], cwd=folder, env=environ, check=False).returncode
            if words[0] == "doctor" and code:
                return code
    return code


def lay_down(system: str, folder: Path) -> None:
    """`crm-acceptance init`, then the company's own files over it. Reports of earlier runs stay."""
    for found in folder.iterdir() if folder.exists() else ():
        if found.name != "reports":
            shutil.rmtree(found) if found.is_dir() else found.unlink()
    fresh = folder.with_name(folder.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    subprocess.run([*COMMAND, "init", str(fresh)], check=True, stdout=subprocess.DEVNULL)
    shutil.copytree(HERE / system / "workspace", fresh, dirs_exist_ok=True)
    shutil.copytree(fresh, folder, dirs_exist_ok=True)
    shutil.rmtree(fresh)


if __name__ == "__main__":
    sys.exit(main())
