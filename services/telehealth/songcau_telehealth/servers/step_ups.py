"""The methods that ask for a fresh sign-in with a second factor (RFC 9470): what is signed as medical paper."""

from collections.abc import Mapping

from songcau_telehealth.servers.sensitive import SENSITIVE

STEP_UP_LEVELS: Mapping[str, int] = dict.fromkeys(SENSITIVE, 2)
