"""A hospital's own system as the token issuer sees it: it publishes the key it signs with."""

from pathlib import Path

from flask import Flask, jsonify
from joserfc.jwk import KeySet, RSAKey


def create_app(key_file: Path) -> Flask:
    """Build the system around its private key; only the public half leaves it."""
    key = RSAKey.import_key(key_file.read_bytes(), {"use": "sig", "alg": "RS256"})
    key.ensure_kid()
    published = KeySet([key]).as_dict(private=False)
    app = Flask(__name__)
    app.add_url_rule("/jwks", "jwks", lambda: jsonify(published))
    app.add_url_rule("/readyz", "readyz", lambda: jsonify(status="ok"))
    return app
