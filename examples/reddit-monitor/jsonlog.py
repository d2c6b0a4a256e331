"""Log lines: one JSON object per line on stdout, whole even when threads write at once, never a reason to fail."""

from __future__ import annotations

import json
import sys
import threading
from datetime import datetime, timezone

_one_line_at_a_time = threading.Lock()


def log(level: str, msg: str, **fields: object) -> None:
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    line = json.dumps({"time": now, "level": level, "msg": msg, **fields}) + "\n"
    with _one_line_at_a_time:
        try:
            sys.stdout.write(line)
            sys.stdout.flush()
        except OSError:
            # A full disk below the log is no reason to stop watching the feed.
            pass
