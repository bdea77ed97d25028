"""Signatures: intact and trusted as signed, anything else is noticed."""

import io
import stat
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from songcau_kit.pdf import render_pdf
from songcau_kit.signing import DevelopmentAuthority, Signer, load_roots, sign_pdf, verify_pdf

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)
NAME = "Ủy ban nhân dân xã La Hiên"


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("authority")


@pytest.fixture(scope="module")
def roots(folder):
    return load_roots(DevelopmentAuthority.create(folder, at=AT).root)


@pytest.fixture(scope="module")
def signer(folder, roots) -> Signer:
    key, certificate = DevelopmentAuthority(folder).issue("seal", common_name=NAME, organization="H55.242", at=AT)
    return Signer.load(key, certificate)


@pytest.fixture(scope="module")
def unsigned(tmp_path_factory) -> bytes:
    template = tmp_path_factory.mktemp("forms") / "form.typ"
    template.write_text("#set document(date: auto)\nKết quả giải quyết")
    return render_pdf(template, {}, at=AT)


@pytest.fixture(scope="module")
def signed(unsigned, signer) -> bytes:
    return sign_pdf(unsigned, signer, reason="Trả kết quả", location="Thái Nguyên", at=AT)


def test_a_signed_document_is_valid_and_tells_who_and_when(signed, roots):
    report = verify_pdf(signed, roots, at=NOW)

    assert report.valid
    assert (report.signer, report.signed_at) == (NAME, AT)


def test_the_signature_is_pades_over_the_whole_file(signed, unsigned):
    signature = PdfFileReader(io.BytesIO(signed)).embedded_signatures[0]

    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signed.startswith(unsigned)


def test_no_changed_byte_anywhere_stays_valid(signed, roots):
    step = max(1, len(signed) // 120)
    for position in [*range(0, len(signed), step), len(signed) - 1]:
        changed = bytearray(signed)
        changed[position] ^= 0x01
        assert not verify_pdf(bytes(changed), roots, at=NOW).valid, position


def test_no_changed_digit_of_the_signature_itself_stays_valid(signed, roots):
    signature = PdfFileReader(io.BytesIO(signed)).embedded_signatures[0]
    start, length, end, _ = (int(number) for number in signature.byte_range)
    gap = range(start + length, end)
    # The envelope's own fields densely, keys and digests thinly, the padding of zeros very thinly.
    for position in [*gap[:90:2], *gap[90:1150:41], *gap[1150:1340:3], *gap[1340:2200:41], *gap[2200::1001], gap[-1]]:
        for mask in (0x02, 0x20):
            changed = bytearray(signed)
            changed[position] ^= mask
            assert not verify_pdf(bytes(changed), roots, at=NOW).valid, (position, mask)


def test_an_appended_update_is_told_and_not_valid(signed, roots):
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    writer.root["/Lang"] = writer.root.get("/Lang", "vi")
    writer.update_root()
    output = io.BytesIO()
    writer.write(output)
    report = verify_pdf(output.getvalue(), roots, at=NOW)

    assert output.getvalue().startswith(signed)
    assert report.appended
    assert not report.valid


def test_bytes_after_the_end_are_told(signed, roots):
    assert not verify_pdf(signed + b"\n%extra", roots, at=NOW).valid
    assert not verify_pdf(signed + b" ", roots, at=NOW).valid


def test_a_second_signature_on_top_does_not_replace_the_first(signed, signer, roots, folder, tmp_path):
    with pytest.raises(Exception, match="Signature1"):
        sign_pdf(signed, signer, reason="again", location="x", at=AT)


def test_a_signature_of_another_root_is_intact_and_not_trusted(signed, tmp_path):
    other = DevelopmentAuthority.create(tmp_path, at=AT)
    report = verify_pdf(signed, load_roots(other.root), at=NOW)

    assert report.intact
    assert not report.trusted
    assert not report.valid


@pytest.mark.parametrize("content", [b"", b"not a pdf", b"%PDF-1.7\n%%EOF", b"\x00" * 1000])
def test_what_is_no_document_is_not_valid_and_raises_nothing(content, roots):
    assert not verify_pdf(content, roots, at=NOW).valid


def test_an_unsigned_or_cut_document_is_not_valid(unsigned, signed, roots):
    assert not verify_pdf(unsigned, roots, at=NOW).valid
    assert not verify_pdf(signed[: len(signed) // 2], roots, at=NOW).valid


def test_an_expired_certificate_is_not_trusted(signed, roots):
    assert not verify_pdf(signed, roots, at=datetime(2045, 1, 1, tzinfo=UTC)).trusted


def test_many_threads_share_one_signer(unsigned, signer, roots):
    def sign(number: int) -> bool:
        document = sign_pdf(unsigned, signer, reason=f"Kết quả {number}", location="Thái Nguyên", at=AT)
        return verify_pdf(document, roots, at=NOW).valid

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(sign, range(24)))


def test_keys_are_readable_by_their_owner_only_and_made_once(folder, signer):
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    again = DevelopmentAuthority.create(folder, at=AT)
    again.issue("seal", common_name=NAME, organization="H55.242", at=AT)

    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.glob("*.key")} == {0o600}


def test_a_signer_shows_no_key(signer):
    assert repr(signer) == f"Signer(name='{NAME}')"
