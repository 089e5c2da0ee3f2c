"""Not a test: writes rows until it is killed, and says how many are written; driven by test_writer.py."""

from __future__ import annotations

import sys
import time

from mirror_mood.log.rows import MoodRow
from mirror_mood.log.store import MoodStore
from mirror_mood.log.writer import MoodWriter

url = sys.argv[1]
writer = MoodWriter(lambda: MoodStore(url), 10_000, 0.01)
put = said = 0
while True:
    for _ in range(20):
        put += 1
        writer.put([MoodRow(put, "hall", "", 1, (0.1, 0.1, 0.1, 0.4, 0.1, 0.1, 0.1), 0.5, 0.0, 0.4)])
    time.sleep(0.005)
    written = writer.status.written
    if written != said:
        said = written
        print(said, flush=True)
