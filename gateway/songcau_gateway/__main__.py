"""`serve` runs the gateway, `openapi` prints the API document, `disable-idle-accounts` is a task of every day."""

import sys
from collections.abc import Sequence
from datetime import timedelta

from keycloak.exceptions import KeycloakError
from songcau_kit.clock import SystemClock
from songcau_kit.logs import configure_logs
from songcau_kit.settings import load_settings

from songcau_gateway.account_issuer import open_administration
from songcau_gateway.app import create_app
from songcau_gateway.idle_accounts import disable_idle
from songcau_gateway.openapi import as_text, build_document
from songcau_gateway.serving import serve
from songcau_gateway.settings import Settings


def main(arguments: Sequence[str]) -> int:
    """Run the command named first; return the exit code."""
    if list(arguments) == ["serve"]:
        settings = load_settings(Settings)
        serve(create_app(settings), settings)
        return 0
    if list(arguments) == ["openapi"]:
        # The document does not depend on where it is printed.
        sys.stdout.write(as_text(build_document(create_app(Settings.model_construct()))))
        return 0
    if list(arguments) == ["disable-idle-accounts"]:
        return close_idle_accounts(load_settings(Settings))
    sys.stderr.write("usage: python -m songcau_gateway serve|openapi|disable-idle-accounts\n")
    return 2


def close_idle_accounts(settings: Settings) -> int:
    """Close the accounts nobody used and say how many; return the exit code."""
    clock = SystemClock()
    configure_logs("gateway", settings.log_format, settings.log_level)
    if not settings.account_client_key:
        sys.stderr.write("GATEWAY_ACCOUNT_CLIENT_KEY names no key: nothing can be asked of the token issuer\n")
        return 2
    try:
        admin = open_administration(settings, clock)
        closed = disable_idle(admin, now=clock.now(), idle=timedelta(days=settings.idle_days))
    except (KeycloakError, OSError) as error:
        sys.stderr.write(f"idle accounts were not closed: {type(error).__name__}\n")
        return 1
    sys.stdout.write(f"{len(closed)} idle accounts disabled\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
