"""PAdES signatures (baseline B-B) over PDF documents, made and verified without the network.

A time-stamp authority can be given to the signer later; nothing else would change.
"""

import asyncio
import io
import logging
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from asn1crypto import cms, keys, pem, x509
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import PdfSignatureMetadata, PdfSigner, SimpleSigner
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko.sign.signers.pdf_cms import PdfCMSSignedAttributes
from pyhanko.sign.timestamps import TimeStamper
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.registry import SimpleCertificateStore

from songcau_kit.development_authority import DevelopmentAuthority

__all__ = ["DevelopmentAuthority", "SignatureReport", "Signer", "load_roots", "sign_pdf", "verify_pdf"]

# A stranger's broken document is an answer, not an incident.
logging.getLogger("pyhanko").setLevel(logging.CRITICAL)

FIELD = "Signature1"
DIGEST = "sha256"
# Room for the signature in hexadecimal digits; measuring it would mean to sign twice.
RESERVED = 8192
RESERVED_WITH_TIME_STAMP = 32768


@dataclass(frozen=True)
class Signer:
    """A loaded key and certificate, shared by all threads."""

    name: str
    _signer: SimpleSigner = field(repr=False)
    _time_stamper: TimeStamper | None = field(default=None, repr=False)

    @classmethod
    def load(
        cls, key: Path, certificate: Path, chain: Sequence[Path] = (), *, time_stamper: TimeStamper | None = None
    ) -> "Signer":
        """Read a PEM key, its certificate and the intermediate certificates that verifiers will need."""
        store = SimpleCertificateStore()  # type: ignore[no-untyped-call]
        store.register_multiple([_certificate(path.read_bytes()) for path in chain])
        _, _, key_bytes = pem.unarmor(key.read_bytes())
        own = _certificate(certificate.read_bytes())
        signer = SimpleSigner(
            signing_cert=own, signing_key=keys.PrivateKeyInfo.load(key_bytes), cert_registry=store, embed_roots=False
        )
        return cls(_common_name(own), signer, time_stamper)


@dataclass(frozen=True)
class SignatureReport:
    """What a verifier may say of a document's signature."""

    intact: bool  # what was signed is what is here
    trusted: bool  # the signer's certificate leads to a trusted root
    appended: bool  # something was added to the file after signing
    signer: str | None
    signed_at: datetime | None

    @property
    def valid(self) -> bool:
        """Whether the document is exactly what a trusted signer signed."""
        return self.intact and self.trusted and not self.appended


UNREADABLE = SignatureReport(intact=False, trusted=False, appended=False, signer=None, signed_at=None)


def load_roots(*files: Path) -> tuple[x509.Certificate, ...]:
    """Read the certificates (PEM) that verifiers trust."""
    return tuple(_certificate(path.read_bytes()) for path in files)


def sign_pdf(pdf: bytes, signer: Signer, *, reason: str, location: str, at: datetime) -> bytes:
    """Return the document with a signature over every byte of it; `at` is the time the signer claims."""
    metadata = PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm=DIGEST,
        reason=reason,
        location=location,
        name=signer.name,
        subfilter=SigSeedSubFilter.PADES,
    )
    pdf_signer = PdfSigner(metadata, signer=signer._signer, timestamper=signer._time_stamper)
    return asyncio.run(_sign(pdf, pdf_signer, at=at))


def verify_pdf(pdf: bytes, roots: Sequence[x509.Certificate], *, at: datetime | None = None) -> SignatureReport:
    """Say whether the document is intact, whose it is and whether anything was added; never raises on a bad document.

    `at` is the moment whose certificates count, now where it is left out.
    """
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=True)
        signatures = reader.embedded_signatures
        if len(signatures) != 1:
            return UNREADABLE
        return _report(pdf, signatures[0], ValidationContext(trust_roots=roots, moment=at, allow_fetching=False))
    except Exception:  # noqa: BLE001 -- the document is a stranger's: whatever it breaks in the parser, it is not intact
        return UNREADABLE


async def _sign(pdf: bytes, pdf_signer: PdfSigner, *, at: datetime) -> bytes:
    session = pdf_signer.init_signing_session(IncrementalPdfFileWriter(io.BytesIO(pdf)))
    session.system_time = at
    validation = await session.perform_presign_validation()
    reserved = RESERVED_WITH_TIME_STAMP if session.timestamper else RESERVED
    document = session.prepare_tbs_document(validation_info=validation, bytes_reserved=reserved)
    digest, output = document.digest_tbs_document()
    attributes = PdfCMSSignedAttributes(signing_time=at)
    signed = await document.perform_signature(document_digest=digest.document_digest, pdf_cms_signed_attrs=attributes)
    await signed.post_signature_processing(output)
    output.seek(0)
    return bytes(output.read())


def _report(pdf: bytes, signature: EmbeddedPdfSignature, context: ValidationContext) -> SignatureReport:
    status = validate_pdf_signature(signature, signer_validation_context=context)
    is_whole = status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    return SignatureReport(
        intact=bool(status.intact and status.valid and _is_container_clean(pdf, signature)),
        trusted=bool(status.trusted),
        appended=not is_whole,
        signer=_common_name(status.signing_cert),
        signed_at=status.signer_reported_dt,
    )


def _is_container_clean(pdf: bytes, signature: EmbeddedPdfSignature) -> bool:
    """Whether the one gap that a signature cannot cover holds exactly the signature, in its one right spelling."""
    start, length, end, _ = (int(number) for number in signature.byte_range)
    gap = re.fullmatch(rb"<([0-9A-F]+)>", pdf[start + length : end])
    if gap is None:
        return False
    container = bytes.fromhex(gap[1].decode())
    parsed = cms.ContentInfo.load(container)
    exact: bytes = parsed.dump(force=True)
    return container == exact.ljust(len(container), b"\0") and _is_envelope_plain(parsed["content"])


def _is_envelope_plain(signed: cms.SignedData) -> bool:
    """Whether the parts of the envelope that no signature covers are the only ones that fit what it does cover."""
    (info,) = signed["signer_infos"]
    (algorithm,) = signed["digest_algorithms"]
    (own,) = [
        c.chosen for c in signed["certificates"] if c.chosen.serial_number == info["sid"].chosen["serial_number"].native
    ]
    extra = {attribute["type"].native for attribute in info["unsigned_attrs"] or ()}
    return bool(
        signed["version"].native == info["version"].native == "v1"
        and algorithm.dump() == info["digest_algorithm"].dump()
        and info["sid"].chosen["issuer"].dump() == own.issuer.dump()
        and not signed["crls"]
        and extra <= {"signature_time_stamp_token"}
    )


def _certificate(content: bytes) -> x509.Certificate:
    _, _, der = pem.unarmor(content)
    return x509.Certificate.load(der)


def _common_name(certificate: x509.Certificate) -> str:
    names: dict[str, Any] = certificate.subject.native
    return str(names.get("common_name", certificate.subject.human_friendly))
