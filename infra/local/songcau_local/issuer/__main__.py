"""Runs the development issuer until it is told to stop."""

from __future__ import annotations

import os
import sys

from pydantic import ValidationError
from songcau_kit.clock import SystemClock
from songcau_kit.http_serving import serve_wsgi
from songcau_kit.logs import configure_logs
from songcau_kit.process import run

from .app import create_app
from .realm import RealmError
from .settings import IssuerSettings


def main() -> int:
    """Serve; says in one sentence why it cannot."""
    configure_logs("issuer", "console", "INFO")
    try:
        settings = IssuerSettings()  # type: ignore[call-arg]  # values come from the environment
        app = create_app(settings, SystemClock(), dict(os.environ))
    except ValidationError as error:
        fields = ", ".join(f"ISSUER_{str(item['loc'][0]).upper()} ({item['msg']})" for item in error.errors())
        print(f"the development issuer does not start: {fields}", file=sys.stderr)
        return 2
    except RealmError as error:
        print(f"the development issuer does not start: {error}", file=sys.stderr)
        return 2
    run([serve_wsgi(app, settings.address, threads=8)])
    return 0


if __name__ == "__main__":
    sys.exit(main())
