"""Light traffic on the gateway's Service until it is told to end; ends with 1 where one request failed."""

import json
import signal
import sys
import threading
import time
from collections import Counter

import httpx

# What anybody may ask, through the gateway to three services; a summary that is not there is an answer, too.
EXPECTED = {
    "/v1/procedures?limit=5": "200",
    "/v1/agencies?limit=5": "200",
    "/v1/summaries/TH-0000-0000-0000": "404",
    "/v1/audit/checkpoint": "200",
}
PAUSE_SECONDS = 0.1


def main(arguments: list[str]) -> int:
    """Send requests, half on a kept connection, half each on its own; print the counts."""
    seconds = float(arguments[0]) if arguments else 900.0
    ended = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    until, number, failed = time.monotonic() + seconds, 0, 0
    counts: Counter[str] = Counter()
    slowest = 0.0
    with httpx.Client(base_url="http://gateway:8080", timeout=15) as kept:
        while time.monotonic() < until and not ended.is_set():
            path = tuple(EXPECTED)[number % len(EXPECTED)]
            began = time.monotonic()
            outcome = ask(kept, path) if number // len(EXPECTED) % 2 else ask_once(path)
            slowest = max(slowest, time.monotonic() - began)
            if outcome != EXPECTED[path]:
                failed += 1
                sys.stdout.write(f"{time.strftime('%H:%M:%S')} {path} {outcome}\n")
            counts[outcome] += 1
            number += 1
            time.sleep(PAUSE_SECONDS)
    sys.stdout.write(
        json.dumps({"requests": number, "failed": failed, "outcomes": counts, "slowest_seconds": round(slowest, 2)})
        + "\n"
    )
    return 1 if failed else 0


def ask(client: httpx.Client, path: str) -> str:
    """Return the status of one request, or what broke."""
    try:
        answer = client.get(path)
    except httpx.HTTPError as error:
        return type(error).__name__
    return str(answer.status_code)


def ask_once(path: str) -> str:
    """Send one request on a connection of its own."""
    with httpx.Client(base_url="http://gateway:8080", timeout=15) as client:
        return ask(client, path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
