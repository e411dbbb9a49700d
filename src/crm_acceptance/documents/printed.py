"""The form as PDF: our page, printed by the browser that the screens use, its dates taken out."""

from __future__ import annotations

import subprocess
import tempfile
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from crm_acceptance.documents.packing import pdf, qr_svg
from crm_acceptance.documents.paper import Paper
from crm_acceptance.errors import WrongUse
from crm_acceptance.tools.browser import find_browser, launch_args

PATIENCE = 180.0
"""Seconds for printing a page; a second or two is usual, and ten times that beside a load test."""


def printed(paper: Paper) -> bytes:
    """The .pdf. WrongUse when there is no browser, or it prints nothing."""
    with tempfile.TemporaryDirectory(prefix="crm-acceptance-print-") as kept:
        page, out = Path(kept) / "page.html", Path(kept) / "page.pdf"
        page.write_text(html(paper), encoding="utf-8")
        _print(page, out, Path(kept) / "profile")
        return pdf(out.read_bytes(), f"{paper.project}上线验收单 {paper.run}")


def html(paper: Paper) -> str:
    """The page that is printed."""
    rooms = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined)
    signed = {one.department for one in paper.hands}
    return rooms.get_template("page.html.j2").render(paper=paper, signed=signed, qr=Markup(qr_svg(paper.code)))


def _print(page: Path, out: Path, profile: Path) -> None:
    found = find_browser()
    command = [
        str(found), *launch_args(), "--headless", "--disable-gpu", "--no-pdf-header-footer",
        f"--user-data-dir={profile}", f"--print-to-pdf={out}", page.as_uri(),
    ]  # fmt: skip
    try:
        done = subprocess.run(command, capture_output=True, timeout=PATIENCE, check=False)
    except (OSError, subprocess.TimeoutExpired) as wrong:
        raise WrongUse(f"浏览器 {found} 打印不了：{type(wrong).__name__}。请执行 crm-acceptance doctor。") from None
    if not out.is_file():
        said = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["(no output)"]
        raise WrongUse(f"浏览器 {found} 没有打印出 PDF：{said[0][:200]}。It printed nothing: crm-acceptance doctor.")
