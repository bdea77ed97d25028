"""How the register of repeated requests keeps a citizen's state: ids, codes and times, nothing personal."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from songcau_identity.model import AccountKind, Citizen, CitizenStatus, IdentityLevel


def write_citizen(citizen: Citizen) -> Mapping[str, Any]:
    """Return a state as JSON can hold it."""
    return {
        "citizen_id": str(citizen.citizen_id),
        "status": citizen.status,
        "account_kind": citizen.account_kind,
        "identity_level": int(citizen.identity_level),
        "version": citizen.version,
        "linked_at": citizen.linked_at.isoformat(),
        "last_verified_at": citizen.last_verified_at.isoformat(),
    }


def read_citizen(raw: Mapping[str, Any]) -> Citizen:
    """Return the state that `write_citizen` wrote."""
    return Citizen(
        citizen_id=UUID(raw["citizen_id"]),
        status=CitizenStatus(raw["status"]),
        account_kind=AccountKind(raw["account_kind"]),
        identity_level=IdentityLevel(raw["identity_level"]),
        version=raw["version"],
        linked_at=datetime.fromisoformat(raw["linked_at"]),
        last_verified_at=datetime.fromisoformat(raw["last_verified_at"]),
    )
