"""Runs the simulators of outside systems in one process until it is told to stop."""

import sys

from pydantic import ValidationError
from songcau_kit.clock import SystemClock
from songcau_kit.http_serving import serve_wsgi
from songcau_kit.logs import configure_logs
from songcau_kit.process import run

from songcau_local.simulators import hospital, messages, national_portal, payment, vneid
from songcau_local.simulators.settings import SimulatorSettings


def main() -> int:
    """Serve; says in one sentence why it cannot."""
    configure_logs("simulators", "console", "INFO")
    try:
        settings = SimulatorSettings()  # type: ignore[call-arg]  # values come from the environment
    except ValidationError as error:
        fields = ", ".join(f"SIMULATOR_{str(item['loc'][0]).upper()} ({item['msg']})" for item in error.errors())
        sys.stderr.write(f"the simulators do not start: {fields}\n")
        return 2
    clock = SystemClock()
    provider = payment.create_app(settings.payment_callback_url, settings.payment_secret.get_secret_value(), clock)
    systems = [(hospital.create_app(settings.hospital_key), settings.hospital_address)] if settings.hospital_key else []
    run(
        [
            *(serve_wsgi(app, address) for app, address in systems),
            serve_wsgi(vneid.create_app(settings, clock), settings.vneid_address),
            serve_wsgi(provider, settings.payment_address),
            serve_wsgi(national_portal.create_app(), settings.portal_address),
            serve_wsgi(messages.create_app(), settings.messages_address),
        ]
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
