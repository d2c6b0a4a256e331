"""reddit-monitor: watches a recorded feed, classifies its posts and files digests, and loses nothing when stopped."""

from __future__ import annotations

import os
import queue
import signal
import sys
import threading
import traceback

from digest import DigestStore
from feed import Feed, load_feed
from health import Progress
from jsonlog import log
from monitor import Monitor, starting_cursor
from settings import ConfigError, Settings, prepare_directory, read_settings
from state import Cursor, CursorStore
from web import MonitorServer

EXIT_OK = 0
EXIT_FAILED = 1
EXIT_BAD_CONFIGURATION = 2

# Together below the manifest's terminationGracePeriodSeconds: 10.
FLUSH_SECONDS = 7.0
DRAIN_SECONDS = 0.9
LOOP_FAILED = "the feed loop failed"


class FeedLoop(threading.Thread):
    """Runs the monitor beside the main thread, which stays free for signals."""

    def __init__(self, monitor: Monitor, stop: threading.Event, stop_reasons: queue.SimpleQueue[str]) -> None:
        super().__init__(name="feed-loop", daemon=True)
        self._monitor = monitor
        self._stop_event = stop
        self._stop_reasons = stop_reasons
        self.failed = False

    def run(self) -> None:
        try:
            self._monitor.run(self._stop_event)
        except Exception as error:
            self.failed = True
            log("error", LOOP_FAILED, error=str(error), trace=traceback.format_exc())
            self._stop_reasons.put(LOOP_FAILED)


def main() -> int:
    # A SimpleQueue may be filled from a signal handler; an Event may not (its lock is not reentrant).
    stop_reasons: queue.SimpleQueue[str] = queue.SimpleQueue()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda received, _frame: stop_reasons.put(signal.Signals(received).name))
    try:
        settings = read_settings(os.environ)
        feed = load_feed(settings.feed_path)
        prepare_directory("STATE_DIR", settings.state_dir)
        prepare_directory("DIGEST_DIR", settings.digest_dir)
        cursors = CursorStore(settings.state_dir)
        cursor = load_cursor(cursors, feed)
        digests = DigestStore(settings.digest_dir, settings.digest_keep)
        progress = Progress(len(feed.posts), len(feed.bad_lines), settings.stall_seconds)
        server = listen(settings, progress, digests)
    except ConfigError as error:
        print(f"reddit-monitor: {error}", file=sys.stderr)
        return EXIT_BAD_CONFIGURATION

    report_feed(feed, cursor)
    monitor = Monitor(settings, feed, cursor, cursors, digests, progress)
    return serve_until_stopped(monitor, server, progress, stop_reasons)


def serve_until_stopped(
    monitor: Monitor, server: MonitorServer, progress: Progress, stop_reasons: queue.SimpleQueue[str]
) -> int:
    stop = threading.Event()
    loop = FeedLoop(monitor, stop, stop_reasons)
    server.serve_in_background()
    log("info", "listening", url=f"http://127.0.0.1:{server.server_port}", pid=os.getpid())
    loop.start()

    log("info", "stopping", reason=stop_reasons.get())
    progress.stopping()
    stop.set()
    loop.join(FLUSH_SECONDS)
    server.drain_and_close(DRAIN_SECONDS)
    if loop.failed or loop.is_alive():
        log("error", "stopped without a complete flush", stillWriting=loop.is_alive())
        return EXIT_FAILED
    log("info", "stopped, cursor and digest are on the disk")
    return EXIT_OK


def load_cursor(cursors: CursorStore, feed: Feed) -> Cursor:
    loaded = cursors.load()
    if loaded.moved_to:
        log("warn", "corrupt cursor moved aside, starting over", reason=loaded.problem, movedTo=str(loaded.moved_to))
    cursor = starting_cursor(feed, loaded.cursor)
    if loaded.cursor and loaded.cursor.feed_fingerprint != cursor.feed_fingerprint:
        log("warn", "the feed has changed, going on as a new pass", feedPass=cursor.pass_number)
    return cursor


def listen(settings: Settings, progress: Progress, digests: DigestStore) -> MonitorServer:
    try:
        return MonitorServer(settings.port, progress, digests)
    except OSError as error:
        raise ConfigError(f"PORT: cannot listen on 127.0.0.1:{settings.port}: {error.strerror}") from error


def report_feed(feed: Feed, cursor: Cursor) -> None:
    counts = {"posts": len(feed.posts), "badLines": len(feed.bad_lines)}
    log("info", "feed loaded", **counts, feedPass=cursor.pass_number, position=cursor.position)
    for bad in feed.bad_lines:
        log("warn", "feed line skipped", at=bad.at, reason=bad.reason)


if __name__ == "__main__":
    sys.exit(main())
