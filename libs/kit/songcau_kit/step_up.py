"""How sure and how fresh a sign-in must be for an act that does harm in wrong hands (RFC 9470, step-up)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from songcau_kit.caller import Caller
from songcau_kit.errors import AUTHENTICATION_INSUFFICIENT, DomainError

CLOCKS_MAY_DIFFER = timedelta(seconds=5)


@dataclass(frozen=True)
class StepUp:
    """The least level of authentication (`acr` aal1–aal4) and the greatest age of the sign-in (`auth_time`).

    Without an age any sign-in of the level will do.
    """

    level: int
    max_age_seconds: int | None = None

    def check(self, caller: Caller, now: datetime) -> None:
        """Raise AUTHENTICATION_INSUFFICIENT, whose details say what to ask the issuer for."""
        if assurance_level(caller.acr) >= self.level and self._is_fresh(caller, now):
            return
        details = {"acr_values": f"aal{self.level}"}
        if self.max_age_seconds is not None:
            details["max_age"] = str(self.max_age_seconds)
        raise DomainError(AUTHENTICATION_INSUFFICIENT, details=details)

    def _is_fresh(self, caller: Caller, now: datetime) -> bool:
        if self.max_age_seconds is None:
            return True
        oldest = now - timedelta(seconds=self.max_age_seconds) - CLOCKS_MAY_DIFFER
        return caller.auth_time is not None and caller.auth_time >= oldest


def assurance_level(acr: str | None) -> int:
    """Return the number at the end of an `acr` ("aal2", "2"), 0 where there is none."""
    found = re.search(r"([0-9]+)$", acr or "")
    return int(found[1]) if found else 0
