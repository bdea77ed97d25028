"""A program that writes and reads encrypted fields in threads until SIGTERM, then prints how it went, as JSON.

Its settings are those of the identity service; keys are not cached, so that every operation asks the wrapping keys.
"""

import json
import random
import signal
import sys
import threading
from collections import Counter
from uuid import UUID

from songcau_identity.settings import Settings
from songcau_kit.clock import SystemClock
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Database
from songcau_kit.field_cipher import Place, decrypt, encrypt
from songcau_kit.wrapping_keys import open_wrapping_keys

TABLE = "create table sealed_notes (id uuid primary key, subject_id uuid not null, note_enc bytea not null)"
WRITE = "insert into sealed_notes (id, subject_id, note_enc) values (%s, %s, %s)"
READ = "select id, subject_id, note_enc from sealed_notes where id >= %s order by id limit 1"
PEOPLE = 3000
THREADS = 4
# One write in eight is of somebody new, so that data keys are made at every moment.
NEWCOMERS = 8
# Leaves the machine time for the commands that run beside.
PAUSE_S = 0.02


def place(note: UUID) -> Place:
    return Place("sealed_notes", "note_enc", str(note))


class Load:
    def __init__(self, settings: Settings) -> None:
        self.clock = SystemClock()
        self.database = Database(settings.database_url, application_name="sealed-load", max_size=THREADS)
        self.keys = DataKeys(open_wrapping_keys(settings), self.clock, cache_seconds=0)
        self.ended = threading.Event()
        self.counts: Counter[str] = Counter()
        self.errors: list[str] = []

    def write(self) -> None:
        note = self.clock.new_id()
        person = note if random.randrange(NEWCOMERS) == 0 else UUID(int=random.randrange(1, PEOPLE + 1))
        with self.database.transaction() as conn:
            key = self.keys.get_or_create(conn, person)
            conn.execute(WRITE, (note, person, encrypt(key, place(note), str(note))))

    def read(self) -> None:
        with self.database.read() as conn:
            found = conn.execute(READ, (UUID(int=random.randrange(2**128)),)).fetchone()
            found = found or conn.execute(READ, (UUID(int=0),)).fetchone()
            if found is not None:
                note, person, sealed = found
                assert decrypt(self.keys.get(conn, person), place(note), sealed) == str(note).encode()

    def repeat(self) -> None:
        while not self.ended.wait(PAUSE_S):
            for work in (self.write, self.read):
                try:
                    work()
                    self.counts[work.__name__] += 1
                except Exception as error:  # noqa: BLE001 -- every error is what the test looks for
                    self.errors.append(f"{work.__name__}: {error!r}")


def main() -> None:
    load = Load(Settings())
    signal.signal(signal.SIGTERM, lambda *_: load.ended.set())
    threads = [threading.Thread(target=load.repeat) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    print("ready", flush=True)
    for thread in threads:
        thread.join()
    load.database.close()
    json.dump({**load.counts, "errors": load.errors}, sys.stdout)


if __name__ == "__main__":
    main()
