"""A sink for SMS and e-mail: it takes every message and shows what it took."""

import threading

from flask import Flask, jsonify, request
from werkzeug.wrappers import Response as AnyResponse

KEPT = 10_000


def create_app() -> Flask:
    """Build the sink."""
    app = Flask(__name__)
    taken: list[dict[str, object]] = []
    lock = threading.Lock()
    app.add_url_rule("/readyz", "readyz", lambda: jsonify(status="ok"))

    @app.post("/messages")
    def take() -> AnyResponse:
        with lock:
            taken.append(request.get_json())
            del taken[:-KEPT]
        return jsonify(status="taken")

    @app.get("/control/messages")
    def list_taken() -> AnyResponse:
        return jsonify(taken)

    return app
