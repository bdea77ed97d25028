"""Who signs for an agency: certificates of the development authority, or the one certificate of an installation."""

import threading
from dataclasses import dataclass
from pathlib import Path

from asn1crypto import x509
from songcau_kit.clock import Clock
from songcau_kit.signing import DevelopmentAuthority, Signer, load_roots

SEAL = "service-seal"


@dataclass(frozen=True)
class SigningFiles:
    """Where the signing material stands; `folder` holds the development authority where no key is given."""

    folder: Path
    key: Path | None = None
    certificate: Path | None = None
    chain: tuple[Path, ...] = ()
    roots: tuple[Path, ...] = ()


class Signers:
    """Gives each agency its signer, loaded once."""

    def __init__(self, files: SigningFiles, clock: Clock) -> None:
        self._files = files
        self._clock = clock
        self._lock = threading.Lock()
        self._signers: dict[str, Signer] = {}

    def of(self, agency_code: str, agency_name: str) -> Signer:
        """Return the signer of an agency; with a configured certificate it is the same for all."""
        files = self._files
        name = SEAL if files.key else f"agency-{agency_code}"
        with self._lock:
            if name not in self._signers:
                self._signers[name] = self._load(name, agency_name)
            return self._signers[name]

    def roots(self) -> tuple[x509.Certificate, ...]:
        """Return the certificates that verification trusts."""
        files = self._files
        return load_roots(*(files.roots if files.key else (self._authority().root,)))

    def _load(self, name: str, agency_name: str) -> Signer:
        files = self._files
        if files.key and files.certificate:
            return Signer.load(files.key, files.certificate, files.chain)
        key, certificate = self._authority().issue(
            name, common_name=agency_name[:64], organization=agency_name[:64], at=self._clock.now()
        )
        return Signer.load(key, certificate)

    def _authority(self) -> DevelopmentAuthority:
        return DevelopmentAuthority.create(self._files.folder, at=self._clock.now())
