"""The order of a run: read, promise, look, run, conclude. Every step's own work lives beside it."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from dataclasses import replace

from rich.console import Console
from rich.markup import escape

from crm_acceptance import actors, chain, changes, contents, gate, sites
from crm_acceptance import catalogue as tables
from crm_acceptance import profile as profiles
from crm_acceptance.catalogue import Catalogue
from crm_acceptance.changes import signed
from crm_acceptance.changes.terms import terms
from crm_acceptance.checks.selection import Selection, selection
from crm_acceptance.engines.faults import faults
from crm_acceptance.errors import AcceptanceError, WrongUse
from crm_acceptance.profile import Profile
from crm_acceptance.running import planning, preflight
from crm_acceptance.running.ending import conclude, show_aside
from crm_acceptance.running.folder import Folder, fresh, remove
from crm_acceptance.running.interruption import Interrupted, heard
from crm_acceptance.running.phases import run_all
from crm_acceptance.running.planning import PhasePlan
from crm_acceptance.running.request import Request
from crm_acceptance.running.signatures import aside
from crm_acceptance.running.stage import Stage
from crm_acceptance.systems import find

INTERRUPTED = 3


def run(request: Request, console: Console) -> int:
    """Carries the request out and returns the exit code. AcceptanceError when it could not begin."""
    profile = _profile(request)
    catalogue = tables.load(profile)
    for notice in catalogue.notices:
        console.print(f"[yellow]{escape(notice)}[/]")
    find(profile.system, profile.path("mapping"))
    terms(profile)  # a mistake in [changes] must not come to light after an hour's run
    signed.read(profile)  # nor a journal or a public key that nobody can read
    sites.guard(profile)
    chosen = selection(
        list(request.departments), list(request.requirements), request.without_browser, catalogue, request.listed
    )
    base = request.out or profile.workspace / "reports"
    asked = [str(faults.read(one)) for one in request.faults]
    folder = Folder(fresh(base, profile.system), profile, request.seed, asked)
    return _Run(request, profile, catalogue, chosen, folder, console).whole()


def _profile(request: Request) -> Profile:
    profile = profiles.load(request.workspace, request.system or None)
    if request.fresh:
        return replace(profile, url="", kind="reference")
    return profiles.at_site(profile, request.site) if request.site else profile


class _Run:
    """One run, from the empty folder to the verdict."""

    def __init__(
        self,
        request: Request,
        profile: Profile,
        catalogue: Catalogue,
        chosen: Selection,
        folder: Folder,
        console: Console,
    ) -> None:
        self._request, self._profile, self._catalogue = request, profile, catalogue
        self._chosen, self._folder, self._console = chosen, folder, console
        self._stage = Stage(profile, request, console)
        self._began = False

    def whole(self) -> int:
        """Whatever happens after the first check was promised, the folder is judged."""
        try:
            with heard():
                self._prepare_and_run()
            self._folder.finish()
        except Interrupted as asked:
            if not self._began:
                remove(self._folder.path)
                self._console.print("已中断，什么也没有运行。Interrupted before anything ran.")
                return INTERRUPTED
            self._folder.finish(interrupted=str(asked))
            self._console.print(
                "[yellow]已中断：已有的结果都保留，其余未被证明。Interrupted: what is found is kept.[/]"
            )
        except OSError as refused:
            raise WrongUse(
                f"报告目录写不进去了：{self._folder.path}（{refused.strerror}）。The report folder cannot be written."
            ) from None
        chain.append(self._folder.path, "end")  # of an interrupted phase, too
        self._agree()
        doubts = gate.Doubts(changes.unapproved(self._profile, self._folder.path))
        code = conclude(self._folder.path, self._console, allure=self._request.allure, doubts=doubts)
        chain.seal(self._folder.path)
        present = contents.of_run(self._folder.path)
        show_aside(self._folder.path, doubts, aside(self._profile, self._folder.path, present))
        return code

    def _agree(self) -> None:
        """Where a company names who approves changes, its first run into its own reports says what was agreed."""
        own = self._folder.path.parent == self._profile.workspace / "reports"
        if own and changes.begin(self._profile, self._folder.path):
            self._console.print(
                "这是第一次运行，它的需求和检查记为约定的基线；之后的变更要审批（crm-acceptance changes）。"
                "This first run is the baseline: later changes are asked for.",
                soft_wrap=True,
            )

    def _prepare_and_run(self) -> None:
        with contextlib.ExitStack() as open_things:
            try:
                plans = self._prepare(open_things)
            except AcceptanceError:
                remove(self._folder.path)
                raise
            self._began = True
            try:
                run_all(self._folder, self._profile, self._request, self._chosen, plans, self._console)
            finally:
                self._stage.leave(self._folder, self._catalogue.people.values())
        self._stage.tell_faults(self._folder)

    def _prepare(self, open_things: contextlib.ExitStack) -> list[PhasePlan]:
        self._folder.begin(self._catalogue)
        if not self._console.is_terminal:
            self._console.print("收集检查 collecting checks …")
        with self._console.status("收集检查 collecting checks …"):
            plans = planning.make(self._folder, self._profile, self._request, self._chosen)
        preflight.browser(plans)
        if self._profile.url:
            preflight.passwords(self._profile, self._catalogue)
        with self._console.status(f"{self._profile.system} …"):
            site = self._stage.enter(open_things, self._folder.path)
            preflight.answering(site, self._profile.timeout)
            if self._profile.url:
                self._leave_out(open_things, preflight.logins(self._profile, self._catalogue, site))
        self._stage.open(open_things, self._folder.path)
        self._folder.at(site)
        self._console.print(f"{site.system} {site.url} → {self._folder.path}", soft_wrap=True, highlight=False)
        return plans

    def _leave_out(self, open_things: contextlib.ExitStack, refused: Mapping[str, str]) -> None:
        """Whoever cannot sign in makes the own checks unproven, and no others."""
        if not refused:
            return
        os.environ[actors.MUTE_ENV] = " ".join(refused)
        open_things.callback(os.environ.pop, actors.MUTE_ENV, None)
        self._console.print(
            f"登录被拒绝：{'；'.join(refused.values())}。他们的检查都未被证明，其余照常；请检查登录名和密码。"
            "Sign-in refused: what these people would do stays unproven, the rest goes on.",
            soft_wrap=True,
            style="yellow",
            markup=False,
        )
