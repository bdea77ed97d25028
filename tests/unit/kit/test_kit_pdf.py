"""Forms: PDF/A with Vietnamese letters and embedded fonts, data never read as source, equal input equal bytes."""

import io
from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader
from songcau_kit.errors import DomainError
from songcau_kit.pdf import qr_svg, render_pdf

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
LETTERS = "Nguyễn Thị Thử Nghiệm, Xã La Hiên, tỉnh Thái Nguyên; ắằẳẵặ ốồổỗộ ớờởỡợ ứừửữự ỳỵỷỹ Đđ"
TEMPLATE = """#let form = json(bytes(sys.inputs.data))
#set document(title: "Giấy tiếp nhận", date: auto)
#set text(font: "Libertinus Serif", lang: "vi", size: 12pt)
= Giấy tiếp nhận
#form.text
#for line in form.at("lines", default: ()) [ - #line ]
#if "qr" in form { image(bytes(form.qr), width: 3cm) }
"""


@pytest.fixture
def template(tmp_path: Path) -> Path:
    path = tmp_path / "form.typ"
    path.write_text(TEMPLATE, encoding="utf-8")
    return path


def text_of(pdf: bytes) -> str:
    return " ".join(PdfReader(io.BytesIO(pdf)).pages[0].extract_text().split())


def test_vietnamese_letters_come_out_as_they_went_in(template):
    assert LETTERS in text_of(render_pdf(template, {"text": LETTERS}, at=AT))


def test_the_document_says_it_is_pdf_a_2b_and_embeds_its_fonts(template):
    reader = PdfReader(io.BytesIO(render_pdf(template, {"text": LETTERS}, at=AT)))
    metadata = reader.trailer["/Root"]["/Metadata"].get_data().decode()
    fonts = reader.pages[0]["/Resources"]["/Font"].values()
    descriptors = [font.get_object()["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts]

    assert "<pdfaid:part>2</pdfaid:part>" in metadata
    assert "<pdfaid:conformance>B</pdfaid:conformance>" in metadata
    assert descriptors
    assert all({"/FontFile3", "/FontFile2"} & set(descriptor.get_object()) for descriptor in descriptors)


def test_data_is_never_read_as_source(template):
    hostile = '#panic("x") \\ $x^2$ #read("/etc/passwd") @ref <label> *bold* "quote" \' { } [ ] //'

    assert "#panic" in text_of(render_pdf(template, {"text": hostile, "lines": [hostile]}, at=AT))


def test_equal_input_gives_equal_bytes(template):
    data = {"text": LETTERS, "qr": qr_svg("https://songcau.example/r/1")}

    assert render_pdf(template, data, at=AT) == render_pdf(template, data, at=AT)
    assert render_pdf(template, data, at=AT) != render_pdf(template, data, at=datetime(2026, 11, 24, tzinfo=UTC))


def test_any_aware_instant_dates_a_document(template):
    local = datetime(2026, 11, 23, 9, 0, 0, 123456, tzinfo=ZoneInfo("Asia/Ho_Chi_Minh"))
    reader = PdfReader(io.BytesIO(render_pdf(template, {"text": "x"}, at=local)))

    assert reader.metadata.creation_date == AT


def test_a_picture_is_shown(template):
    plain = render_pdf(template, {"text": "x"}, at=AT)

    assert len(render_pdf(template, {"text": "x", "qr": qr_svg("https://songcau.example")}, at=AT)) > len(plain)


def test_a_template_reads_nothing_outside_its_folder(tmp_path):
    (tmp_path / "secret.txt").write_text("secret")
    inner = tmp_path / "forms"
    inner.mkdir()
    (inner / "form.typ").write_text('#read("../secret.txt")')

    with pytest.raises(DomainError) as refusal:
        render_pdf(inner / "form.typ", {}, at=AT)

    assert refusal.value.reason.code == "DOCUMENT_NOT_RENDERED"


def test_a_failing_template_is_named_and_its_data_is_not(template):
    with pytest.raises(DomainError) as refusal:
        render_pdf(template, {"title": "Nguyễn Thị Thử Nghiệm"}, at=AT)

    assert refusal.value.details == {"template": "form.typ"}
    assert "Thử" not in repr(refusal.value.__cause__)


def test_a_qr_code_is_one_svg_picture():
    root = ElementTree.fromstring(qr_svg("https://songcau.example/v1/results/ABC"))

    assert root.tag.endswith("svg")
