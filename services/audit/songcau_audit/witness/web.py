"""The HTTP door of the witness: `POST /add-checkpoint` as C2SP tlog-witness says."""

from flask import Flask, Response, request
from songcau_kit.metrics import counter

from songcau_audit.witness.witnessing import Verdict, Witnessing

LARGEST_REQUEST = 64 * 1024
SIZE_TYPE = "text/x.tlog.size"


def create_app(witnessing: Witnessing) -> Flask:
    """Return the WSGI application."""
    app = Flask(__name__, static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
    decided = counter("audit", "witness_requests", "Checkpoints a witness was asked to sign.", labels=("verdict",))

    @app.post("/add-checkpoint")
    def add_checkpoint() -> Response:
        decision = witnessing.decide(request.get_data())
        decided.labels(decision.verdict.name).inc()
        kind = SIZE_TYPE if decision.verdict is Verdict.OTHER_STATE else "text/plain; charset=utf-8"
        return Response(decision.body, status=decision.verdict.value, content_type=kind)

    return app
