"""Papers show what they can and are never the reason of a failure."""

from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st
from songcau_eservices.results.issuing import FILES, TEMPLATES
from songcau_eservices.results.paper import PaperKind
from songcau_kit.letters import is_printable, printable
from songcau_kit.pdf import qr_svg, render_pdf

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)


def result_data(words: str) -> dict[str, object]:
    head = ["superior", "agency", "agency_short", "number", "place_and_date", "signatory"]
    person = ["applicant", "identifier_name", "identifier", "birth_date", "legal_representative", "address", "phone"]
    fields = [*head, *person, "heading", "procedure", "dossier_code", "accepted_on"]
    data: dict[str, object] = dict.fromkeys(fields, words)
    data |= {"bases": [words], "decision": [words], "facts": [{"label": words, "value": words}]}
    return data


def shown() -> dict[str, object]:
    link = "http://127.0.0.1:8080/verify/0000-0000-0000"
    return {"code": "0000-0000-0000", "link": link, "qr": qr_svg(link), "signer": "x", "title": "x"}


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=60))
def test_any_words_can_be_put_on_a_result(words: str):
    data = {name: printable(value) for name, value in result_data(words).items()}
    assert render_pdf(TEMPLATES / FILES[PaperKind.RESULT], {**data, **shown()}, at=AT).startswith(b"%PDF")


def test_every_vietnamese_letter_stays_itself():
    words = "Ằ ằ Ẵ ẵ Ộ ộ Ữ ữ Ỵ ỵ Đ đ “Nguyễn” – 1.234 ₫ • ≤"
    assert is_printable(words)
    assert printable(words) == words


def test_other_letters_become_question_marks():
    assert printable({"name": "a日\x00b", "rows": ["😀"]}) == {"name": "a??b", "rows": ["?"]}
    assert not is_printable("日")


def test_words_that_look_like_markup_stay_words():
    data = result_data('#panic("x") *b* $x$ <a> @b \\ `c` [d]')
    assert render_pdf(TEMPLATES / FILES[PaperKind.RESULT], {**data, **shown()}, at=AT).startswith(b"%PDF")
