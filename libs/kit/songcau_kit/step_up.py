"""How sure and how fresh a sign-in must be for an act that does harm in wrong hands (RFC 9470, step-up)."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from songcau_kit.caller import Caller
from songcau_kit.errors import AUTHENTICATION_INSUFFICIENT, DomainError

CLOCKS_MAY_DIFFER = timedelta(seconds=5)


@dataclass(frozen=True)
class StepUp:
    """The least level of authentication (`acr` aal1–aal4) and the greatest age of the sign-in (`auth_time`)."""

    level: int
    max_age_seconds: int

    def check(self, caller: Caller, now: datetime) -> None:
        """Raise AUTHENTICATION_INSUFFICIENT, whose details say what to ask the issuer for."""
        oldest = now - timedelta(seconds=self.max_age_seconds) - CLOCKS_MAY_DIFFER
        is_fresh = caller.auth_time is not None and caller.auth_time >= oldest
        if is_fresh and assurance_level(caller.acr) >= self.level:
            return
        details = {"acr_values": f"aal{self.level}", "max_age": str(self.max_age_seconds)}
        raise DomainError(AUTHENTICATION_INSUFFICIENT, details=details)


def assurance_level(acr: str | None) -> int:
    """Return the number at the end of an `acr` ("aal2", "2"), 0 where there is none."""
    found = re.search(r"([0-9]+)$", acr or "")
    return int(found[1]) if found else 0
