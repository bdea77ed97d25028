"""The certificate authority of a development machine: one root, and signers under it, made once and kept in a folder.

Its signatures mean nothing in law; a real installation signs with certificates of a licensed authority.
"""

import os
from datetime import datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

VALID_FOR = timedelta(days=3650)
ROOT_NAME = "Sông Cầu – chứng thư phát triển"


class DevelopmentAuthority:
    """Issues signer certificates out of a folder that holds its root."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def root(self) -> Path:
        """The root certificate that verifiers trust (PEM)."""
        return self._folder / "root.pem"

    @classmethod
    def create(cls, folder: Path, *, at: datetime) -> "DevelopmentAuthority":
        """Make the root where the folder has none; keys are readable by their owner only."""
        authority = cls(folder)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if not authority.root.exists():
            key = ec.generate_private_key(ec.SECP256R1())
            name = _name(ROOT_NAME, "Sông Cầu")
            certificate = _builder(name, name, key.public_key(), at=at).add_extension(
                x509.BasicConstraints(ca=True, path_length=0), critical=True
            )
            usage = certificate.add_extension(_usage(certifies=True), critical=True)
            _write_key(folder / "root.key", key)
            _write(authority.root, usage.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM), 0o644)
        return authority

    def issue(self, name: str, *, common_name: str, organization: str, at: datetime) -> tuple[Path, Path]:
        """Return key and certificate of the signer `name`, made where the folder has none."""
        key_path, certificate_path = self._folder / f"{name}.key", self._folder / f"{name}.pem"
        if not certificate_path.exists():
            root = x509.load_pem_x509_certificate(self.root.read_bytes())
            root_key = serialization.load_pem_private_key((self._folder / "root.key").read_bytes(), None)
            if not isinstance(root_key, ec.EllipticCurvePrivateKey):
                raise TypeError("the development root has another kind of key")
            key = ec.generate_private_key(ec.SECP256R1())
            builder = _builder(_name(common_name, organization), root.subject, key.public_key(), at=at)
            builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            certificate = builder.add_extension(_usage(certifies=False), critical=True).add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), critical=False
            )
            _write_key(key_path, key)
            pem = certificate.sign(root_key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)
            _write(certificate_path, pem, 0o644)
        return key_path, certificate_path


def _name(common_name: str, organization: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "VN"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _builder(
    subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey, *, at: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(at - timedelta(hours=1))
        .not_valid_after(at + VALID_FOR)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public_key), critical=False)
    )


def _usage(*, certifies: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not certifies,
        content_commitment=not certifies,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=certifies,
        crl_sign=certifies,
        encipher_only=False,
        decipher_only=False,
    )


def _write_key(path: Path, key: ec.EllipticCurvePrivateKey) -> None:
    pem = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    _write(path, pem, 0o600)


def _write(path: Path, content: bytes, mode: int) -> None:
    # Made with its final mode and moved into place: nobody meets a half-written or readable key.
    unfinished = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        file.write(content)
    unfinished.replace(path)
