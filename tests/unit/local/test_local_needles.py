"""The search for leaks finds a planted text in each form it could take; every form is made here by other means."""

import base64
import codecs
import hashlib
import unicodedata
from pathlib import Path

import pytest
from songcau_local.needles import Needles

CANARY = "Hoàng Thị Ví Dụ"
NUMBER = "019190000011"
FORMS = {
    "as written": CANARY.encode(),
    "upper case": "HOÀNG THỊ VÍ DỤ".encode(),
    "lower case": "hoàng thị ví dụ".encode(),
    "without marks": b"hoang thi vi du",
    "without marks in capitals": b"HOANG THI VI DU",
    "decomposed": unicodedata.normalize("NFD", CANARY).encode(),
    "decomposed in capitals": unicodedata.normalize("NFD", "HOÀNG THỊ VÍ DỤ").encode(),
    "UTF-16 little-endian": CANARY.encode("utf-16")[2:],
    "UTF-16 big-endian": codecs.encode(CANARY, "utf-16-be"),
    "hex": codecs.encode(CANARY.encode(), "hex"),
    "hex in capitals": base64.b16encode(CANARY.encode()),
    "hex of UTF-16": codecs.encode(CANARY.encode("utf-16-le"), "hex"),
    "base64 alone": base64.b64encode(CANARY.encode()),
    "base64 behind one byte": base64.b64encode(b"x" + CANARY.encode() + b" and more"),
    "base64 behind two bytes": base64.b64encode(b"xy" + CANARY.encode() + b" and more"),
    "base64 behind three bytes": base64.b64encode(b"xyz" + CANARY.encode() + b" and more"),
    "base64 for addresses": base64.urlsafe_b64encode(b"xy" + CANARY.encode()),
    "base64 of UTF-16": base64.b64encode(b"x" + CANARY.encode("utf-16-be") + b"."),
    "address": b"Ho%C3%A0ng%20Th%E1%BB%8B%20V%C3%AD%20D%E1%BB%A5",
    "address with plus": b"Ho%C3%A0ng+Th%E1%BB%8B+V%C3%AD+D%E1%BB%A5",
    "address in lower case": b"Ho%c3%a0ng%20Th%e1%bb%8b%20V%c3%ad%20D%e1%bb%a5",
    "JSON": rb"Ho\u00e0ng Th\u1ecb V\u00ed D\u1ee5",
    "bytes as SQL prints them": b"\\x" + base64.b64encode(CANARY.encode()).hex().encode(),
    "digest": hashlib.sha256(CANARY.encode()).digest(),
    "digest in hex": hashlib.sha256(CANARY.encode()).hexdigest().encode(),
}
NOISE = bytes(range(256)) * 5


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_a_planted_text_is_found_in_every_form_and_only_where_it_is(tmp_path: Path, form: bytes):
    needles = Needles([NUMBER, CANARY])
    (tmp_path / "planted").write_bytes(NOISE + form + NOISE)

    assert any(name.startswith("secret 1 ") for name in needles.find_in_file(tmp_path / "planted"))
    assert not any(name.startswith("secret 0 ") for name in needles.find_in_file(tmp_path / "planted"))
    assert not needles.find_in_file(tmp_path / "nowhere")


def test_a_find_tells_the_form_and_never_the_text():
    (name,) = Needles([NUMBER]).find(b"id=" + NUMBER.encode())

    assert name == "secret 0 (as written, UTF-8)"


def test_a_telephone_number_is_not_seen_in_a_page_number_of_a_database():
    assert not Needles(["+84900000011"]).find(b"\x0c900000002ad1\x0c900000011c4c\x0c900000015b53")


@pytest.mark.parametrize("written", ["+84900000011", "0900000011", "84900000011"])
def test_a_telephone_number_is_found_in_its_national_and_its_international_form(written: str):
    assert Needles(["+84900000011"]).find(written.encode())


def test_what_is_nearly_the_text_is_not_found():
    assert Needles([CANARY, NUMBER]).find(b"Hoang Thi Vi Da 019190000012" + NOISE) == []
