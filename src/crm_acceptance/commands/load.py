"""`load`: one peak against one site, its figures in DIR/load.json."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console
from rich.markup import escape

from crm_acceptance.commands import init, load_watching, load_worker, options
from crm_acceptance.errors import Unproven, WrongUse, unknown

if TYPE_CHECKING:
    from crm_acceptance.commands import load_capacity
    from crm_acceptance.engines.load.fleet import Fleet
    from crm_acceptance.engines.load.foreign import May
    from crm_acceptance.engines.load.orders import Measured
    from crm_acceptance.engines.load.peaks import Peak
    from crm_acceptance.engines.load.single import Single
    from crm_acceptance.engines.load.writes import Look
    from crm_acceptance.model import Person, Site
    from crm_acceptance.profile import Profile

HELP = """跑一个高峰，把数字写到 DIR/load.json。Run one peak, figures in DIR/load.json.

退出码 exit codes: 0 有效且全部达标 valid, all met · 1 没有达标 not met · 2 用法错误 wrong use ·
3 无效或未被证明 invalid or unproven · 4 站点无法访问 out of reach

没有门槛就没有判断：出错超过 1 % 是 3，否则 0。Without thresholds nothing is judged: 3 where over 1 % failed.

例 examples:

  crm-acceptance load --peak morning --out reports/morning          （自动启动系统 the CRM is launched）

  crm-acceptance load --peak morning --site https://crm-test.example.com --out reports/morning

  crm-acceptance load --peak pages --peaks my.toml --site http://127.0.0.1:8000 --out reports/pages

  crm-acceptance load --peak morning --out reports/most --capacity   （最多承受每秒多少 the highest rate borne）

  crm-acceptance load --peak morning --out reports/morning --workers 4   （本机四个工人 four workers here）
"""
LIVE = "live.jsonl"
"""The name of the live file in the folder of results."""


@dataclass(frozen=True)
class Aims:
    """What is wanted beside the verdict: the highest rate that is borne; a comparison with a kept run (`before`, as
    read); this run kept in a file."""

    capacity: bool = False
    before: dict[str, Any] | None = None
    keep: Path | None = None


def register(app: typer.Typer) -> None:
    """Adds the group: by itself it runs one peak, its commands are about workers."""
    group = typer.Typer(help=HELP, rich_markup_mode="rich")
    group.callback(invoke_without_command=True)(command)
    load_worker.register(group)
    app.add_typer(group, name="load")


def command(
    context: typer.Context,
    peak: Annotated[str, typer.Option("--peak", help="哪个高峰 which peak of the file")] = "",
    out: Annotated[Path | None, typer.Option("--out", help="结果目录 folder for load.json")] = None,
    site: Annotated[str, typer.Option("--site", help="站点地址 its URL, instead of the profile's")] = "",
    system: Annotated[str, typer.Option("--system", help="哪个系统 which CRM [默认 profile's]")] = "",
    peaks: Annotated[Path | None, typer.Option("--peaks", help="高峰文件 file of peaks [默认 profile's]")] = None,
    workers: Annotated[int, typer.Option("--workers", help="在本机开几个工人 workers here", min=0, max=500)] = 0,
    expect: Annotated[int, typer.Option("--expect", help="等别处来几个工人 from elsewhere", min=0, max=500)] = 0,
    bind: Annotated[str, typer.Option("--bind", help="在哪个地址等 where the master listens")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", help="端口 [默认 --expect 时 5557] its port", min=0, max=65535)] = 0,
    patience: Annotated[float, typer.Option("--patience", help="等工人几秒 seconds for all to join", min=1)] = 120.0,
    metrics_port: Annotated[
        int, typer.Option("--metrics-port", help="边跑边供 Prometheus 取数（127.0.0.1）live figures", min=0, max=65535)
    ] = 0,
    otlp: Annotated[str, typer.Option("--otlp", help="边跑边推送到 OTLP/HTTP 地址 push live figures")] = "",
    metrics: Annotated[str, typer.Option("--metrics", help="服务器自己的数字 server's figures, e.g. …/metrics")] = "",
    capacity: Annotated[bool, typer.Option("--capacity", help="找出最多承受每秒多少 the highest rate borne")] = False,
    baseline: Annotated[Path | None, typer.Option("--baseline", help="与它比较 a kept run to compare with")] = None,
    keep: Annotated[Path | None, typer.Option("--keep-baseline", help="把这次留作基线 keep this run")] = None,
) -> None:
    """One peak, one verdict."""
    if context.invoked_subcommand is not None:
        return
    if not peak or out is None:
        raise WrongUse("要说明跑哪个高峰、写到哪里：--peak NAME --out DIR。Say which peak and where to: see --help.")
    from crm_acceptance import catalogue as tables
    from crm_acceptance import profile as profiles
    from crm_acceptance import sites
    from crm_acceptance.commands import load_telling
    from crm_acceptance.engines.load import export, foresight, safety
    from crm_acceptance.engines.load import fleet as fleets

    console = options.console()
    aims = _aims(capacity, baseline, keep)
    own = _own(system, peaks if site else None)
    profile = load_watching.told(profiles.at_site(own, site) if site else own, own, metrics)
    catalogue = tables.load(profile)
    everybody = tuple(catalogue.people.values())
    chosen = _chosen(
        peaks or profile.path("peaks"), peak, everybody, tuple(catalogue.requirements) if own.digest else ()
    )
    if not chosen.plain and not own.digest:
        options.workspace()  # people, passwords and a mapping are a workspace's
    sites.guard(profile)
    safety.cleared(profile, chosen)
    for doubt in foresight.doubts(chosen):
        console.print(f"[yellow]{escape(doubt)}[/]", soft_wrap=True, highlight=False)
    _made(out)
    fleet = fleets.Fleet(workers, expect, bind, port or (fleets.PORT if expect else 0), patience)
    with export.exporting(out / LIVE, chosen.name, metrics_port, otlp) as notes:
        single, code = _measured(chosen, profile, everybody, out, console, fleet, aims)
    for note in notes:
        console.print(f"[yellow]{escape(note)}[/]", soft_wrap=True, highlight=False)
    load_telling.tell(single, out, console)
    raise typer.Exit(code)


def _own(system: str, peaks: Path | None) -> Profile:
    """The workspace's profile. Elsewhere, where a file of peaks and a site are given, a nameless one (no digest): it is
    good for plain pages, which need no workspace."""
    from crm_acceptance import profile as profiles

    if peaks is None or profiles.find_workspace(Path.cwd()) is not None:
        return profiles.load(options.workspace(), system or None)
    return profiles.Profile(init.template(), system=system or "pages")


def _aims(capacity: bool, before: Path | None, keep: Path | None) -> Aims:
    """What is wanted beside the verdict; a baseline that cannot be read is told before any load is made."""
    if capacity and (before or keep):
        raise WrongUse("--capacity 不能与基线一起用。A search for capacity has no baseline: run them one by one.")
    if keep is not None:
        options.writable(keep, "不能写基线", "The baseline cannot be written")
    if before is None:
        return Aims(capacity, None, keep)
    from crm_acceptance.engines.load import baseline

    return Aims(capacity, baseline.read(before), keep)


def _chosen(file: Path | None, name: str, people: tuple[Person, ...], requirements: tuple[str, ...]) -> Peak:
    from crm_acceptance.engines.load import peaks

    if file is None:
        raise WrongUse("这个系统没有高峰文件，请用 --peaks。No peaks for this system: give --peaks FILE.")
    found = {one.name: one for one in peaks.load(file, people, requirements)}
    if name not in found:
        raise unknown(f"高峰 peak（{file.name}）", name, found)
    return found[name]


def _made(out: Path) -> None:
    """The folder, without the verdict of an earlier run: whatever becomes of this one, that is none of its own."""
    told = out / "load.json"
    options.writable(told, "不能写入目录", "The folder cannot be written")
    told.unlink(missing_ok=True)


def _measured(
    peak: Peak, profile: Profile, people: tuple[Person, ...], out: Path, console: Console, fleet: Fleet, aims: Aims
) -> tuple[Single, int]:
    from contextlib import ExitStack

    from crm_acceptance import sites
    from crm_acceptance.commands import load_baseline, load_capacity
    from crm_acceptance.engines.load import single, starting
    from crm_acceptance.manners.guest import guest
    from crm_acceptance.model import Site

    with ExitStack() as open_things:
        if peak.plain and not profile.url:
            raise WrongUse("只打开网页的高峰要说明站点：--site。A peak of plain pages needs --site.")
        site = (
            Site("", profile.url, profile.kind, ca=sites.certificate(profile))
            if peak.plain
            else open_things.enter_context(sites.opened(profile))
        )
        open_things.enter_context(guest(profile, site, out))
        console.print(f"{peak.title} → {site.url}", soft_wrap=True, highlight=False, markup=False)
        _invite(fleet, site, console)
        run = _generator(profile, people, fleet, out / LIVE, console)
        if aims.capacity:
            return _capacity(load_capacity.Steps(peak, profile, people, site, run, console), peak, people, site, out)
        with starting.interruptible():
            measured = run(peak, site)
        judged = single.judged(peak, measured, _look(peak, profile, site, people), _may(peak, profile))
    more = {"baseline": load_baseline.compared(aims.before, judged, site, console)} if aims.before else {}
    _write(judged, site, people, out, more)
    if aims.keep:
        load_baseline.keep(aims.keep, judged, site, console)
    return judged, judged.exit_code


def _capacity(
    steps: load_capacity.Steps, peak: Peak, people: tuple[Person, ...], site: Site, out: Path
) -> tuple[Single, int]:
    """The search; load.json holds its best step, and what all of them came to."""
    from crm_acceptance.commands import load_capacity
    from crm_acceptance.engines.load import capacity

    found = load_capacity.searched(steps, peak.rate)
    if steps.best is None:
        raise Unproven("没有一步跑成，不知道能承受多少。No step was run: nothing is known of the capacity.")
    _write(steps.best, site, people, out, {"capacity": capacity.told(found, steps.best.peak.thresholds)})
    steps.console.print(found.sentence, soft_wrap=True, highlight=False, markup=False)
    return steps.best, load_capacity.exit_code(found, peak.rate)


def _may(peak: Peak, profile: Profile) -> May | None:
    """What the permission table says of each other's records, where a threshold asks."""
    if not any(one.measure == "foreign" for one in peak.thresholds):
        return None
    from crm_acceptance import catalogue as tables
    from crm_acceptance.engines.load.foreign import allowing
    from crm_acceptance.engines.permissions import table

    known = tables.load(profile)
    return allowing(table.declared(profile, known), known.people)


def _invite(fleet: Fleet, site: Site, console: Console) -> None:
    """What to type on the other machines."""
    if fleet.expect:
        console.print(
            f"等 {fleet.expect} 个工人，最多 {fleet.patience:g} 秒 waiting for workers: crm-acceptance load worker "
            f"--master {fleet.bind} --port {fleet.port} --site {site.url}",
            soft_wrap=True, highlight=False, markup=False,
        )  # fmt: skip


def _generator(
    profile: Profile, people: tuple[Person, ...], fleet: Fleet, live: Path, console: Console
) -> Callable[[Peak, Site], Measured]:
    """Makes the load of a peak; a run that failed is measured, too: its problem says why."""
    from crm_acceptance import sites
    from crm_acceptance.engines.load import generator, safety
    from crm_acceptance.engines.load.orders import Measured

    locustfile = profile.workspace / "load" / "locustfile.py"
    if not locustfile.is_file():
        raise WrongUse(f"工作区里没有 {locustfile}。The workspace holds no load/locustfile.py: `crm-acceptance init`.")

    def run(peak: Peak, site: Site) -> Measured:
        def password(person: Person) -> str:
            return sites.password_of(profile, person)

        approval = safety.cleared(profile, peak)
        try:
            with load_watching.watched(peak, site, profile, live, console) as heard:
                measured = generator.run(peak, site, people, password, locustfile, fleet, live)
        except Unproven as reason:
            return Measured(problem=str(reason), approval=approval)
        return replace(measured, approval=approval, metrics=heard.figures, deaf=heard.trouble)

    return run


def _look(peak: Peak, profile: Profile, site: Site, people: tuple[Person, ...]) -> Look | None:
    from crm_acceptance import sites
    from crm_acceptance.engines.load.afterwards import looker
    from crm_acceptance.systems import find

    if not any(one.measure == "writes" for one in peak.thresholds) or peak.plain:
        return None
    by_key = {one.key: one for one in people}
    system = find(profile.system, profile.path("mapping"))
    return looker(system, site, by_key, lambda person: sites.password_of(profile, person), profile.timeout)


def _write(judged: Single, site: Site, people: tuple[Person, ...], out: Path, more: Mapping[str, Any]) -> None:
    from crm_acceptance.engines.load import histograms, keeping, single
    from crm_acceptance.engines.load.orders import write_measured

    more = {**more, **keeping.keep(out, "", judged.peak, judged.measured)}
    per_verb, per_department = single.kept(judged.peak, judged.measured, people)
    texts = {
        "verbs": {name: histograms.encoded(one) for name, one in per_verb.items()},
        "departments": {name: histograms.encoded(one) for name, one in per_department.items() if name},
    }
    for name, body in (("load.json", {**single.told(judged, site.url, people), **more}), ("histograms.json", texts)):
        (out / name).write_text(json.dumps(body, ensure_ascii=False, indent=1), encoding="utf-8")
    write_measured(out / "samples.json", judged.measured)
