"""The certificate of a process, its key and the authorities it trusts: three files, read anew when they change."""

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Self

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization

from songcau_kit import metrics
from songcau_kit.clock import Clock, SystemClock
from songcau_kit.logs import get_logger
from songcau_kit.settings import ProcessSettings

# An SPIFFE ID names a process the same way in every installation; each installation trusts its own authority only.
SPIFFE_PREFIX = "spiffe://songcau/"
LOOK_EVERY_SECONDS = 1.0

_log = get_logger(__name__)


class TlsError(OSError):
    """The files cannot be used; the text says which and why."""


@dataclass(frozen=True)
class TlsMaterial:
    """What the files hold: PEM, the process's own certificate first in its chain."""

    certificate_chain: bytes
    key: bytes = field(repr=False)
    authorities: bytes
    expires_at: datetime


@dataclass(frozen=True)
class TlsFiles:
    """Where chain, key and authorities stand; a folder among the authorities stands for the `*.crt` in it."""

    certificate: Path
    key: Path
    authorities: tuple[Path, ...]

    @classmethod
    def in_folder(cls, folder: Path) -> Self:
        """Return the files of a folder by the names that cert-manager gives them."""
        return cls(folder / "tls.crt", folder / "tls.key", (folder / "ca.crt",))

    def read(self, now: datetime) -> TlsMaterial:
        """Return what the files hold; raise TlsError where it cannot prove who the process is at this time."""
        chain, key = _read(self.certificate), _read(self.key)
        roots = b"\n".join(_read(file) for path in self.authorities for file in _files(path))
        try:
            certificate = x509.load_pem_x509_certificates(chain)[0]
            private = serialization.load_pem_private_key(key, None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            raise TlsError(f"{self.certificate} or {self.key} is no PEM certificate or key") from None
        try:
            x509.load_pem_x509_certificates(roots)
        except ValueError:
            named = ", ".join(map(str, self.authorities))
            raise TlsError(f"{named or 'no file'} holds no PEM certificate of an authority") from None
        if certificate.public_key() != private.public_key():
            raise TlsError(f"{self.key} is not the key of {self.certificate}")
        if certificate.not_valid_after_utc <= now:
            raise TlsError(f"{self.certificate} has expired at {certificate.not_valid_after_utc:%Y-%m-%d %H:%M} UTC")
        return TlsMaterial(chain, key, roots, certificate.not_valid_after_utc)


class TlsSource:
    """The material of one process, as its files say it now."""

    def __init__(self, files: TlsFiles, service_name: str, *, clock: Clock | None = None) -> None:
        self._files = files
        self._clock = clock or SystemClock()
        self._lock = threading.Lock()
        self._fault = ""
        self._material = files.read(self._clock.now())
        self._look_at = time.monotonic() + LOOK_EVERY_SECONDS
        self._tell_expiry(service_name)

    def current(self) -> TlsMaterial:
        """Return what the files hold, at most a second old; while they cannot be used, what they held before.

        Files are replaced one after the other: a key that does not fit its certificate yet is such a moment.
        """
        if time.monotonic() >= self._look_at:
            with self._lock:
                if time.monotonic() >= self._look_at:
                    self._look()
                    self._look_at = time.monotonic() + LOOK_EVERY_SECONDS
        return self._material

    def _look(self) -> None:
        try:
            material = self._files.read(self._clock.now())
        except TlsError as error:
            if str(error) != self._fault:
                self._fault = str(error)
                _log.warning("tls_files_not_usable", cause=self._fault)
            return
        self._fault = ""
        if material != self._material:
            self._material = material
            _log.info("tls_files_changed", expires_at=material.expires_at.isoformat())

    def _tell_expiry(self, service: str) -> None:
        gauge = metrics.gauge(
            service, "tls_certificate_expiry", "timestamp_seconds", description="when the process's certificate ends"
        )
        gauge.set_function(self._expiry)

    def _expiry(self) -> float:
        return self.current().expires_at.timestamp()


def open_tls(settings: ProcessSettings, service_name: str) -> TlsSource | None:
    """Return the process's material, None where a development process has none; it then speaks in the clear.

    Leaves the process with one sentence where the files cannot be used or, outside development, are not set.
    """
    given = (settings.tls_certificate, settings.tls_key, settings.tls_authorities)
    if settings.tls_certificate and settings.tls_key and settings.tls_authorities:
        try:
            return TlsSource(
                TlsFiles(settings.tls_certificate, settings.tls_key, settings.tls_authorities), service_name
            )
        except TlsError as error:
            raise SystemExit(f"mutual TLS is not possible: {error}") from None
    if any(given) or settings.environment != "development":
        names = ", ".join(settings.variable(name) for name in ("tls_certificate", "tls_key", "tls_authorities"))
        raise SystemExit(f"mutual TLS is not possible: {names} must be set together")
    return None


def _files(path: Path) -> list[Path]:
    return sorted(path.glob("*.crt")) if path.is_dir() else [path]


def _read(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise TlsError(f"{file} cannot be read: {error.strerror}") from None
