"""Codes people read aloud and type: thirty-two signs of which none is taken for another (Crockford's Base32)."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
DOSSIER_REFERENCE_LETTERS = 10


def letters_of(number: int, count: int) -> str:
    """Return the lowest `count` times five bits of a number, the lowest first."""
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(count))


def dossier_reference(number: int) -> str:
    """Return the short reference of a dossier: 50 of the random bits of its id, as letters nobody misreads."""
    return "HS-" + letters_of(number, DOSSIER_REFERENCE_LETTERS)
