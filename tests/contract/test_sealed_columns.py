"""What is sealed under a data key is on its service's list, so that replacing a key forgets no column; and holds."""

import os
import random
from collections.abc import Callable, Iterator
from dataclasses import replace
from uuid import UUID

import pytest
from songcau_eservices.rights.repository_sealed import SEALED as ESERVICES
from songcau_identity.rights.repository_sealed import SEALED as IDENTITY
from songcau_kit.data_keys import DataKey
from songcau_kit.database import Database
from songcau_kit.errors import DomainError
from songcau_kit.field_cipher import HEADER_BYTES, Place, decrypt, encrypt
from songcau_kit.migrations import migrate
from songcau_kit.sealed_data import SealedData
from songcau_kit.sealed_rows import count_versions
from songcau_telehealth.rights.repository_sealed import SEALED as TELEHEALTH

SERVICES = {"identity": IDENTITY, "eservices": ESERVICES, "telehealth": TELEHEALTH}
BYTES = """select table_name, column_name from information_schema.columns
    where table_schema = 'public' and data_type = 'bytea'"""
ADDRESSES = """select table_name, column_name from information_schema.columns
    where table_schema = 'public' and column_name in ('address', 'object_address')"""
# Bytes that are no ciphertext under a data key.
DIGESTS = ("_bix", "_digest", "sha256", "digest", "fingerprint", "root_hash")
OTHERS = {
    ("outbox", "payload"),
    ("refused_events", "payload"),
    ("data_keys", "wrapped_key"),
    ("other_data_keys", "wrapped_key"),
    ("copy_orders", "public_key"),
    ("copy_exchanges", "public_key"),
}
# Identity keeps no personal value in the answers it stores.
PLAIN_ANSWERS = {"identity": {("idempotency_keys", "response")}}
NO_FILES = {("abandoned_objects", "address"), ("subject_request_parts", "address")}
MUTATIONS = 110_000


@pytest.fixture(scope="module", params=SERVICES)
def service(request: pytest.FixtureRequest, postgres_url_factory: Callable[[str], str]) -> Iterator[tuple]:
    url = postgres_url_factory(f"sealed_{request.param}")
    migrate(url, package=f"songcau_{request.param}")
    database = Database(url, application_name="test")
    yield request.param, SERVICES[request.param], database
    database.close()


def columns_of(sealed: SealedData) -> set[tuple[str, str]]:
    return {(one.table, column) for one in sealed.columns for column in one.columns}


def test_every_column_of_ciphertexts_is_on_the_list_and_no_other(service):
    name, sealed, database = service
    with database.read() as conn:
        found = {row for row in conn.execute(BYTES).fetchall() if not row[1].endswith(DIGESTS)}
    assert found - OTHERS - PLAIN_ANSWERS.get(name, set()) == columns_of(sealed)


def test_every_address_of_a_file_is_on_the_list(service):
    _, sealed, database = service
    with database.read() as conn:
        found = set(conn.execute(ADDRESSES).fetchall())
    assert found - NO_FILES == {(one.table, one.column) for one in sealed.files}


def test_the_statements_of_the_list_are_understood_by_the_schema(service):
    _, sealed, database = service
    with database.read() as conn:
        assert not any(count_versions(conn, sealed, DataKey(UUID(int=1), 1, b"k" * 32)).values())


def refused(attempt: Callable[[], bytes]) -> bool:
    try:
        attempt()
    except DomainError as refusal:
        return refusal.reason.code == "CIPHERTEXT_INVALID"
    return False


def tries(chance: random.Random, places: list[Place], keys: list[DataKey]) -> Iterator[tuple[object, Callable]]:
    """Yield what may be done with one ciphertext of the platform; each must fail."""
    while True:
        key, place = chance.choice(keys), chance.choice(places)
        blob = encrypt(key, place, plain := chance.randbytes(chance.randrange(40)))
        assert decrypt(key, place, blob) == plain
        yield from moves(chance, places, key, place, blob)
        for reader in readers(chance, keys, key):
            yield ("read by", place), lambda r=reader, p=place, b=blob: decrypt(r, p, b)
        other = encrypt(key, elsewhere := chance.choice([one for one in places if one != place]), plain)
        cut, bit = chance.randrange(1, len(blob)), chance.randrange(len(blob) * 8)
        grafted = blob[:HEADER_BYTES] + other[HEADER_BYTES:cut] + blob[max(cut, HEADER_BYTES) :]
        flipped = bytearray(blob)
        flipped[bit // 8] ^= 1 << bit % 8
        yield ("the value of", elsewhere), lambda k=key, p=place, b=other: decrypt(k, p, b)
        for what, false in (("bit", bytes(flipped)), ("cut", blob[:cut]), ("grafted", grafted)):
            if false != blob:
                yield (what, place), lambda k=key, p=place, b=false: decrypt(k, p, b)


def moves(
    chance: random.Random, places: list[Place], key: DataKey, place: Place, blob: bytes
) -> Iterator[tuple[object, Callable]]:
    """Move a ciphertext to another column, another table, another row, and all at once."""
    for elsewhere in (
        *(one for one in chance.sample(places, 12) if one != place),
        replace(place, row=str(UUID(int=chance.randrange(2**128)))),
        replace(place, row=place.row + " 2"),
        replace(place, row=place.row + "/2"),
    ):
        yield (place, elsewhere), lambda k=key, p=elsewhere, b=blob: decrypt(k, p, b)


def readers(chance: random.Random, keys: list[DataKey], key: DataKey) -> Iterator[DataKey]:
    """Another citizen, one with the same secret, the next version of the same secret, and one that opens several."""
    stranger = next(one for one in chance.sample(keys, len(keys)) if one.subject_id != key.subject_id)
    yield stranger
    yield replace(key, subject_id=stranger.subject_id)
    yield replace(key, version=key.version + 1)
    yield replace(stranger, others=(replace(key, subject_id=stranger.subject_id),))
    yield replace(key, version=key.version + 1, others=(replace(key, version=key.version + 2),))


def test_moving_a_ciphertext_between_rows_columns_citizens_or_versions_always_fails():
    seed = int(os.environ.get("SONGCAU_SEED", random.SystemRandom().randrange(2**32)))
    print(f"SONGCAU_SEED={seed}")
    chance = random.Random(seed)
    rows = [str(UUID(int=chance.randrange(2**128))) for _ in range(3)]
    columns = sorted(set().union(*map(columns_of, SERVICES.values())))
    places = [Place(table, column, row) for table, column in columns for row in rows]
    # Two versions of each key: the one that seals, and the one before, which opens while the key is replaced.
    keys = []
    for _ in range(20):
        former = DataKey(UUID(int=chance.randrange(2**128)), 1, chance.randbytes(32))
        keys += [former, replace(former, version=2, _secret=chance.randbytes(32), others=(former,))]
    tried: set[str] = set()
    for count, (what, attempt) in enumerate(tries(chance, places, keys), 1):
        assert refused(attempt), what
        if isinstance(what[0], Place):
            tried.add(f"{what[0].table}.{what[0].column}")
        if count >= MUTATIONS:
            break
    assert tried == {f"{table}.{column}" for table, column in columns}
