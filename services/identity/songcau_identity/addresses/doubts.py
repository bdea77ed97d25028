"""What about an address waits for an officer, and for the officers of which communes."""

from collections.abc import Iterator

from songcau_units.resolving import Remark, Resolution

from songcau_identity.addresses.model import AddressDoubt, AddressValue

# The digest of this stands for an address that may lie in any commune.
NO_COMMUNE = ""


def doubts_of(value: AddressValue) -> tuple[AddressDoubt, ...]:
    """Return why an address waits for an officer; nothing where its unit is clear or lies in another province."""
    return tuple(_doubts(value))


def communes_of(value: AddressValue) -> frozenset[str]:
    """Return the codes of the communes of today an address lies or may lie in; NO_COMMUNE where it names none."""
    placement = value.placement
    if placement.now is not None:
        return frozenset({placement.now.code})
    return frozenset(one.now.code for one in placement.candidates) or frozenset({NO_COMMUNE})


def _doubts(value: AddressValue) -> Iterator[AddressDoubt]:
    placement = value.placement
    if placement.resolution == Resolution.AMBIGUOUS:
        yield AddressDoubt.UNIT_AMBIGUOUS
        if value.written.hamlet and any(one.partial for one in placement.candidates):
            yield AddressDoubt.HAMLET_UNKNOWN
    if placement.resolution == Resolution.UNKNOWN and Remark.OUTSIDE_PROVINCE not in placement.warnings:
        yield AddressDoubt.UNIT_UNKNOWN
    if Remark.DISTRICT_ABOLISHED in placement.warnings:
        yield AddressDoubt.DISTRICT_ABOLISHED
