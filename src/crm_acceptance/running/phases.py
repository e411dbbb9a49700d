"""Runs the phases of one run, one pytest process each, and notes how each ended; judges nothing."""

from __future__ import annotations

from rich.console import Console

from crm_acceptance import chain
from crm_acceptance.checks.progress import PROGRESS_ENV
from crm_acceptance.checks.selection import Selection
from crm_acceptance.checks.session import PHASE_ENV, SEED_ENV
from crm_acceptance.profile import Profile
from crm_acceptance.running.folder import Folder, environment
from crm_acceptance.running.planning import PhasePlan, selecting
from crm_acceptance.running.process import Process, Stuck, pytest_command
from crm_acceptance.running.request import Request
from crm_acceptance.running.show import Show

ALONE = ("load",)
"""Phases that must not share the machine with themselves: a peak measures one generator."""
MOST_WORKERS = 2
NOTHING_RAN = 5


def run_all(
    folder: Folder, profile: Profile, request: Request, selection: Selection, plans: list[PhasePlan], console: Console
) -> None:
    """Every phase runs, whatever became of those before it."""
    folder.phases([plan.name for plan in plans])
    for plan in plans:
        if not plan.titles:
            folder.ended(plan.name, NOTHING_RAN)
            continue
        try:
            folder.ended(plan.name, _run(folder, profile, request, selection, plan, console))
        except Stuck as stuck:
            console.print(f"[red]{plan.name}: {stuck}[/]")
        chain.append(folder.path, plan.name)


def _run(
    folder: Folder, profile: Profile, request: Request, selection: Selection, plan: PhasePlan, console: Console
) -> int:
    progress = folder.path / "logs" / f"{plan.name}.progress"
    env = environment(
        folder,
        profile,
        {
            **selection.as_environment(),
            PHASE_ENV: plan.name,
            SEED_ENV: request.seed,
            PROGRESS_ENV: str(progress),
        },
    )
    command = pytest_command(profile.workspace, [*_arguments(folder, request, plan, profile), *plan.files])
    with (
        Process(command, env, profile.workspace, folder.log(plan.name)) as process,
        Show(console, plan.name, plan.titles, progress, peaks=folder.path / "load") as show,
    ):
        return process.follow(show.look, request.patience)


def _arguments(folder: Folder, request: Request, plan: PhasePlan, profile: Profile) -> list[str]:
    """`--clean-alluredir` is never given: one crashed worker would take all results along."""
    return [
        "-q",
        "--no-header",
        "--tb=short",
        f"--alluredir={folder.results}",
        *selecting(request),
        *workers(request.workers, plan, profile.workers),
    ]


def workers(asked: str, plan: PhasePlan, bearable: int = 0) -> list[str]:
    """No more workers than checks, at most two unless asked for (each brings a browser of 600 MB), and never more than
    the site bears (`[site] workers`): a CRM on SQLite answers "database is locked" to two who write at once."""
    if plan.name in ALONE or len(plan.titles) < 2:
        return ["-n", "0"]
    count = MOST_WORKERS if asked == "auto" else int(asked)
    count = min(count, bearable) if bearable else count
    return ["-n", str(min(count, len(plan.titles)))] if count > 1 else ["-n", "0"]
