"""The few calls of S3 that the platform makes, over a folder: for a development cluster without a store of its own."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import formatdate
from pathlib import Path
from uuid import uuid4
from xml.sax.saxutils import escape

from flask import Flask, Response, request
from songcau_kit.http_serving import serve_wsgi
from songcau_kit.logs import configure_logs
from songcau_kit.process import run

FOLDER = Path("/var/lib/songcau/objects")
KEY = ".key"
TAKEN = "<?xml version='1.0'?><Error><Code>PreconditionFailed</Code><Message>an object stands there</Message></Error>"
MISSING = "<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>no such object</Message></Error>"


def create_app(folder: Path) -> Flask:
    """Build the store; signatures of requests are not looked at."""
    app = Flask(__name__)

    @app.get("/readyz")
    def ready() -> Response:
        return Response(status=200)

    @app.put("/<bucket>/<path:key>")
    def put(bucket: str, key: str) -> Response:
        return _store(_place(folder, bucket, key), key, only_new=request.headers.get("If-None-Match") == "*")

    @app.get("/<bucket>")
    def list_objects(bucket: str) -> Response:
        """Return everything at once: a page may be as long as the store likes."""
        prefix, after = request.args.get("prefix", ""), request.args.get("start-after", "")
        names = {file.read_text(): file.with_suffix("") for file in _folder(folder, bucket).glob(f"*{KEY}")}
        found = {key: file for key, file in sorted(names.items()) if key.startswith(prefix) and key > after}
        return Response(_listing(found), content_type="application/xml")

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


def _store(place: Path, key: str, *, only_new: bool) -> Response:
    place.parent.mkdir(parents=True, exist_ok=True)
    content = request.get_data()
    staging = place.with_name(f"{uuid4()}.new")
    staging.write_bytes(content)
    place.with_suffix(KEY).write_text(key)
    if only_new:
        try:
            place.hardlink_to(staging)
        except FileExistsError:
            return Response(TAKEN, status=412, content_type="application/xml")
        finally:
            staging.unlink()
    else:
        staging.replace(place)
    return Response(status=200, headers={"ETag": _tag(content)})


def _listing(found: Mapping[str, Path]) -> str:
    entries = [
        f"<Contents><Key>{escape(key)}</Key><Size>{file.stat().st_size}</Size>"
        f"<LastModified>{datetime.fromtimestamp(file.stat().st_mtime, UTC).isoformat()}</LastModified></Contents>"
        for key, file in found.items()
        if file.is_file()
    ]
    return (
        f"<?xml version='1.0'?><ListBucketResult><IsTruncated>false</IsTruncated>{''.join(entries)}</ListBucketResult>"
    )


def _folder(folder: Path, bucket: str) -> Path:
    return folder / hashlib.sha256(bucket.encode()).hexdigest()


def _place(folder: Path, bucket: str, key: str) -> Path:
    # A key is any text; as a digest it is a file name that leads nowhere else.
    return _folder(folder, bucket) / hashlib.sha256(key.encode()).hexdigest()


def _tag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()}"'


if __name__ == "__main__":
    configure_logs("object-store", "json", "INFO")
    run([serve_wsgi(create_app(FOLDER), "0.0.0.0:9000", threads=8)])
