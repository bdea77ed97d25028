"""Brings the cluster's Keycloak to the realm file, as `songcau realm apply` does, and makes the demo's staff."""

import os
import sys

from songcau_local.full.administration import administration_at, told
from songcau_local.full.staff import bring_staff
from songcau_local.process_table import REALM_FILE
from songcau_local.realm.declared import load_declared
from songcau_local.realm.planner import RealmPlanner


def main() -> int:
    """Return 0 once realm and accounts are there; an account that is there keeps what it has."""
    admin = administration_at(
        os.environ["KC_HOSTNAME"],
        os.environ["KC_BOOTSTRAP_ADMIN_USERNAME"],
        os.environ["KC_BOOTSTRAP_ADMIN_PASSWORD"],
    )
    with told():
        steps = RealmPlanner(admin, load_declared(REALM_FILE, os.environ)).apply()
    sys.stdout.write(f"{len(steps)} steps of the realm, {bring_staff(admin)} accounts made\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
