"""A greeting over HTTP that answers every request it has accepted, even while it is being stopped."""

from __future__ import annotations

import json
import os
import queue
import signal
import socketserver
import sys
import threading
import time
from datetime import datetime, timezone
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, NoReturn, Optional
from urllib.parse import parse_qs, urlsplit

DRAIN_SECONDS = 0.9
MAX_DELAY_MS = 10_000
IDLE_CONNECTION_SECONDS = 5


def log(level: str, msg: str, **fields: object) -> None:
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    # One write per line: lines of two threads never mix.
    sys.stdout.write(json.dumps({"time": now, "level": level, "msg": msg, **fields}) + "\n")
    sys.stdout.flush()


class InFlight:
    """Counts accepted connections (one request each) and lets the stop wait until all are answered."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._count = 0

    def begin(self) -> None:
        with self._changed:
            self._count += 1

    def end(self) -> None:
        with self._changed:
            self._count -= 1
            self._changed.notify_all()

    def count(self) -> int:
        with self._changed:
            return self._count

    def wait_until_none(self, timeout_seconds: float) -> bool:
        with self._changed:
            return self._changed.wait_for(lambda: self._count == 0, timeout_seconds)


class HelloServer(ThreadingHTTPServer):
    # The stop waits for the count below and no longer than the drain deadline, so threads may be left behind.
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int) -> None:
        self.in_flight = InFlight()
        super().__init__(("127.0.0.1", port), HelloHandler)

    def server_bind(self) -> None:
        """Bind without HTTPServer's name lookup, which may take seconds on a host without working DNS."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = "127.0.0.1", self.server_address[1]

    def process_request(self, request: Any, client_address: Any) -> None:
        self.in_flight.begin()
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        try:
            super().process_request_thread(request, client_address)
        finally:
            self.in_flight.end()

    def handle_error(self, request: Any, client_address: Any) -> None:
        log("warn", "connection failed", error=str(sys.exc_info()[1]))


class HelloHandler(BaseHTTPRequestHandler):
    server: HelloServer
    timeout = IDLE_CONNECTION_SECONDS

    def do_GET(self) -> None:
        started_at = time.monotonic()
        status = self._answer()
        if not (self.path == "/health" and status == HTTPStatus.OK):
            duration_ms = round((time.monotonic() - started_at) * 1000)
            log("info", "request", method=self.command, path=self.path, status=int(status), durationMs=duration_ms)

    do_HEAD = do_GET

    def _answer(self) -> HTTPStatus:
        url = urlsplit(self.path)
        if url.path == "/":
            time.sleep(delay_seconds(url.query))
            message = os.environ.get("GREETING") or "Hello from Python"
            return self._send(HTTPStatus.OK, {"message": message, "pid": os.getpid()})
        if url.path == "/health":
            return self._send(HTTPStatus.OK, {"status": "ok"})
        return self._send(HTTPStatus.NOT_FOUND, {"error": f"nothing at {url.path}"})

    def _send(self, status: HTTPStatus, body: dict[str, object]) -> HTTPStatus:
        payload = (json.dumps(body) + "\n").encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)
        return status

    def log_message(self, format: str, *args: object) -> None:
        """Silence the default access log: requests are logged as JSON."""


def delay_seconds(query: str) -> float:
    """`/?delayMs=500` answers late, so that draining can be watched."""
    text = parse_qs(query).get("delayMs", ["0"])[0]
    return min(int(text), MAX_DELAY_MS) / 1000 if text.isascii() and text.isdigit() else 0.0


def read_port(text: Optional[str]) -> int:
    """orc injects PORT; by hand it may be left out, then any free port is taken and logged."""
    text = text or "0"
    if not (text.isascii() and text.isdigit()) or int(text) > 65535:
        refuse_to_start(f'PORT must be a number from 0 to 65535, not "{text}"')
    return int(text)


def refuse_to_start(reason: str) -> NoReturn:
    print(f"hello-python: {reason}", file=sys.stderr)
    sys.exit(2)


def main() -> None:
    # A SimpleQueue may be filled from a signal handler; an Event may not (its lock is not reentrant).
    stop_signals: queue.SimpleQueue[str] = queue.SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: stop_signals.put(signal.Signals(received).name))

    try:
        server = HelloServer(read_port(os.environ.get("PORT")))
    except OSError as error:
        refuse_to_start(f"cannot listen: {error}")
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    log("info", "listening", url=f"http://127.0.0.1:{server.server_port}", pid=os.getpid())

    log("info", "stopping", signal=stop_signals.get(), inFlight=server.in_flight.count())
    server.shutdown()
    server.server_close()
    if not server.in_flight.wait_until_none(DRAIN_SECONDS):
        left = server.in_flight.count()
        log("warn", "drain deadline reached, closing what is left", inFlight=left, drainSeconds=DRAIN_SECONDS)
    log("info", "stopped")


if __name__ == "__main__":
    main()
