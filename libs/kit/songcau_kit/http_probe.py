"""Asks a process of ours over HTTP whether it is well: the health check of images, which hold no other HTTP client.

`python -m songcau_kit.http_probe http://127.0.0.1:9111/readyz` ends with 0 where the answer is 200, else with 1.
"""

import http.client
import sys
from collections.abc import Sequence
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 3.0


def probe(url: str, *, timeout: float = TIMEOUT_SECONDS) -> str:
    """Return an empty text where the answer is 200, else what is wrong."""
    parts = urlsplit(url)
    if parts.scheme != "http" or not parts.hostname:
        return f"not an address that starts with http://: {url}"
    connection = http.client.HTTPConnection(parts.hostname, parts.port or 80, timeout=timeout)
    try:
        connection.request("GET", parts.path or "/")
        answer = connection.getresponse()
        return (
            ""
            if answer.status == http.HTTPStatus.OK
            else f"{answer.status} {answer.read(300).decode(errors='replace')}"
        )
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()


def main(arguments: Sequence[str]) -> int:
    """Probe the one address given; return the exit code."""
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m songcau_kit.http_probe http://host:port/path\n")
        return 2
    fault = probe(arguments[0])
    if fault:
        sys.stderr.write(fault + "\n")
    return 1 if fault else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
