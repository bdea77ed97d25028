"""Reads the identifier of an organisation: which form each kind has (domain reference 1.3 and 1.4)."""

from songcau_identity.identifiers import (
    PERSONAL_NUMBER_FORM,
    IdentifierInvalidError,
    mask,
    parse_personal_number,
    parse_tax_code,
)
from songcau_identity.organisations.model import OrganisationKind

TEN_DIGITS, WITH_BRANCH = 10, 14
LENGTHS: dict[OrganisationKind, frozenset[int]] = {
    OrganisationKind.ENTERPRISE: frozenset({TEN_DIGITS}),
    OrganisationKind.COOPERATIVE: frozenset({TEN_DIGITS}),
    OrganisationKind.DEPENDENT_UNIT: frozenset({WITH_BRANCH}),
    OrganisationKind.HOUSEHOLD_BUSINESS: frozenset({TEN_DIGITS}),
    OrganisationKind.OTHER: frozenset({TEN_DIGITS, WITH_BRANCH}),
}


def parse_organisation_identifier(kind: OrganisationKind, text: str) -> str:
    """Return an identifier as authorities write it: 10 digits, 10-3, or an owner's 12; raises IdentifierInvalidError.

    Ten digits carry the check digit of tax codes. Only a household business has its owner's personal number, since
    1 July 2025 (Circular 86/2024); it has no check digit.
    """
    if is_owner_number(text):
        if kind is not OrganisationKind.HOUSEHOLD_BUSINESS:
            raise IdentifierInvalidError("NOT_FOR_THIS_KIND_OF_ORGANISATION")
        return parse_personal_number(text).digits
    code = parse_tax_code(text)
    if len(code) not in LENGTHS[kind]:
        raise IdentifierInvalidError("NOT_FOR_THIS_KIND_OF_ORGANISATION")
    return code


def is_owner_number(identifier: str) -> bool:
    """Say whether an identifier is the personal number of an owner."""
    return PERSONAL_NUMBER_FORM.fullmatch(identifier) is not None


def show_identifier(identifier: str) -> str:
    """Return an identifier as it may be shown: tax codes are public, a person's number is not."""
    return mask(identifier) if is_owner_number(identifier) else identifier
