"""Records what the mirror shows as a video, for somebody who agreed to it by name.

A thread of its own writes; where it does not keep up, frames are left out and counted, and the frame path
never waits. Beside each video lies a JSON file that says who agreed and when, from the first moment on.
"""

from __future__ import annotations

import contextlib
import json
import logging
import os
import re
import shutil
import threading
from collections import deque
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np

from mirror_core.errors import StoreError, UsageError
from mirror_core.frame import Image
from mirror_core.store.places import private_folder
from mirror_effects.film.marks import in_ascii

__all__ = ["CONSENT", "FPS", "LONGEST_TAKE_S", "Take", "consenting_name", "default_takes_folder"]

logger = logging.getLogger("mirror.effects")

CONSENT: Final = "recorded with consent"
FPS: Final = 25
LONGEST_TAKE_S: Final = 600.0  # a forgotten take ends after this
LONGEST_GAP_S = 1.0  # that is filled with the picture before; a longer one is cut out
MOST_WAITING = 8  # frames
LONGEST_NAME = 80
KEEP_FREE_BYTES = (
    100 * 2**20
)  # on the disk; below that a take ends, so that faces and moods can still be kept
FOURCC = "mp4v"


def default_takes_folder() -> Path:
    """Where takes are written: `mirror/takes` in the XDG data folder."""
    data = os.environ.get("XDG_DATA_HOME", "")
    root = Path(data) if data.startswith("/") else Path.home() / ".local" / "share"
    return root / "mirror" / "takes"


def consenting_name(text: str) -> str:
    """A person's name as a take keeps it: without superfluous spaces, of at most 80 letters."""
    return " ".join(text.split())[:LONGEST_NAME].rstrip()


class Take:
    """One recording.

    Args:
        name: of the person who agreed.
        folder: to write to; made for this user alone where it is missing.
        began: when the take begins.
        about: what else the JSON file says.
        mirrored: whether pictures are swapped left and right before they are written.

    Raises:
        UsageError: where the name is empty: without a name nothing is written.

    Attributes:
        dropped: frames that were left out because the disc did not keep up.
        problem: why nothing is written; empty while all is well.
        file: the video; None before it is begun.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        began: datetime,
        about: dict[str, Any] | None = None,
        *,
        mirrored: bool = False,
    ) -> None:
        self.name = consenting_name(name)
        if not self.name:
            raise UsageError("A take needs the name of the person who agreed to be recorded.")
        self.began = began
        self.dropped = 0
        self.problem = ""
        self.file: Path | None = None
        self._folder, self._about, self._mirrored = folder, about or {}, mirrored
        self._waiting: deque[tuple[int, Image]] = deque()
        self._wake = threading.Condition()
        self._ended = False
        self._first_ns = self._last_ns = 0
        self._written = 0
        self._checked_s = 0  # second of the film at which the disk was looked at last
        self._writer: Any = None
        self._size = (0, 0)
        self._thread = threading.Thread(target=self._work, name="take", daemon=True)
        self._thread.start()

    def is_due(self, stamp_ns: int) -> bool:
        """Whether a frame of this time would be written: not more than `FPS` a second, and not for ever."""
        if self._ended or self.problem:
            return False
        if not self._last_ns:
            return True
        if stamp_ns - self._first_ns > LONGEST_TAKE_S * 1e9:
            self.end()
            return False
        return not 0 <= stamp_ns - self._last_ns < 0.9e9 / FPS

    def add(self, stamp_ns: int, image: Image) -> None:
        """Leave a frame; never waits.

        Args:
            stamp_ns: of the frame, above 0.
            image: uint8 [h, w, 3], not changed any more; one of another size than the first is left out.
        """
        if not self.is_due(stamp_ns):
            return
        with self._wake:
            self._first_ns = self._first_ns or stamp_ns
            self._last_ns = stamp_ns
            if len(self._waiting) >= MOST_WAITING:
                self.dropped += 1
                return
            self._waiting.append((stamp_ns, image))
            self._wake.notify()

    @property
    def is_ended(self) -> bool:
        """Whether no more is recorded."""
        return self._ended

    def end(self) -> None:
        """Take no more; what waits is written, and the file closed, in the thread."""
        with self._wake:
            self._ended = True
            self._wake.notify()

    def close(self, timeout_s: float = 10.0) -> bool:
        """End and wait until the file is complete; False where that takes longer."""
        self.end()
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    # ---- in the thread

    def _work(self) -> None:
        origin_ns = 0
        try:
            while True:
                with self._wake:
                    self._wake.wait_for(lambda: self._ended or bool(self._waiting))
                    if not self._waiting:
                        break
                    stamp_ns, image = self._waiting.popleft()
                if self._writer is None:
                    self._open(image)
                    origin_ns = stamp_ns
                due = round((stamp_ns - origin_ns) * FPS / 1e9)
                if not 0 <= due - self._written <= LONGEST_GAP_S * FPS:
                    origin_ns = stamp_ns - round(self._written * 1e9 / FPS)
                    due = self._written
                self._write(image, due)
            self._finish()
        except StoreError as error:
            self.problem = str(error)
            logger.warning(self.problem)
            with contextlib.suppress(OSError):
                self._finish()
        except (OSError, cv2.error) as error:
            self.problem = f"The take of {self.name} cannot be written to {self._folder}: {error}."
            logger.warning(self.problem)

    def _open(self, image: Image) -> None:
        private_folder(self._folder)
        self._check_disk()
        stem = f"{self.began:%Y-%m-%d_%H-%M-%S}_{_slug(self.name)}"
        file = self._folder / f"{stem}.mp4"
        number = 2
        while file.exists() or file.with_suffix(".json").exists():
            file = self._folder / f"{stem}_{number}.mp4"
            number += 1
        self._size = (image.shape[1], image.shape[0])
        self.file = file
        self._note(complete=False)
        self._writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*FOURCC), FPS, self._size)
        if not self._writer.isOpened():
            file.with_suffix(".json").unlink()
            raise OSError("OpenCV opens no video file there")
        file.chmod(0o600)

    def _write(self, image: Image, due: int) -> None:
        if (image.shape[1], image.shape[0]) != self._size:
            self.dropped += 1
            return
        if due // FPS != self._checked_s:
            self._checked_s = due // FPS
            self._check_disk()  # OpenCV writes on without a word where the disk is full
        picture = cv2.flip(image, 1) if self._mirrored else np.ascontiguousarray(image)
        while self._written <= due:
            self._writer.write(picture)
            self._written += 1

    def _check_disk(self) -> None:
        free = shutil.disk_usage(self._folder).free
        if free < KEEP_FREE_BYTES:
            raise StoreError(
                f"The take of {self.name} ends: the disk of {self._folder} has {free >> 20} MiB left, and "
                f"{KEEP_FREE_BYTES >> 20} are kept free; make room."
            )

    def _finish(self) -> None:
        if self._writer is not None:
            self._writer.release()
            self._note(complete=True)

    def _note(self, *, complete: bool) -> None:
        """Write the JSON file, whole or not at all."""
        assert self.file is not None
        values = {
            "version": 1,
            "name": self.name,
            "date": self.began.isoformat(timespec="seconds"),
            "consent": CONSENT,
            "file": self.file.name,
            "width": self._size[0],
            "height": self._size[1],
            "frames_per_second": FPS,
            "frames": self._written,
            "seconds": round(self._written / FPS, 2),
            "dropped": self.dropped,
            "complete": complete,
            **self._about,
        }
        text = json.dumps(values, indent=2, ensure_ascii=False) + "\n"
        partial = self.file.with_suffix(".json.partial")
        partial.write_text(text, encoding="utf-8")
        partial.chmod(0o600)
        partial.replace(self.file.with_suffix(".json"))


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", in_ascii(name).lower()).strip("-")[:32] or "take"
