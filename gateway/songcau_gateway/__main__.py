"""`serve` runs the gateway, `openapi` prints the API document."""

import sys
from collections.abc import Sequence

from songcau_kit.settings import load_settings

from songcau_gateway.app import create_app
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
    sys.stderr.write("usage: python -m songcau_gateway serve|openapi\n")
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
