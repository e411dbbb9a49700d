"""Looking at the site after a peak, as the person who wrote; what is looked for is decided in writes.py."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from crm_acceptance.engines.load.writes import Look
from crm_acceptance.engines.permissions.voices import Voices
from crm_acceptance.errors import Unproven, Unsupported
from crm_acceptance.model import Action, Outcome, Person, Site
from crm_acceptance.sending import http_send, line
from crm_acceptance.systems import HasRecords, System


def looker(
    system: System, site: Site, people: Mapping[str, Person], password: Callable[[Person], str], timeout: float
) -> Look:
    """`look(key, action)` as that person. Unsupported without an API; Unproven when somebody may not look any more."""
    if not isinstance(system, HasRecords):
        raise Unsupported(f"{system.title} 没有 API，压不出负载。{system.title} has no API to put under load.")
    voices = Voices(system.records(site), password, lambda person: http_send(line(site), site, timeout))

    def seen(key: str, action: Action) -> Outcome:
        heard = voices.hear(people[key], action)
        if heard.refusal:
            raise Unproven(f"高峰之后 {key} 做不了 {action.verb}：{heard.refusal}。Nothing can be looked for.")
        return heard.outcome

    return seen
