"""Builds what answers for the rights of people, part of the composition root: the gate, copies, what is forgotten."""

from dataclasses import dataclass

from songcau_kit.abandoned_objects import ObjectRemoval
from songcau_kit.clock import Clock
from songcau_kit.data_copying import DataCopying
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Database
from songcau_kit.erasure_gate import ErasureGate, open_gate
from songcau_kit.objects import ObjectStore
from songcau_kit.subject_answers import Answering

from songcau_telehealth.rights.copying import HOLDER, HealthCopies
from songcau_telehealth.rights.forgetting import PersonRights
from songcau_telehealth.rights.retention import Retention
from songcau_telehealth.settings import Settings


@dataclass(frozen=True)
class RightsParts:
    """The parts of a process: `gate` goes before whatever serves or consumes."""

    rights: PersonRights
    gate: ErasureGate
    copying: DataCopying
    removal: ObjectRemoval


def build_rights(settings: Settings, database: Database, clock: Clock, keys: DataKeys) -> RightsParts:
    """Return the parts; raises ErasureLedgerError for a ledger key that is none."""
    answering = Answering(HOLDER, clock)
    rights = PersonRights(answering, Retention(clock, settings.record_retention_years))
    exchange = ObjectStore(settings.exchange_store_url)
    return RightsParts(
        rights,
        open_gate(settings, database, keys, rights.forget),
        DataCopying(database, exchange, answering, HealthCopies(keys).gather),
        ObjectRemoval(database, ObjectStore(settings.object_store_url)),
    )
