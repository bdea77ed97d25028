"""`serve` runs the gateway, `openapi` prints the API document, two tasks look after accounts.

`disable-idle-accounts` runs every day, `close-erased-accounts` every few minutes.
"""

import asyncio
import sys
from collections.abc import Sequence
from datetime import timedelta

from keycloak.exceptions import KeycloakError
from songcau_kit.clock import SystemClock
from songcau_kit.erasure_ledger import ErasureLedger, ErasureLedgerError
from songcau_kit.errors import DomainError
from songcau_kit.logs import configure_logs
from songcau_kit.objects import ObjectStore
from songcau_kit.settings import load_settings

from songcau_gateway.account_issuer import open_administration
from songcau_gateway.accounts import Accounts
from songcau_gateway.app import create_app
from songcau_gateway.erased_accounts import close_erased
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
    if list(arguments) == ["close-erased-accounts"]:
        return close_erased_accounts(load_settings(Settings))
    sys.stderr.write("usage: python -m songcau_gateway serve|openapi|disable-idle-accounts|close-erased-accounts\n")
    return 2


def close_idle_accounts(settings: Settings) -> int:
    """Close the accounts nobody used and say how many; return the exit code."""
    clock = SystemClock()
    if not _may_act(settings):
        return 2
    try:
        admin = open_administration(settings, clock)
        closed = disable_idle(admin, now=clock.now(), idle=timedelta(days=settings.idle_days))
    except (KeycloakError, OSError) as error:
        sys.stderr.write(f"idle accounts were not closed: {type(error).__name__}\n")
        return 1
    sys.stdout.write(f"{len(closed)} idle accounts disabled\n")
    return 0


def close_erased_accounts(settings: Settings) -> int:
    """Close the accounts of people who were erased and say how many; return the exit code, 1 where some are left."""
    clock = SystemClock()
    if not _may_act(settings):
        return 2
    try:
        ledger = ErasureLedger(ObjectStore(settings.erasure_ledger_url), settings.erasure_ledger_public_key)
        sweep = asyncio.run(close_erased(Accounts(open_administration(settings, clock), clock), ledger))
    except (KeycloakError, DomainError, OSError) as error:
        cause = str(error) if isinstance(error, ErasureLedgerError) else type(error).__name__
        sys.stderr.write(f"accounts of erased people were not closed: {cause}\n")
        return 1
    sys.stdout.write(f"{sweep.closed} accounts of erased people closed, {sweep.failed} left for the next run\n")
    return 1 if sweep.failed else 0


def _may_act(settings: Settings) -> bool:
    configure_logs("gateway", settings.log_format, settings.log_level)
    if not settings.account_client_key:
        sys.stderr.write("GATEWAY_ACCOUNT_CLIENT_KEY names no key: nothing can be asked of the token issuer\n")
    return bool(settings.account_client_key)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
