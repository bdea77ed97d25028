"""What an import of the national catalogue did: read, new, changed, normalised and refused, with examples."""

from dataclasses import dataclass, field
from enum import StrEnum

from songcau_eservices.catalogue.loading import LoadCounts

EXAMPLES = 3


class Normalisation(StrEnum):
    """A dirty value that was put right."""

    TEXT_CLEANED = "TEXT_CLEANED"
    FEE_IN_NOTE = "FEE_IN_NOTE"
    FEE_NOT_IN_DONG = "FEE_NOT_IN_DONG"
    FEE_REPEATED = "FEE_REPEATED"
    REQUIRED_FLAG_IGNORED = "REQUIRED_FLAG_IGNORED"
    GUIDANCE_MOVED = "GUIDANCE_MOVED"
    TIME_FROM_SUB_CASE = "TIME_FROM_SUB_CASE"
    TIME_NOT_STATED = "TIME_NOT_STATED"
    TIME_REPEATED = "TIME_REPEATED"
    AUTHORITY_BLANK = "AUTHORITY_BLANK"
    SUB_CASE_REPEATED = "SUB_CASE_REPEATED"
    SUB_CASE_FOREIGN = "SUB_CASE_FOREIGN"
    CODE_PADDED = "CODE_PADDED"


class Refusal(StrEnum):
    """Why a line was not taken."""

    NOT_UTF8 = "NOT_UTF8"
    NOT_JSON = "NOT_JSON"
    NOT_A_RECORD = "NOT_A_RECORD"
    CODE_INVALID = "CODE_INVALID"
    CODE_REPEATED = "CODE_REPEATED"
    NAME_MISSING = "NAME_MISSING"
    LEGACY_ENCODING = "LEGACY_ENCODING"
    STATE_UNKNOWN = "STATE_UNKNOWN"
    RECORD_MALFORMED = "RECORD_MALFORMED"


MEANINGS: dict[Normalisation | Refusal, str] = {
    Normalisation.TEXT_CLEANED: "names rewritten: spaces, invisible characters, place of tone marks",
    Normalisation.FEE_IN_NOTE: "fees of 0 or nothing whose note sets the amount: amount left open",
    Normalisation.FEE_NOT_IN_DONG: "fees in another currency: amount left to the note",
    Normalisation.FEE_REPEATED: "fees listed twice for one channel",
    Normalisation.REQUIRED_FLAG_IGNORED: "papers whose `required` flag is false although papers are needed",
    Normalisation.GUIDANCE_MOVED: "sentences of advice listed as papers",
    Normalisation.TIME_FROM_SUB_CASE: "processing times of unit OTHER taken from the sub-case",
    Normalisation.TIME_NOT_STATED: "processing times without any unit: left to the officer, their text kept as advice",
    Normalisation.TIME_REPEATED: "processing times listed twice for one channel",
    Normalisation.AUTHORITY_BLANK: "blank names among the authorities",
    Normalisation.SUB_CASE_REPEATED: "sub-cases listed twice",
    Normalisation.SUB_CASE_FOREIGN: "sub-cases with the code of another procedure",
    Normalisation.CODE_PADDED: "codes with spaces around them",
    Refusal.NOT_UTF8: "the line is not UTF-8",
    Refusal.NOT_JSON: "the line is not JSON",
    Refusal.NOT_A_RECORD: "the line is not a JSON object",
    Refusal.CODE_INVALID: "the code is not D.NNNNNN",
    Refusal.CODE_REPEATED: "the code stands on another line",
    Refusal.NAME_MISSING: "the name is empty",
    Refusal.LEGACY_ENCODING: "the name is written in TCVN3 or VNI instead of Unicode",
    Refusal.STATE_UNKNOWN: "the state is neither ACTIVE nor UPDATED",
    Refusal.RECORD_MALFORMED: "a field has another form than the national catalogue gives it",
}


@dataclass
class Tally:
    """How often something happened and the first places where."""

    count: int = 0
    examples: list[str] = field(default_factory=list)

    def add(self, example: str, count: int = 1) -> None:
        """Count it."""
        self.count += count
        if len(self.examples) < EXAMPLES and example not in self.examples:
            self.examples.append(example)


@dataclass
class ImportReport:
    """The whole report; `read` counts the lines of each file."""

    read: dict[str, int] = field(default_factory=dict)
    loaded: LoadCounts = field(default_factory=LoadCounts)
    normalised: dict[Normalisation, Tally] = field(default_factory=dict)
    refused: dict[Refusal, Tally] = field(default_factory=dict)

    def count_line(self, file: str) -> None:
        """Count a line that was read."""
        self.read[file] = self.read.get(file, 0) + 1

    def note(self, what: Normalisation, example: str, count: int = 1) -> None:
        """Count a value that was put right; the example is the code of the procedure."""
        self.normalised.setdefault(what, Tally()).add(example, count)

    def refuse(self, why: Refusal, place: str) -> None:
        """Count a refused line; the place is file and line."""
        self.refused.setdefault(why, Tally()).add(place)

    @property
    def refused_lines(self) -> int:
        """Return how many lines were refused."""
        return sum(tally.count for tally in self.refused.values())
