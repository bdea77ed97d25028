"""Names wrapping keys in a token by a PKCS#11 URI, as far as RFC 7512 serves that."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes

from songcau_kit.keyring import KeyringError

SCHEME = "pkcs11:"
PATH_NAMES = {"token", "serial", "object", "id", "type"}


@dataclass(frozen=True)
class TokenAddress:
    """All AES keys with one label in one token; with an id that one of them only."""

    token: str
    label: str
    module: Path
    serial: str = ""
    key_id: bytes | None = None

    @classmethod
    def parse(cls, text: str) -> "TokenAddress":
        """Read `pkcs11:token=…;object=…?module-path=…`, optionally with `serial`, `id` and `type=secret-key`.

        Raises KeyringError for anything else, above all for a PIN: that has a setting of its own, which is masked.
        """
        path, _, query = text.removeprefix(SCHEME).partition("?")
        named, asked = _attributes(path, ";"), _attributes(query, "&")
        if foreign := (named.keys() - PATH_NAMES) | (asked.keys() - {"module-path"}):
            why = "; the PIN has a setting of its own" if any("pin" in name for name in foreign) else ""
            raise KeyringError(f"the address of a token may not have {', '.join(sorted(foreign))}{why}")
        if named.get("type", "secret-key") != "secret-key":
            raise KeyringError("wrapping keys are of the type secret-key")
        missing = [name for name in ("token", "object") if not named.get(name)]
        missing += [] if asked.get("module-path") else ["module-path"]
        if missing:
            raise KeyringError(f"the address of a token lacks {', '.join(missing)}")
        return cls(
            token=unquote(named["token"]),
            label=unquote(named["object"]),
            module=Path(unquote(asked["module-path"])),
            serial=unquote(named.get("serial", "")),
            key_id=unquote_to_bytes(named["id"]) if "id" in named else None,
        )

    def __str__(self) -> str:
        return f"key {self.label!r} of token {self.token!r}"


def _attributes(text: str, separator: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for part in filter(None, text.split(separator)):
        name, equals, value = part.partition("=")
        if not equals or name in found:
            raise KeyringError("the address of a token is a list of name=value, each name once")
        found[name] = value
    return found
