"""What ends a sign-in early.

BridgeError
├── PageError          nobody may be redirected: the person sees a page in Vietnamese
├── SignInRefusedError the broker is told by a redirect (RFC 6749 4.1.2.1), the cause as a stable word
├── TokenError         the token endpoint's answer (RFC 6749 5.2)
└── UpstreamError      VNeID, the token issuer or CitizenService did not do its part; becomes a refusal
"""

from enum import StrEnum


class Page(StrEnum):
    """The pages a person may end on."""

    WRONG_CLIENT = "WRONG_CLIENT"
    WRONG_STATE = "WRONG_STATE"


class Cause(StrEnum):
    """Why a sign-in ended; the broker sees it as `error_description`, never with personal values."""

    CANCELLED = "CANCELLED"
    ACCOUNT_LOCKED = "ACCOUNT_LOCKED"
    CODE_EXPIRED = "CODE_EXPIRED"
    FACTS_REFUSED = "FACTS_REFUSED"
    CITIZEN_BLOCKED = "CITIZEN_BLOCKED"
    IDENTIFIER_CANCELLED = "IDENTIFIER_CANCELLED"
    VNEID_ANSWER_INVALID = "VNEID_ANSWER_INVALID"
    VNEID_UNAVAILABLE = "VNEID_UNAVAILABLE"
    IDENTITY_UNAVAILABLE = "IDENTITY_UNAVAILABLE"
    REQUEST_INVALID = "REQUEST_INVALID"
    LOGIN_REQUIRED = "LOGIN_REQUIRED"

    @property
    def oauth_error(self) -> str:
        """The registered error code that stands beside the cause."""
        if self in (Cause.REQUEST_INVALID, Cause.LOGIN_REQUIRED):
            return "invalid_request" if self is Cause.REQUEST_INVALID else "login_required"
        if self in (Cause.VNEID_UNAVAILABLE, Cause.IDENTITY_UNAVAILABLE):
            return "temporarily_unavailable"
        return "server_error" if self is Cause.VNEID_ANSWER_INVALID else "access_denied"


class BridgeError(Exception):
    """A sign-in cannot go on."""


class PageError(BridgeError):
    """Something is wrong with the request itself, so that no redirect can be trusted."""

    def __init__(self, page: Page) -> None:
        super().__init__(page.value)
        self.page = page


class UpstreamError(BridgeError):
    """A system behind the bridge refused or failed."""

    def __init__(self, cause: Cause) -> None:
        super().__init__(cause.value)
        self.cause = cause


class SignInRefusedError(BridgeError):
    """The broker asked rightly and is told that the sign-in failed."""

    def __init__(self, cause: Cause, *, redirect_uri: str, state: str, detail: str = "") -> None:
        super().__init__(cause.value)
        self.cause = cause
        self.redirect_uri = redirect_uri
        self.state = state
        self.detail = detail


class TokenError(BridgeError):
    """The token or userinfo endpoint says no."""

    def __init__(self, error: str, *, status: int = 400) -> None:
        super().__init__(error)
        self.error = error
        self.status = status
