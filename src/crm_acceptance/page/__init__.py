"""The project lead's one page: a verdict -> reports/<run>/index.html, offline. Decides nothing: gate/ did."""

from __future__ import annotations

from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from crm_acceptance.gate import Verdict
from crm_acceptance.gate.record import replace_text
from crm_acceptance.page import figures, peaks, signed, touchstone, words
from crm_acceptance.page.signed import Signing
from crm_acceptance.page.view import view_of

HERE = Path(__file__).parent


def write_page(
    verdict: Verdict, run_dir: Path, signings: tuple[Signing, ...] = (), warnings: tuple[str, ...] = ()
) -> Path:
    """Write `run_dir`/index.html in one piece and return it.

    Links into Allure appear only when `run_dir`/allure-report is there, so build that report first.
    `signings`: where every department's signatures stand; `warnings`: what a project lead should see early.
    Raises WrongUse when the folder cannot be written.
    """
    target = run_dir / "index.html"
    replace_text(target, html_of(verdict, run_dir, signings, warnings))
    return target


def html_of(verdict: Verdict, run_dir: Path, signings: tuple[Signing, ...] = (), warnings: tuple[str, ...] = ()) -> str:
    """The page as text. Reads `run_dir` for load figures and for whether an Allure report is there; writes nothing."""
    has_allure = (run_dir / "allure-report" / "index.html").is_file()
    # Everything a CRM said may end up here, so escaping is on for every value; only our own style sheet is not escaped.
    rooms = Environment(loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    return rooms.get_template("index.html.j2").render(
        style=(HERE / "page.css").read_text(encoding="utf-8"),
        page=view_of(verdict, has_allure),
        load=figures.read(run_dir / "load"),
        peaks=peaks.read(run_dir / "load"),
        touchstone=touchstone.read(run_dir, verdict.run.suite),
        words=words,
        signings=signings,
        signed=signed,
        warnings=warnings,
    )
