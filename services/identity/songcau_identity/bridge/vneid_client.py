"""Speaks VNeID's wire form: no id_token, no nonce, answers in RSA-wrapped AES-ECB envelopes, codes maybe so, too."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

import urllib3
from songcau_kit.legacy_envelope import Envelope, EnvelopeError, EnvelopeOpener
from songcau_kit.logs import get_logger
from songcau_kit.personal import Personal

from songcau_identity.bridge.errors import Cause, UpstreamError
from songcau_identity.bridge.model import VneidIdentity
from songcau_identity.issuing_states import find_state
from songcau_identity.model import AccountKind, IdentityLevel, PaperKind
from songcau_identity.paper_numbers import StatedPaper

LARGEST_ANSWER = 64 * 1024
ACCOUNT_KINDS = {"1": AccountKind.CITIZEN, "2": AccountKind.ORGANISATION}
# Names seen at the national portal's sign-in; VNeID's own answer has them for some people only, or not at all.
NATIONALITY_CLAIM = "QuocTich"
PAPER_CLAIMS = {"SoCMND": PaperKind.CMND_9, "MaBHXH": PaperKind.SO_BHXH}
LEVELS = {"1": IdentityLevel.LEVEL_1, "2": IdentityLevel.LEVEL_2}
# Seen with and without separators; an unknown day or month is written as zeros.
BIRTH_DATE_FORM = re.compile(r"([0-9]{4})[-/]?(?:([0-9]{2})[-/]?(?:([0-9]{2}))?)?")

_log = get_logger(__name__)


@dataclass(frozen=True)
class VneidEndpoints:
    """Where VNeID listens and how it knows the platform; the timeout is in seconds."""

    authorize_url: str
    token_url: str
    userinfo_url: str
    client_id: str
    client_secret: str = field(repr=False)
    redirect_uri: str
    timeout: float = 5.0


class VneidClient:
    """The platform's side of VNeID's authorization-code flow."""

    def __init__(self, endpoints: VneidEndpoints, opener: EnvelopeOpener) -> None:
        self._endpoints = endpoints
        self._opener = opener
        # A code is good once, so nothing is sent twice; a redirect would carry the secret elsewhere.
        self._http = urllib3.PoolManager(retries=False, timeout=urllib3.Timeout(endpoints.timeout))

    def authorize_address(self, state: str) -> str:
        """Return where the person signs in."""
        query = {
            "response_type": "code",
            "client_id": self._endpoints.client_id,
            "redirect_uri": self._endpoints.redirect_uri,
            "scope": "openid",
            "state": state,
        }
        return f"{self._endpoints.authorize_url}?{urlencode(query)}"

    def identify(self, code: str, encrypt_key: str) -> VneidIdentity:
        """Return who signed in; raises UpstreamError. A non-empty `encrypt_key` means that the code is encrypted."""
        plain = self._open(Envelope(code, encrypt_key)).decode("ascii", "replace") if encrypt_key else code
        form = {
            "grant_type": "authorization_code",
            "code": plain,
            "redirect_uri": self._endpoints.redirect_uri,
            "client_id": self._endpoints.client_id,
            "client_secret": self._endpoints.client_secret,
        }
        headers = {"content-type": "application/x-www-form-urlencoded"}
        tokens = self._ask("POST", self._endpoints.token_url, body=urlencode(form), headers=headers)
        access_token = tokens.get("access_token")
        if not isinstance(access_token, str) or not access_token:
            raise UpstreamError(Cause.VNEID_ANSWER_INVALID)
        headers = {"authorization": f"Bearer {access_token}"}
        return read_identity(self._ask("GET", self._endpoints.userinfo_url, headers=headers))

    def close(self) -> None:
        """Close the connections to VNeID."""
        self._http.clear()

    def _ask(self, method: str, url: str, *, headers: Mapping[str, str], body: str | None = None) -> Mapping[str, Any]:
        try:
            answer = self._http.request(
                method, url, body=body, headers=dict(headers), redirect=False, preload_content=False
            )
            content = answer.read(LARGEST_ANSWER + 1)
            answer.release_conn()
        except urllib3.exceptions.HTTPError as error:
            _log.warning("vneid_unreachable", error=type(error).__name__)
            raise UpstreamError(Cause.VNEID_UNAVAILABLE) from None
        if answer.status >= 500:
            raise UpstreamError(Cause.VNEID_UNAVAILABLE)
        if len(content) > LARGEST_ANSWER:
            raise UpstreamError(Cause.VNEID_ANSWER_INVALID)
        body_read = _read_json(content)
        if answer.status != 200:
            raise UpstreamError(_refusal(body_read))
        return _read_json(self._open(Envelope(str(body_read.get("data", "")), str(body_read.get("key", "")))))

    def _open(self, envelope: Envelope) -> bytes:
        try:
            return self._opener.open(envelope)
        except EnvelopeError:
            raise UpstreamError(Cause.VNEID_ANSWER_INVALID) from None


def read_identity(claims: Mapping[str, Any]) -> VneidIdentity:
    """Return the identity in VNeID's claims; raises UpstreamError for a kind or level nobody knows."""
    kind = ACCOUNT_KINDS.get(str(claims.get("accountType")))
    level = LEVELS.get(str(claims.get("accountLevel")))
    if kind is None or level is None:
        raise UpstreamError(Cause.VNEID_ANSWER_INVALID)
    return VneidIdentity(
        account_kind=kind,
        identity_level=level,
        number=Personal(str(claims.get("citizenPid", ""))),
        full_name=Personal(str(claims.get("fullName", ""))),
        birth_date=Personal(read_birth_date(str(claims.get("birthDate") or ""))),
        nationality=find_state(str(claims.get(NATIONALITY_CLAIM) or "")) or "",
        papers=tuple(
            StatedPaper(paper, Personal(str(claims[claim])), "")
            for claim, paper in PAPER_CLAIMS.items()
            if claims.get(claim)
        ),
    )


def read_birth_date(text: str) -> str:
    """Return a birth date as ISO 8601 as far as it is known; what has another form stays for the rules to refuse."""
    match = BIRTH_DATE_FORM.fullmatch(text)
    if match is None:
        return text
    parts = [match[1], *(part for part in match.groups()[1:] if part)]
    known = parts[: parts.index("00")] if "00" in parts else parts
    return "-".join(known)


def refusal_cause(error: str, description: str) -> Cause:
    """Return why VNeID sent the person back without a code."""
    if "LOCKED" in f"{error} {description}".upper():
        return Cause.ACCOUNT_LOCKED
    if error == "access_denied":
        return Cause.CANCELLED
    return (
        Cause.VNEID_UNAVAILABLE if error in ("temporarily_unavailable", "server_error") else Cause.VNEID_ANSWER_INVALID
    )


def _refusal(body: Mapping[str, Any]) -> Cause:
    error, description = str(body.get("error", "")), str(body.get("error_description", ""))
    return Cause.CODE_EXPIRED if error == "invalid_grant" else refusal_cause(error, description)


def _read_json(content: bytes) -> Mapping[str, Any]:
    try:
        body = json.loads(content)
    except ValueError:
        raise UpstreamError(Cause.VNEID_ANSWER_INVALID) from None
    if not isinstance(body, dict):
        raise UpstreamError(Cause.VNEID_ANSWER_INVALID)
    return body
