"""What somebody looks for in the catalogue, and where a hit stands in the answer."""

import hashlib
import json
import re
from dataclasses import dataclass
from datetime import date

from songcau_eservices.catalogue.model import AuthorityLevel, ProcedureSource, ServiceLevel

CODE_START = re.compile(r"^\d\.\d{1,6}$")
PROVINCIAL_CODE = re.compile(r"^(\d\.\d{6})\.000\.00\.00\.H\d{2}(\.\d{2})?$")
FIELD_CODE = re.compile(r"^G\d{2}-", re.IGNORECASE)


@dataclass(frozen=True)
class ProcedureFilter:
    """A question to the catalogue; empty text and None mean no wish."""

    on: date
    query: str = ""
    field: str = ""
    authority: str = ""
    authority_level: AuthorityLevel | None = None
    service_level: ServiceLevel | None = None
    online: bool | None = None

    @property
    def fingerprint(self) -> str:
        """Return a short digest of every wish but the day; a page token holds it."""
        wishes = [self.query, self.field, self.authority, self.authority_level, self.service_level, self.online]
        return hashlib.sha256(json.dumps(wishes).encode()).hexdigest()[:16]


@dataclass(frozen=True)
class Place:
    """The place of a hit: how well it matches, then the order of the list, then the code. Lower comes first."""

    rank: int
    list_rank: int
    code: str


BEFORE_ALL = Place(-1, -1, "")


@dataclass(frozen=True)
class ProcedureHit:
    """A procedure in a list."""

    place: Place
    name: str
    field_code: str
    field_name: str
    authority: str
    authority_levels: tuple[AuthorityLevel, ...]
    service_level: ServiceLevel
    online: bool
    source: ProcedureSource
    detailed: bool


def plain_code(text: str) -> str:
    """Return the national code of a procedure, taken from the form a province gives it where that is what was typed."""
    provincial = PROVINCIAL_CODE.match(text.strip())
    return provincial[1] if provincial else text.strip()
