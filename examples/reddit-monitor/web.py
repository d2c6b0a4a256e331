"""The HTTP door on 127.0.0.1: /health, /metrics and /digest/latest; it only reads, and answers what it has accepted."""

from __future__ import annotations

import json
import socketserver
import sys
import threading
from collections.abc import Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

from digest import DigestStore
from health import Progress
from jsonlog import log

PATHS = ["/health", "/metrics", "/digest/latest"]
JSON = "application/json; charset=utf-8"
MARKDOWN = "text/markdown; charset=utf-8"
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"
IDLE_CONNECTION_SECONDS = 5


class MonitorServer(ThreadingHTTPServer):
    # The stop waits for the count below, and only so long, so threads may be left behind.
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, progress: Progress, digests: DigestStore) -> None:
        self.progress = progress
        self.digests = digests
        self._changed = threading.Condition()
        self._in_flight = 0
        super().__init__(("127.0.0.1", port), MonitorHandler)

    def server_bind(self) -> None:
        """Bind without HTTPServer's name lookup, which may take seconds on a host without working DNS."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def serve_in_background(self) -> None:
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def drain_and_close(self, timeout_seconds: float) -> None:
        """Accept nothing more and wait until what was accepted is answered."""
        self.shutdown()
        self.server_close()
        with self._changed:
            self._changed.wait_for(lambda: self._in_flight == 0, timeout_seconds)

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._changed:
            self._in_flight += 1
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            with self._changed:
                self._in_flight -= 1
                self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        log("warn", "connection failed", error=str(sys.exc_info()[1]))


class MonitorHandler(BaseHTTPRequestHandler):
    server: MonitorServer
    timeout = IDLE_CONNECTION_SECONDS

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/health":
            self._answer_health()
        elif path == "/metrics":
            self._send(HTTPStatus.OK, PROMETHEUS, self.server.progress.metrics())
        elif path == "/digest/latest":
            self._answer_latest_digest()
        elif path == "/":
            self._send_json(HTTPStatus.OK, {"service": "reddit-monitor", "paths": PATHS})
        else:
            self._send_json(HTTPStatus.NOT_FOUND, {"error": f"nothing at {path}"})

    do_HEAD = do_GET

    def _answer_health(self) -> None:
        health = self.server.progress.health()
        status = HTTPStatus.OK if health.ok else HTTPStatus.SERVICE_UNAVAILABLE
        body = {
            "status": "ok" if health.ok else "unhealthy",
            "reason": health.reason,
            "phase": health.phase,
            "feedPass": health.pass_number,
            "position": health.position,
            "posts": health.feed_posts,
        }
        self._send_json(status, body)

    def _answer_latest_digest(self) -> None:
        path = self.server.digests.latest()
        try:
            text = path.read_text(encoding="utf-8") if path else None
        except FileNotFoundError:
            text = None
        if text is None:
            self._send_json(HTTPStatus.NOT_FOUND, {"error": "no digest has been written yet"})
        else:
            self._send(HTTPStatus.OK, MARKDOWN, text)

    def _send_json(self, status: HTTPStatus, body: Mapping[str, object]) -> None:
        self._send(status, JSON, json.dumps(body) + "\n")

    def _send(self, status: HTTPStatus, content_type: str, text: str) -> None:
        payload = text.encode("utf-8")
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)

    def log_message(self, format: str, *args: object) -> None:
        """Silence the default access log: probes and scrapes would drown the posts."""
