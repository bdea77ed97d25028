"""The few calls of S3 that the platform makes, over a folder: for a development cluster without a store of its own."""

import hashlib
from email.utils import formatdate
from pathlib import Path

from flask import Flask, Response, request
from songcau_kit.http_serving import serve_wsgi
from songcau_kit.logs import configure_logs
from songcau_kit.process import run

FOLDER = Path("/var/lib/songcau/objects")
MISSING = "<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>no such object</Message></Error>"


def create_app(folder: Path) -> Flask:
    """Build the store; signatures of requests are not looked at."""
    app = Flask(__name__)

    @app.get("/readyz")
    def ready() -> Response:
        return Response(status=200)

    @app.put("/<bucket>/<path:key>")
    def put(bucket: str, key: str) -> Response:
        place = _place(folder, bucket, key)
        place.parent.mkdir(parents=True, exist_ok=True)
        staging = place.with_name(f"{place.name}.new")
        staging.write_bytes(request.get_data())
        staging.replace(place)
        return Response(status=200, headers={"ETag": _tag(place.read_bytes())})

    @app.get("/<bucket>/<path:key>")
    def get(bucket: str, key: str) -> Response:
        place = _place(folder, bucket, key)
        if not place.is_file():
            return Response(MISSING, status=404, content_type="application/xml")
        content = place.read_bytes()
        modified = formatdate(place.stat().st_mtime, usegmt=True)
        return Response(content, headers={"ETag": _tag(content), "Last-Modified": modified})

    @app.delete("/<bucket>/<path:key>")
    def delete(bucket: str, key: str) -> Response:
        _place(folder, bucket, key).unlink(missing_ok=True)
        return Response(status=204)

    return app


def _place(folder: Path, bucket: str, key: str) -> Path:
    # A key is any text; as a digest it is a file name that leads nowhere else.
    return folder / hashlib.sha256(bucket.encode()).hexdigest() / hashlib.sha256(key.encode()).hexdigest()


def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()}"'


if __name__ == "__main__":
    configure_logs("object-store", "json", "INFO")
    run([serve_wsgi(create_app(FOLDER), "0.0.0.0:9000", threads=8)])
