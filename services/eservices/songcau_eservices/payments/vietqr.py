"""The text of a VietQR code (EMVCo, merchant presented, dynamic): bank transfer with amount and memo."""

import binascii
import re
from dataclasses import dataclass

NAPAS = "A000000727"
TRANSFER_TO_ACCOUNT = "QRIBFTTA"
LONGEST_MEMO = 25
LONGEST_NAME = 25
_PLAIN = re.compile(r"[^A-Za-z0-9 .]+")


@dataclass(frozen=True)
class Account:
    """The treasury account that collects: bank identification number, account, name without accents."""

    bin: str
    number: str
    name: str


def vietqr(account: Account, *, amount: int, memo: str) -> str:
    """Return the text of the code; `amount` in đồng, the memo short and without accents."""
    beneficiary = _field("00", account.bin) + _field("01", account.number)
    merchant = _field("00", NAPAS) + _field("01", beneficiary) + _field("02", TRANSFER_TO_ACCOUNT)
    body = (
        _field("00", "01")
        + _field("01", "12")
        + _field("38", merchant)
        + _field("52", "0000")
        + _field("53", "704")
        + _field("54", str(amount))
        + _field("58", "VN")
        + _field("59", plain(account.name)[:LONGEST_NAME].upper())
        + _field("62", _field("08", plain(memo)[:LONGEST_MEMO]))
        + "6304"
    )
    return body + f"{binascii.crc_hqx(body.encode('ascii'), 0xFFFF):04X}"


def memo_of(reference: str) -> str:
    """Return a dossier's code or reference as banks pass it on: dashes become spaces."""
    return reference.replace("-", " ")


def plain(text: str) -> str:
    """Return what of a text every bank passes on: letters without accents, digits, points."""
    return _PLAIN.sub(" ", text).strip()


def _field(tag: str, value: str) -> str:
    return f"{tag}{len(value):02d}{value}"
