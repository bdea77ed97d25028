"""Wrapping keys in a file, such as a mounted Secret, read again as soon as the file changes."""

import os
import re
import threading
from pathlib import Path

from songcau_kit.keyring import Keyring, KeyringError, Wrapped, entry_of, new_key
from songcau_kit.logs import get_logger

_log = get_logger(__name__)

Signature = tuple[int, int, int]


class FileKeys:
    """The keys of one file, in the form of `Keyring.parse`.

    A change that cannot be used is logged once and leaves the keys as they were. Raises KeyringError where the file
    is not usable at the beginning, or holds the text `refused`.
    """

    def __init__(self, path: Path, *, refused: str = "") -> None:
        self._path = path
        self._refused = refused
        self._lock = threading.Lock()
        self._seen = self._signature()
        self._keyring = self._read()

    @property
    def current(self) -> int:
        """The version that wraps from now on."""
        return self._newest().current

    @property
    def versions(self) -> frozenset[int]:
        """Every version that opens."""
        return self._newest().versions

    def wrap(self, key: bytes, *, bound_to: bytes) -> Wrapped:
        """Wrap as `Keyring.wrap` does."""
        return self._newest().wrap(key, bound_to=bound_to)

    def unwrap(self, wrapped: Wrapped, *, bound_to: bytes) -> bytes:
        """Unwrap as `Keyring.unwrap` does."""
        return self._newest().unwrap(wrapped, bound_to=bound_to)

    def refresh(self) -> None:
        """Do nothing: every call looks at the file."""

    def add(self, version: int) -> None:
        """Write a new key behind the others, which makes it the current one; raises KeyringError where it cannot."""
        unfinished = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            text = f"{self._path.read_text().rstrip()}\n{entry_of(version, new_key())}\n"
            with os.fdopen(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            unfinished.replace(self._path)
        except OSError as error:
            raise KeyringError(f"{self._path} cannot be written: {error.strerror}") from None

    def _newest(self) -> Keyring:
        signature = self._signature()
        if signature != self._seen:
            with self._lock:
                self._reload(signature)
        return self._keyring

    def _reload(self, signature: Signature | None) -> None:
        if signature == self._seen:
            return
        # Marked before it is read: what is written meanwhile is a change of its own.
        self._seen = signature
        try:
            self._keyring = self._read()
        except KeyringError as error:
            _log.error("wrapping_key_file_not_usable", cause=str(error))
        else:
            _log.info("wrapping_key_file_read", current=self._keyring.current, versions=sorted(self._keyring.versions))

    def _signature(self) -> Signature | None:
        try:
            found = self._path.stat()
        except OSError:
            return None
        return found.st_ino, found.st_mtime_ns, found.st_size

    def _read(self) -> Keyring:
        try:
            text = self._path.read_text()
        except (OSError, UnicodeDecodeError) as error:
            raise KeyringError(f"the wrapping keys in {self._path} cannot be read: {type(error).__name__}") from None
        if self._refused and self._refused in re.split(r"[,:\s]", text):
            raise KeyringError(f"{self._path} holds the development key, put keys of your own there")
        return Keyring.parse(text)
