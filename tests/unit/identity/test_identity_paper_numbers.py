"""Numbers of passports, old cards, certificates and insurance: read by form, shown masked."""

import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from songcau_identity.issuing_states import STATES, find_state
from songcau_identity.model import RECORDED_PAPERS, PaperKind
from songcau_identity.paper_numbers import (
    ISSUERS,
    NUMBERS,
    PaperNumber,
    StatedPaper,
    mask_paper,
    possible_papers,
    read_paper,
    split_whole,
)
from songcau_identity.vault import Vault
from songcau_kit.blind_index import BlindIndex
from songcau_kit.errors import DomainError
from songcau_kit.personal import Personal

VAULT = Vault(BlindIndex(b"k" * 32))


def read(kind: PaperKind | None, number: str, issuer: str = "") -> PaperNumber:
    return read_paper(StatedPaper(kind, Personal(number), issuer), at="/paper")


def wrong(kind: PaperKind | None, number: str, issuer: str = "") -> set[tuple[str, str]]:
    with pytest.raises(DomainError) as caught:
        read(kind, number, issuer)
    assert caught.value.reason.code == "PAPER_INVALID"
    assert len(number) < 3 or number not in repr(caught.value.violations)
    return {(violation.pointer, violation.code) for violation in caught.value.violations}


@pytest.mark.parametrize(
    ("kind", "typed", "issuer", "canonical", "canonical_issuer"),
    [
        (PaperKind.CMND_9, "090123456", "", "090123456", ""),
        (PaperKind.CCCD, "019185123456", "", "019185123456", ""),
        (PaperKind.HO_CHIEU, " c1234567", "vnm", "C1234567", "VNM"),
        (PaperKind.HO_CHIEU, "AB 123 456", "FRA", "AB123456", "FRA"),
        (PaperKind.HO_CHIEU, "C01X00T47", "D", "C01X00T47", "DEU"),
        (PaperKind.GIAY_KHAI_SINH, " 12 / 2026", "05740", "12/2026", "05740"),
        (PaperKind.GIAY_KHAI_SINH, "45-đk/1999", "05461", "45-ĐK/1999", "05461"),
        (PaperKind.SO_BHXH, "19 0123 4567", "", "1901234567", ""),
        (PaperKind.THE_BHYT, "te1 19 1901234567", "", "TE1191901234567", ""),
    ],
)
def test_a_paper_has_one_spelling_however_it_is_typed(
    kind: PaperKind, typed: str, issuer: str, canonical: str, canonical_issuer: str
):
    paper = read(kind, typed, issuer)
    assert (paper.number.reveal(), paper.issuer) == (canonical, canonical_issuer)
    assert split_whole(kind, paper.whole()) == paper


@pytest.mark.parametrize(
    ("kind", "number", "issuer", "code"),
    [
        (PaperKind.CMND_9, "09012345", "", "NOT_NINE_DIGITS"),
        (PaperKind.CMND_9, "٠٩٠١٢٣٤٥٦", "", "NOT_NINE_DIGITS"),
        (PaperKind.CCCD, "090123456", "", "NOT_TWELVE_DIGITS"),
        (PaperKind.HO_CHIEU, "C123", "VNM", "NOT_A_PASSPORT_NUMBER"),
        (PaperKind.HO_CHIEU, "P12345678X", "VNM", "NOT_A_PASSPORT_NUMBER"),
        (PaperKind.HO_CHIEU, "ı1234567", "TUR", "NOT_A_PASSPORT_NUMBER"),
        (PaperKind.GIAY_KHAI_SINH, "số ẩn", "05740", "NOT_A_CERTIFICATE_NUMBER"),
        (PaperKind.GIAY_KHAI_SINH, "1" * 31, "05740", "NOT_A_CERTIFICATE_NUMBER"),
        (PaperKind.GIAY_KHAI_SINH, "12//2026", "05740", "NOT_A_CERTIFICATE_NUMBER"),
        (PaperKind.SO_BHXH, "190123456", "", "NOT_TEN_DIGITS"),
        (PaperKind.THE_BHYT, "T1191901234567", "", "NOT_A_HEALTH_INSURANCE_CODE"),
    ],
)
def test_a_number_of_another_form_is_refused(kind: PaperKind, number: str, issuer: str, code: str):
    assert wrong(kind, number, issuer) == {("/paper/number", code)}


def test_every_wrong_field_is_named():
    assert wrong(PaperKind.HO_CHIEU, "!", "XYZ") == {
        ("/paper/number", "NOT_A_PASSPORT_NUMBER"),
        ("/paper/issuer", "NOT_A_STATE"),
    }
    assert wrong(PaperKind.GIAY_KHAI_SINH, "12/2026", "574") == {("/paper/issuer", "NOT_A_UNIT_CODE")}
    assert wrong(PaperKind.CMND_9, "090123456", "05740") == {("/paper/issuer", "ISSUER_NOT_EXPECTED")}


@pytest.mark.parametrize("kind", [None, *sorted(set(PaperKind) - RECORDED_PAPERS)])
def test_a_paper_of_no_recorded_kind_is_refused(kind: PaperKind | None):
    assert wrong(kind, "019185123456") == {("/paper/kind", "INVALID")}


def test_every_recorded_kind_has_a_form():
    assert set(NUMBERS) == RECORDED_PAPERS
    assert set(ISSUERS) <= RECORDED_PAPERS


@given(st.sampled_from(sorted(RECORDED_PAPERS)), st.text(max_size=40), st.sampled_from(["", "VNM", "05740", "xx"]))
def test_what_was_read_once_reads_the_same_again(kind: PaperKind, number: str, issuer: str):
    paper = None
    with suppress(DomainError):
        paper = read(kind, number, issuer)
    assert paper is None or read(kind, paper.number.reveal(), paper.issuer) == paper


@given(st.text(alphabet="0123456789", max_size=14))
def test_digits_alone_are_an_old_card_a_chip_card_or_nothing(text: str):
    kinds = {9: PaperKind.CMND_9, 12: PaperKind.CCCD}
    assert [paper.kind for paper in possible_papers(text)] == [kinds[at] for at in kinds if at == len(text)]


def test_one_passport_number_of_two_states_is_two_papers():
    french, german = read(PaperKind.HO_CHIEU, "C1234567", "FRA"), read(PaperKind.HO_CHIEU, "C1234567", "DEU")
    assert VAULT.paper_digest(french) != VAULT.paper_digest(german)
    assert VAULT.paper_digest(french) == VAULT.paper_digest(read(PaperKind.HO_CHIEU, "c123 4567", "fra"))


def test_a_chip_card_is_found_by_the_digest_of_the_personal_number_it_carries():
    from songcau_identity.model import IdentifierKind

    card = read(PaperKind.CCCD, "019185123456")
    assert VAULT.paper_digest(card) == VAULT.number_digest(IdentifierKind.PERSONAL_NUMBER, "019185123456")


@given(st.text(alphabet="0123456789ABC/", min_size=1, max_size=30))
def test_a_masked_number_shows_no_more_than_four_characters_and_never_most_of_it(number: str):
    masked = mask_paper(number)
    shown = masked.replace("•", "")
    assert len(shown) <= min(4, max(len(number) - 2, 0))
    assert "•••" in masked or len(number) - len(shown) < 3
    assert masked.count("•") >= 3 or len(number) == 5


def test_the_codes_of_states_are_three_letters_in_capitals():
    assert all(re.fullmatch("[A-Z]{3}", state) for state in STATES)
    assert {"VNM", "LAO", "KHM", "CHN", "FRA", "XXA"} <= STATES
    assert (find_state("d"), find_state(" vnm "), find_state("VN"), find_state("")) == ("DEU", "VNM", None, None)
    assert len(STATES) == 249 + 15
