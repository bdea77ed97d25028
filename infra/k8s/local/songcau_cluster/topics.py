"""Brings principals, topics and permissions onto the cluster's broker: passwords from the environment, the rest from
the topic files, by the code of `songcau topics apply`."""

import os
import sys

from kafka.admin import KafkaAdminClient, ScramMechanism, UserScramCredentialUpsertion
from songcau_kit._kafka_bus.address import KafkaAddress
from songcau_kit._kafka_bus.plan import PRINCIPAL_PREFIX, StepKind
from songcau_local.commands import topics
from songcau_local.databases import SERVICES


def main() -> int:
    """Return 0 once the broker has all that is declared; safe to repeat, a changed password is set."""
    bus = os.environ["SONGCAU_BUS_URL"]
    refused = bring_principals(bus)
    if refused:
        sys.stderr.write(f"no password was set for {', '.join(refused)}\n")
        return 1
    steps = topics.bring(bus, permissions=True)
    # A permission that a release took back is still needed by the pods of the one before: it is told, and no failure.
    return 1 if any(step.kind is StepKind.REFUSED for step in steps) else 0


def bring_principals(bus: str) -> list[str]:
    """Set the password of each service's principal and return those the broker refused."""
    wanted = [
        UserScramCredentialUpsertion(
            PRINCIPAL_PREFIX + service, ScramMechanism.SCRAM_SHA_512, os.environ[f"{service.upper()}_BUS_PASSWORD"]
        )
        for service in SERVICES
    ]
    admin = KafkaAdminClient(**KafkaAddress.parse(bus).options("songcau-principals"))
    try:
        answers = admin.alter_user_scram_credentials(wanted)
    finally:
        admin.close()
    return [name for name, fault in answers.items() if fault]


if __name__ == "__main__":
    sys.exit(main())
