"""`make bench-identity`: loads the people, then finds some of them again, among few and among many."""

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

import psycopg
from songcau_identity.auditing import Access, Asker
from songcau_identity.look_up_limits import LookUpLimits
from songcau_identity.look_ups import LookUps, Search
from songcau_identity.model import IdentifierKind
from songcau_identity.profiles import OpenedCitizen, Profiles
from songcau_identity.repositories.citizens import CitizenRecord
from songcau_identity.representations.covering import Covering
from songcau_kit.caller import Caller
from songcau_kit.clock import SystemClock
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Connection, Database
from songcau_kit.personal import Personal

from load.database import scratch_database
from load.identity.loading import copy_plainly, keyring, load, vault
from load.identity.people import Invented, invent
from load.measures import percentile

FEW = 10_000
ROUNDS = 300
NOBODY = Personal("")
RAW = {
    "number": "select citizen_id from identifiers where value_bix = %s and kind = 'PERSONAL_NUMBER'",
    "telephone number": "select citizen_id from citizen_profiles where phone_number_bix = %s",
    "name and date of birth": "select citizen_id from citizen_profiles where name_year_bix = %s",
}
OFFICER = Asker(
    Caller("officer", "bench", attributes={"agency_codes": ("H55",)}), "bench", purpose="INSPECTION", kind="OFFICER"
)


class CountingProfiles(Profiles):
    """Counts what is decrypted."""

    opened = 0

    def open(self, conn: Connection, record: CitizenRecord) -> OpenedCitizen:
        """Open and count."""
        self.opened += 1
        return super().open(conn, record)


@dataclass(frozen=True)
class Finding:
    """One way to search among so many people: milliseconds of ours and of the raw select, and what was opened."""

    way: str
    people: int
    ours_ms: Sequence[float]
    raw_ms: Sequence[float]
    opened_per_hit: float

    def line(self) -> str:
        """Return the row of the table."""
        ours, raw = median(self.ours_ms), median(self.raw_ms)
        return (
            f"| {self.way} | {self.people:,} | {ours:.2f} ms | {percentile(self.ours_ms, 0.99):.2f} ms | {raw:.2f} ms "
            f"| **{ours / raw:.1f}** | {self.opened_per_hit:.2f} |"
        )


def run(people: int, seed: int) -> list[str]:
    """Return the lines of the section; leaves nothing behind."""
    with scratch_database("songcau_identity") as url:
        few = min(FEW, people)
        load(url, seed, 0, few)
        findings = _find_all(url, seed, few)
        seconds = load(url, seed, few, people - few) if people > few else 0.0
        findings += _find_all(url, seed, people) if people > few else []
        plain = copy_plainly(url)
    rate = (people - few) / seconds if seconds else 0.0
    share = plain * (people - few) / people
    return [
        f"{people:,} invented people (seed {seed}), sealed by two processes and loaded with COPY; each search is run "
        f"{ROUNDS} times on people chosen by the seed, ours and the raw select in turns. Ours is the use case in this "
        "process, decryption included, without gRPC and audit; the raw select finds ids by the same digest.",
        "",
        f"- load of {people - few:,} people: {seconds:.1f} s ({rate:,.0f} a second), plain COPY of as many of the same "
        f"rows {share:.1f} s: ratio **{seconds / share:.1f}**"
        if seconds
        else "- load: too few to say",
        "",
        "| search by | among | ours (median) | p99 | raw select | ratio | decrypted per hit |",
        "|---|---:|---:|---:|---:|---:|---:|",
        *(finding.line() for finding in findings),
    ]


def _find_all(url: str, seed: int, people: int) -> list[Finding]:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("vacuum analyze")
    database, clock = Database(url, application_name="identity-load"), SystemClock()
    profiles = CountingProfiles(
        database=database, data_keys=DataKeys(keyring(), clock), vault=vault(), covering=Covering(clock)
    )
    limits = LookUpLimits(database=database, clock=clock, per_minute=10_000_000, per_day=10_000_000)
    look_ups = LookUps(database=database, clock=clock, vault=vault(), profiles=profiles, limits=limits)
    chance = random.Random(seed)
    sought = [next(invent(seed, chance.randrange(people), 1)) for _ in range(ROUNDS)]
    try:
        return [_find(way, database, look_ups, profiles, sought, people) for way in RAW]
    finally:
        database.close()


def _find(
    way: str,
    database: Database,
    look_ups: LookUps,
    profiles: CountingProfiles,
    sought: Sequence[Invented],
    people: int,
) -> Finding:
    ours, raw, hits, opened = [], [], 0, profiles.opened
    for person in sought:
        search, digest = _search(way, person)
        raw.append(_milliseconds(lambda d=digest: _select(database, RAW[way], d)))  # type: ignore[misc]
        found = []
        ours.append(_milliseconds(lambda s=search, f=found: f.append(look_ups.look_up(OFFICER, s, Access()))))  # type: ignore[misc]
        hits += len(found[0].citizens)
    return Finding(way, people, ours, raw, (profiles.opened - opened) / hits)


def _select(database: Database, statement: str, digest: bytes) -> None:
    with database.read() as conn:
        conn.execute(statement, (digest,)).fetchall()


def _search(way: str, person: Invented) -> tuple[Search, bytes]:
    index = vault()
    name, birth_date = Personal(person.full_name), Personal(person.birth_date)
    if way == "number":
        digest = index.number_digest(IdentifierKind.PERSONAL_NUMBER, person.number)
        return Search(Personal(person.number), NOBODY, NOBODY, NOBODY), digest
    if way == "telephone number":
        digest = index.phone_digest(person.phone_number)
        return Search(NOBODY, NOBODY, NOBODY, Personal(person.phone_number)), digest
    digest = index.name_and_year_digest(person.full_name, person.birth_date[:4])
    return Search(NOBODY, name, birth_date, NOBODY), digest


def _milliseconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return (time.perf_counter() - began) * 1000
