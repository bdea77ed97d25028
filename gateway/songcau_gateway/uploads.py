"""Reads a multipart upload piece by piece: small fields first, the file last, nothing kept on a disk."""

from collections import deque
from collections.abc import AsyncIterator

from fastapi import Request
from python_multipart.exceptions import MultipartParseError
from python_multipart.multipart import MultipartParser, parse_options_header
from songcau_kit.errors import DomainError, Violation

from songcau_gateway.errors import UPLOAD_INVALID

_FIELD_LIMIT = 1024
_FILE = "file"


def upload_invalid(pointer: str, detail: str) -> DomainError:
    """Return the refusal of a multipart body that is not as documented."""
    return DomainError(UPLOAD_INVALID, violations=[Violation(pointer, "INVALID", detail)])


class Upload:
    """One multipart body under way. After `open` the fields and the file's name are known, the file is not yet read."""

    def __init__(self, request: Request, allowed: frozenset[str]) -> None:
        _, options = parse_options_header(request.headers.get("content-type", ""))
        boundary = options.get(b"boundary", b"")
        if not boundary or len(boundary) > 70:
            raise upload_invalid("", "the boundary is missing")
        self.fields: dict[str, str] = {}
        self.file_name = ""
        self._allowed = allowed
        self._source = request.stream()
        self._data: deque[bytes] = deque()
        self._part, self._header = "", [b"", b""]
        self._disposition = b""
        self._value = b""
        self._file_seen = self._ended = False
        self._parser = MultipartParser(boundary, self._callbacks())  # type: ignore[arg-type]

    async def open(self) -> None:
        """Read until the file begins; raise UPLOAD_INVALID where there is none."""
        while not self._file_seen:
            if not await self._feed():
                raise upload_invalid(f"/{_FILE}", "the part `file` is missing")

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the file as it arrives."""
        while True:
            while self._data:
                yield self._data.popleft()
            if not await self._feed():
                break
        if not self._ended:
            raise upload_invalid("", "the body breaks off")

    async def _feed(self) -> bool:
        piece = await anext(self._source, None)
        if not piece:
            return False
        try:
            self._parser.write(piece)
        except MultipartParseError:
            raise upload_invalid("", "the body is no multipart body") from None
        return True

    def _callbacks(self) -> dict[str, object]:
        return {
            "on_part_begin": self._on_part_begin,
            "on_header_field": lambda data, start, end: self._on_header(0, data[start:end]),
            "on_header_value": lambda data, start, end: self._on_header(1, data[start:end]),
            "on_header_end": self._on_header_end,
            "on_headers_finished": self._on_headers_finished,
            "on_part_data": lambda data, start, end: self._on_data(bytes(data[start:end])),
            "on_part_end": self._on_part_end,
            "on_end": self._on_end,
        }

    def _on_part_begin(self) -> None:
        if self._file_seen:
            raise upload_invalid(f"/{_FILE}", "the part `file` comes last")
        self._part, self._disposition, self._value = "", b"", b""

    def _on_header(self, side: int, data: bytes) -> None:
        self._header[side] += data
        if len(self._header[side]) > _FIELD_LIMIT:
            raise upload_invalid("", "a header of a part is too long")

    def _on_header_end(self) -> None:
        name, value = self._header
        if name.lower() == b"content-disposition":
            self._disposition = value
        self._header = [b"", b""]

    def _on_headers_finished(self) -> None:
        # Given bytes, the parser keeps them; names of files are UTF-8 whatever the standard of old says.
        _, options = parse_options_header(self._disposition)
        self._part = options.get(b"name", b"").decode("utf-8", "replace")
        if self._part == _FILE:
            self.file_name = _base_name(options.get(b"filename", b"").decode("utf-8", "replace"))
            self._file_seen = True
        elif self._part not in self._allowed or self._part in self.fields:
            raise upload_invalid(f"/{self._part[:60]}", "unknown or repeated part")

    def _on_data(self, data: bytes) -> None:
        if self._part == _FILE:
            self._data.append(data)
            return
        self._value += data
        if len(self._value) > _FIELD_LIMIT:
            raise upload_invalid(f"/{self._part}", "the field is too long")

    def _on_part_end(self) -> None:
        if self._part != _FILE:
            try:
                self.fields[self._part] = self._value.decode("utf-8")
            except UnicodeDecodeError:
                raise upload_invalid(f"/{self._part}", "the field is not UTF-8") from None

    def _on_end(self) -> None:
        self._ended = True


async def read_file(request: Request) -> bytes:
    """Return the one file of a small form; the route's body limit bounds it."""
    upload = Upload(request, frozenset())
    await upload.open()
    return b"".join([piece async for piece in upload.pieces()])


def _base_name(name: str) -> str:
    """Return the last part of a path, as some browsers send one, without control characters; at most 200 characters."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    return "".join(letter for letter in last if letter.isprintable())[:200]
