"""Passkeys in a browser and in the hands of an attacker: the browser's virtual authenticator, answers made by hand.

Shapes and flags as in Web Authentication Level 3, sections 5.8.1 (client data), 6.1 (authenticator data) and 11
(virtual authenticators).
"""

import base64
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from playwright.sync_api import Page

USER_PRESENT, USER_VERIFIED = 0x01, 0x04


@dataclass(frozen=True)
class Passkey:
    """A key pair of one account at one relying party; who holds the private key can answer as its authenticator."""

    credential_id: str
    private_key: str = field(repr=False)
    user_handle: str
    relying_party: str
    count: int

    @classmethod
    def of(cls, told: dict[str, Any]) -> "Passkey":
        """Read what the browser tells about a credential of its authenticator."""
        names = ("credentialId", "privateKey", "userHandle", "rpId", "signCount")
        return cls(*(told[name] for name in names))

    def sign(self, message: bytes) -> bytes:
        key = serialization.load_der_private_key(base64.b64decode(self.private_key), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        return key.sign(message, ec.ECDSA(hashes.SHA256()))


class Authenticator:
    """An authenticator inside a page's browser; `verifies_user` says whether it knows its owner's face or PIN."""

    def __init__(self, page: Page, *, verifies_user: bool = True) -> None:
        self._session = page.context.new_cdp_session(page)
        self._session.send("WebAuthn.enable")
        options = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": verifies_user,
        }
        added = self._session.send("WebAuthn.addVirtualAuthenticator", {"options": options})
        self._which = {"authenticatorId": added["authenticatorId"]}

    def passkeys(self) -> list[Passkey]:
        """Return the passkeys it holds."""
        found = self._session.send("WebAuthn.getCredentials", self._which)
        return [Passkey.of(told) for told in found["credentials"]]

    def give(self, passkey: Passkey) -> None:
        """Put a passkey of another browser into this one."""
        credential = {
            "credentialId": passkey.credential_id,
            "privateKey": passkey.private_key,
            "userHandle": passkey.user_handle,
            "rpId": passkey.relying_party,
            "signCount": passkey.count,
            "isResidentCredential": False,
        }
        self._session.send("WebAuthn.addCredential", {**self._which, "credential": credential})


@dataclass(frozen=True)
class Answer:
    """What an authenticator and its browser say to a challenge; each part can be a lie."""

    challenge: str
    origin: str
    relying_party: str
    count: int
    flags: int = USER_PRESENT | USER_VERIFIED
    kind: str = "webauthn.get"

    def form(self, passkey: Passkey, *, named: Passkey | None = None) -> dict[str, str]:
        """Return the fields of the login page, signed by a passkey; `named` is the one it is said to be."""
        client_data = {"type": self.kind, "challenge": self.challenge, "origin": self.origin, "crossOrigin": False}
        client_json = json.dumps(client_data).encode()
        party = hashlib.sha256(self.relying_party.encode()).digest()
        data = party + bytes([self.flags]) + self.count.to_bytes(4, "big")
        said = named or passkey
        return {
            "clientDataJSON": in_url(client_json),
            "authenticatorData": in_url(data),
            "signature": in_url(passkey.sign(data + hashlib.sha256(client_json).digest())),
            "credentialId": in_url(base64.b64decode(said.credential_id)),
            "userHandle": in_url(base64.b64decode(said.user_handle)),
        }


def in_url(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).decode().rstrip("=")
