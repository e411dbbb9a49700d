"""What `load` watches while it makes a peak: the line that tells how it goes, and the server's own figures."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from crm_acceptance.engines.load.listening import Heard, Source
    from crm_acceptance.engines.load.peaks import Peak
    from crm_acceptance.model import Site
    from crm_acceptance.profile import Profile


def told(profile: Profile, before: Profile, metrics: str) -> Profile:
    """The profile with the address of --metrics. What the profile names is of its own site: of another host, which
    --site names, it would tell somebody else's figures."""
    from crm_acceptance.manners.production import same_host

    if metrics:
        profile = replace(profile, metrics=metrics, monitoring={})
    elif profile.url != before.url and not same_host(profile.url, before.url):
        profile = replace(profile, metrics="", monitoring={})
    _source(profile)  # a wrong address is told before anything is made
    return profile


@contextmanager
def watched(peak: Peak, site: Site, profile: Profile, live: Path, console: Console) -> Iterator[Heard]:
    """The peak that writes `live` is shown, and the server heard, until the context is left."""
    from crm_acceptance.engines.load.listening import listening
    from crm_acceptance.engines.load.server import families
    from crm_acceptance.running.pulse import shown

    live.unlink(missing_ok=True)  # an earlier run's last words are none of this one's
    source = _source(profile, families(peak.thresholds), site.ca)
    with shown(console, live, peak.length), listening(source) as heard:
        yield heard


def _source(profile: Profile, families: tuple[str, ...] = (), ca: str = "") -> Source | None:
    from crm_acceptance.engines.load import listening

    return listening.source(profile.metrics, profile.monitoring, families, ca)
