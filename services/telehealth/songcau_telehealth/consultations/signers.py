"""Whose key signs a summary: each practitioner's own, from a folder; development makes what is missing."""

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from songcau_kit.clock import Clock
from songcau_kit.development_authority import DevelopmentAuthority
from songcau_kit.errors import DomainError
from songcau_kit.signing import Signer

from songcau_telehealth.errors import SIGNER_MISSING
from songcau_telehealth.facilities.model import PractitionerCard


class Signers(Protocol):
    """Finds the signer of a practitioner."""

    def signer_of(self, card: PractitionerCard, organization: str) -> Signer:
        """Return the practitioner's signer; raise SIGNER_MISSING."""


class FolderSigners:
    """Keys and certificates as `<practitioner id>.key` and `.pem`; `*.chain.pem` beside them go into the signature."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._loaded: dict[str, Signer] = {}

    def signer_of(self, card: PractitionerCard, organization: str) -> Signer:
        """Return the practitioner's signer, loaded once; raise SIGNER_MISSING."""
        name = str(card.practitioner_id)
        with self._lock:
            if name not in self._loaded:
                self._loaded[name] = self._load(name, card, organization)
            return self._loaded[name]

    def _load(self, name: str, card: PractitionerCard, organization: str) -> Signer:  # noqa: ARG002
        key, certificate = self._folder / f"{name}.key", self._folder / f"{name}.pem"
        if not (key.is_file() and certificate.is_file()):
            raise DomainError(SIGNER_MISSING)
        return Signer.load(key, certificate, self._chain())

    def _chain(self) -> Sequence[Path]:
        return sorted(self._folder.glob("*.chain.pem"))


class DevelopmentSigners(FolderSigners):
    """Issues a practitioner's certificate from the development authority at the first signature."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        super().__init__(folder)
        self._clock = clock
        self._authority = DevelopmentAuthority.create(folder, at=clock.now())

    def _load(self, name: str, card: PractitionerCard, organization: str) -> Signer:
        key, certificate = self._authority.issue(
            name, common_name=card.full_name, organization=organization, at=self._clock.now()
        )
        return Signer.load(key, certificate)
