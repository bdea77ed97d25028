"""The methods that ask for a fresh sign-in with a second factor (RFC 9470): what decides on a citizen's dossier."""

from collections.abc import Mapping

from songcau_eservices.servers.sensitive import SENSITIVE

STEP_UP_LEVELS: Mapping[str, int] = dict.fromkeys(SENSITIVE, 2)
