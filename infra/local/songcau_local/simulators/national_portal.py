"""The national portal, as far as the platform speaks to it: it takes the status of dossiers and can be made to fail."""

import threading

from flask import Flask, Response, jsonify, request
from werkzeug.wrappers import Response as AnyResponse

KEPT = 10_000


def create_app() -> Flask:
    """Build the portal's receiving end."""
    app = Flask(__name__)
    received: list[dict[str, object]] = []
    behaviour = {"status": 200}
    lock = threading.Lock()
    app.add_url_rule("/readyz", "readyz", lambda: jsonify(status="ok"))

    @app.post("/dossiers/status")
    def take_status() -> AnyResponse:
        if behaviour["status"] != 200:
            return Response(status=behaviour["status"])
        with lock:
            received.append(request.get_json())
            del received[:-KEPT]
        return jsonify(error_code="0")

    @app.get("/control/received")
    def list_received() -> AnyResponse:
        return jsonify(received)

    @app.put("/control/behaviour")
    def change_behaviour() -> AnyResponse:
        behaviour["status"] = int(request.get_json()["status"])
        return jsonify(behaviour)

    return app
