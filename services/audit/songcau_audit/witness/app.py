"""Builds the witness from the settings; it has no database, and should run where the log does not."""

from collections.abc import Sequence

from songcau_kit.clock import SystemClock
from songcau_kit.http_ops import OpsServer
from songcau_kit.http_serving import serve_wsgi
from songcau_kit.process import Component
from songcau_kit.signed_notes import Use

from songcau_audit.app import read_signer
from songcau_audit.settings import Settings
from songcau_audit.witness.memory import WitnessMemory
from songcau_audit.witness.web import create_app
from songcau_audit.witness.witnessing import Witnessing


def build_witness(settings: Settings) -> Sequence[Component]:
    """Return the components of `witness`; raises KeyMissingError."""
    signer = read_signer(settings, "witness_key", settings.witness_name, Use.COSIGNATURE)
    memory = WitnessMemory(settings.witness_memory)
    witnessing = Witnessing(signer, settings.watched_logs, memory, SystemClock())
    ops = OpsServer(settings.witness_ops_address, {"memory": memory.check})
    return [ops, serve_wsgi(create_app(witnessing), settings.witness_address)]
