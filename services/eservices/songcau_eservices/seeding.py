"""Fills a migrated database with what the service ships: units, agencies, curated procedures. Safe to repeat."""

from dataclasses import dataclass

from songcau_kit.clock import Clock
from songcau_kit.database import Database
from songcau_units.agencies import shipped_agencies
from songcau_units.registry import shipped_successions, shipped_units

from songcau_eservices.catalogue.curated import curated_versions
from songcau_eservices.catalogue.loading import LoadCounts, load_versions
from songcau_eservices.catalogue.model import ProcedureSource
from songcau_eservices.units import repository, repository_agencies


@dataclass(frozen=True)
class SeedReport:
    """What the seed files held and what they changed in the catalogue."""

    units: int
    agencies: int
    procedures: LoadCounts


def seed(database: Database, clock: Clock) -> SeedReport:
    """Bring units, agencies and curated procedures up to date in one transaction."""
    units, agencies = shipped_units(), shipped_agencies()
    planned = curated_versions()
    with database.transaction() as conn:
        repository.save_units(conn, units)
        repository.save_successions(conn, shipped_successions())
        repository_agencies.save_agencies(conn, agencies)
        counts = load_versions(conn, planned, source=ProcedureSource.CURATED, clock=clock)
    return SeedReport(len(units), len(agencies), counts)
