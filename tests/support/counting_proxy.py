"""An HTTP proxy on loopback that stands in front of one server and counts what passes."""

import http.server
import threading
import urllib.request
from collections import Counter

from songcau_local.ports import free_port


class CountingProxy:
    """Forwards GET and POST to `target`; `calls` counts by path."""

    def __init__(self, target: str) -> None:
        self.calls: Counter[str] = Counter()
        self.port = free_port()
        calls = self.calls

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                calls[self.path.partition("?")[0]] += 1
                body = self.rfile.read(int(self.headers.get("content-length", 0))) or None
                request = urllib.request.Request(target + self.path, data=body, method=self.command)
                with urllib.request.urlopen(request, timeout=20) as answer:
                    content = answer.read()
                self.send_response(answer.status)
                self.send_header("content-type", answer.headers.get("content-type", "text/plain"))
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            do_POST = do_GET  # noqa: N815 -- the name the server looks for

            def log_message(self, *words: object) -> None:
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def total(self) -> int:
        return sum(self.calls.values())

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
