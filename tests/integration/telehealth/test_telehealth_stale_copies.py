"""On copies that may be too old nobody acts for another; what people do for themselves goes on."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from songcau.common.v1.heartbeat_event_pb2 import HeartbeatEvent
from songcau.telehealth.v1 import consultation_service_pb2 as calls
from songcau_kit.clock import FixedClock
from songcau_kit.data_keys import DataKeys
from songcau_kit.wrapping_keys import open_wrapping_keys
from songcau_telehealth.consumers import HEARTBEAT_TOPIC, SOURCE, handlers
from songcau_telehealth.rights_parts import build_rights
from support.telehealth_service import Telehealth, reason_of, serving
from support.token_issuer import TokenIssuer

OLDEST_S = 60


@pytest.fixture
def site(
    telehealth_url: str, fixed_clock: FixedClock, telehealth_issuer: TokenIssuer, tmp_path: Path
) -> Iterator[Telehealth]:
    with serving(telehealth_url, fixed_clock, telehealth_issuer, tmp_path, copies_max_age_seconds=OLDEST_S) as site:
        yield site


def hear(site: Telehealth, told_until: datetime) -> None:
    """Let the service's own consumer handle a heartbeat of identity."""
    parts = build_rights(
        site.settings, site.database, site.clock, DataKeys(open_wrapping_keys(site.settings), site.clock)
    )
    handler = handlers(parts.rights, parts.gate.forget, ())[HEARTBEAT_TOPIC]
    event = HeartbeatEvent()
    event.meta.aggregate_id = SOURCE
    event.told_until.FromDatetime(told_until)
    with site.database.transaction() as connection:
        handler.handle(connection, handler.decode(event.SerializeToString()))


def test_nobody_acts_for_another_while_identity_is_not_heard_and_everybody_for_themselves(site: Telehealth) -> None:
    parent, child = site.link(), site.link()
    site.represent(parent, child)
    acting = site.as_citizen(parent, on_behalf_of=child)

    def listing(who: object) -> object:
        return site.consultations.ListConsultations(calls.ListConsultationsRequest(), metadata=who)

    assert reason_of(lambda: listing(acting)) == "COPIES_STALE"
    hear(site, site.clock.now())
    listing(acting)
    own = site.request(parent, who=site.as_station())
    about_child = site.request(child, who=site.as_station())
    site.clock.advance(timedelta(seconds=OLDEST_S + 1))
    acting = site.as_citizen(parent, on_behalf_of=child)
    assert reason_of(lambda: site.cancel(about_child, who=acting)) == "COPIES_STALE"
    assert ("CITIZEN", "CANCEL_CONSULTATION", "FAILED", "COPIES_STALE") in site.audit(child)
    assert site.cancel(own, who=site.as_citizen(parent)).finished
    hear(site, site.clock.now())
    assert site.cancel(about_child, who=acting).finished
