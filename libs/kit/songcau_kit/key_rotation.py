"""Wraps the data keys of a service under the current wrapping key, so that an older one may be dropped."""

from songcau_kit.clock import SystemClock
from songcau_kit.data_keys import DataKeys
from songcau_kit.database import Database
from songcau_kit.keyring import Keyring
from songcau_kit.settings import ServiceSettings

BATCH = 500


def rewrap_data_keys(settings: ServiceSettings, application_name: str) -> int:
    """Wrap every key that an older version wraps, in short transactions; return how many there were.

    Safe beside running processes and to repeat; a stop half-way loses nothing. Raises KeyringError where the version of
    some key is not among the given ones.
    """
    keys = DataKeys(Keyring.parse(settings.wrapping_keys.get_secret_value()), SystemClock())
    database = Database(settings.database_url, min_size=1, max_size=1, application_name=application_name)
    try:
        total = 0
        while True:
            with database.transaction() as conn:
                done = keys.rewrap(conn, BATCH)
            if not done:
                return total
            total += done
    finally:
        database.close()
