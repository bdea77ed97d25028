"""Closes personal facts before they reach SQL and opens them again: each for one citizen, table, column and row."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from songcau_kit.blind_index import BlindIndex
from songcau_kit.data_keys import DataKey
from songcau_kit.field_cipher import Place, decrypt_text, encrypt
from songcau_kit.personal import Personal
from songcau_kit.text import fold, normalize

from songcau_identity.model import IdentifierKind, PaperKind
from songcau_identity.paper_numbers import PaperNumber, split_whole

PROFILES = "citizen_profiles"
IDENTIFIERS = "identifiers"
ACTS = "record_acts"
PAPERS = "papers"
PROPOSED_ACTS = "proposed_acts"
NEWBORNS = "newborns"

# A digest tells who shares a value; of a field with few values it would tell the value itself. So each searchable
# column stands here with the fewest values its field takes (numbers by their form, names by what people bear).
FEWEST_VALUES = 16
SEARCHABLE: Mapping[str, int] = {
    "identifiers.value_bix": 10**9,
    "papers.value_bix": 10**6,
    "newborns.certificate_bix": 10**4,
    "citizen_profiles.name_bix": 10**4,
    "citizen_profiles.name_exact_bix": 10**4,
    "citizen_profiles.name_year_bix": 10**6,
    "citizen_profiles.phone_number_bix": 10**7,
    "organisations.identifier_bix": 10**9,
    "address_doubts.unit_bix": 92,
}


NOT_KNOWN = Personal("")


@dataclass(frozen=True)
class SealedProfile:
    """A profile as it stands in the database."""

    full_name_enc: bytes
    birth_date_enc: bytes | None
    phone_number_enc: bytes | None
    sex_enc: bytes | None
    nationality_enc: bytes | None
    name_bix: bytes
    name_exact_bix: bytes
    name_year_bix: bytes | None
    phone_number_bix: bytes | None


@dataclass(frozen=True)
class Profile:
    """The personal facts of a citizen; empty where unknown. An empty nationality is the Vietnamese one."""

    full_name: Personal
    birth_date: Personal
    phone_number: Personal
    sex: Personal
    nationality: Personal = NOT_KNOWN


class Vault:
    """Seals, opens and makes searchable; holds the blind index key, is given the citizen's data key."""

    def __init__(self, blind_index: BlindIndex) -> None:
        self._index = blind_index

    def seal(self, data_key: DataKey, profile: Profile) -> SealedProfile:
        """Close the facts of the citizen whose key this is."""
        name, birth_date = profile.full_name.reveal(), profile.birth_date.reveal()
        return SealedProfile(
            full_name_enc=_seal(data_key, "full_name_enc", name),
            birth_date_enc=_seal_known(data_key, "birth_date_enc", profile.birth_date),
            phone_number_enc=_seal_known(data_key, "phone_number_enc", profile.phone_number),
            sex_enc=_seal_known(data_key, "sex_enc", profile.sex),
            nationality_enc=_seal_known(data_key, "nationality_enc", profile.nationality),
            name_bix=self.name_digest(name),
            name_exact_bix=self.exact_name_digest(name),
            name_year_bix=self.name_and_year_digest(name, birth_date[:4]) if birth_date else None,
            phone_number_bix=self.phone_digest(phone) if (phone := profile.phone_number.reveal()) else None,
        )

    def open(self, data_key: DataKey, sealed: SealedProfile) -> Profile:
        """Open the profile of the citizen whose key this is."""
        return Profile(
            full_name=_open(data_key, "full_name_enc", sealed.full_name_enc),
            birth_date=_open(data_key, "birth_date_enc", sealed.birth_date_enc),
            phone_number=_open(data_key, "phone_number_enc", sealed.phone_number_enc),
            sex=_open(data_key, "sex_enc", sealed.sex_enc),
            nationality=_open(data_key, "nationality_enc", sealed.nationality_enc),
        )

    def seal_number(self, data_key: DataKey, identifier_id: UUID, number: Personal) -> bytes:
        """Close the number of one identifier."""
        return encrypt(data_key, Place(IDENTIFIERS, "value_enc", str(identifier_id)), number.reveal())

    def open_number(self, data_key: DataKey, identifier_id: UUID, blob: bytes) -> Personal:
        """Open the number of one identifier."""
        return Personal(decrypt_text(data_key, Place(IDENTIFIERS, "value_enc", str(identifier_id)), blob))

    def seal_words(self, data_key: DataKey, act_id: UUID, column: str, words: Mapping[str, str]) -> bytes:
        """Close what an officer's act rests on or what it changed."""
        return encrypt(data_key, Place(ACTS, column, str(act_id)), json.dumps(dict(words), ensure_ascii=False))

    def open_words(self, data_key: DataKey, act_id: UUID, column: str, blob: bytes) -> Mapping[str, Personal]:
        """Open what `seal_words` closed."""
        words = json.loads(decrypt_text(data_key, Place(ACTS, column, str(act_id)), blob))
        return {name: Personal(value) for name, value in words.items()}

    def seal_summary(self, data_key: DataKey, act_id: UUID, words: Mapping[str, str]) -> bytes:
        """Close what a citizen is asked about an act that was proposed."""
        place = Place(PROPOSED_ACTS, "summary_enc", str(act_id))
        return encrypt(data_key, place, json.dumps(dict(words), ensure_ascii=False))

    def open_summary(self, data_key: DataKey, act_id: UUID, blob: bytes) -> Mapping[str, Personal]:
        """Open what `seal_summary` closed."""
        words = json.loads(decrypt_text(data_key, Place(PROPOSED_ACTS, "summary_enc", str(act_id)), blob))
        return {name: Personal(value) for name, value in words.items()}

    def number_digest(self, kind: IdentifierKind, number: str) -> bytes:
        """Return what finds a number of one kind."""
        return self._index.of(f"identifiers.{kind}", number)

    def seal_paper(self, data_key: DataKey, paper_id: UUID, paper: PaperNumber) -> bytes:
        """Close issuer and number of one paper."""
        return encrypt(data_key, Place(PAPERS, "value_enc", str(paper_id)), paper.whole().reveal())

    def open_paper(self, data_key: DataKey, paper_id: UUID, kind: PaperKind, blob: bytes) -> PaperNumber:
        """Open one paper."""
        whole = decrypt_text(data_key, Place(PAPERS, "value_enc", str(paper_id)), blob)
        return split_whole(kind, Personal(whole))

    def paper_digest(self, paper: PaperNumber) -> bytes:
        """Return what finds a paper; that of a chip card equals the digest of the personal number it carries."""
        if paper.kind is PaperKind.CCCD:
            return self.number_digest(IdentifierKind.PERSONAL_NUMBER, paper.number.reveal())
        return self._index.of(f"papers.{paper.kind}", paper.whole().reveal())

    def seal_certificate(self, data_key: DataKey, number: Personal) -> bytes:
        """Close the number of a newborn's birth certificate."""
        return encrypt(data_key, Place(NEWBORNS, "certificate_enc", str(data_key.subject_id)), number.reveal())

    def open_certificate(self, data_key: DataKey, blob: bytes) -> Personal:
        """Open the number of the birth certificate of the newborn whose key this is."""
        return Personal(decrypt_text(data_key, Place(NEWBORNS, "certificate_enc", str(data_key.subject_id)), blob))

    def certificate_digest(self, number: Personal) -> bytes:
        """Return what finds a newborn's birth certificate among those of its mother."""
        return self._index.of("newborns.certificate", number.reveal())

    def organisation_digest(self, identifier: str) -> bytes:
        """Return what finds an organisation by its identifier."""
        return self._index.of("organisations.identifier", identifier)

    def commune_digest(self, code: str) -> bytes:
        """Return what finds the addresses that wait for the officers of a commune; an empty code means any."""
        return self._index.of("address_doubts.unit", code)

    def phone_digest(self, phone_number: str) -> bytes:
        """Return what finds a telephone number in E.164."""
        return self._index.of("citizen_profiles.phone_number", phone_number)

    def name_digest(self, name: str) -> bytes:
        """Return what finds a name however it is accented."""
        return self._index.of("citizen_profiles.name", fold(name))

    def exact_name_digest(self, name: str) -> bytes:
        """Return what finds a name with exactly these accents."""
        return self._index.of("citizen_profiles.name_exact", normalize(name).lower())

    def name_and_year_digest(self, name: str, year: str) -> bytes:
        """Return what finds a name among the people born in one year."""
        return self._index.of("citizen_profiles.name_year", f"{year} {fold(name)}")


def _seal(data_key: DataKey, column: str, text: str) -> bytes:
    return encrypt(data_key, Place(PROFILES, column, str(data_key.subject_id)), text)


def _seal_known(data_key: DataKey, column: str, value: Personal) -> bytes | None:
    return _seal(data_key, column, value.reveal()) if value.reveal() else None


def _open(data_key: DataKey, column: str, blob: bytes | None) -> Personal:
    if blob is None:
        return Personal("")
    return Personal(decrypt_text(data_key, Place(PROFILES, column, str(data_key.subject_id)), blob))
