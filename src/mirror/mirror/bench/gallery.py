"""Times of the gallery with ten thousand stored faces, in SQLite and a folder of a temporary directory."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from mirror_camera.reel import Reel
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.portrait import SURFACE_POINTS, FaceView, Portrait
from mirror_gallery.store import FaceStore
from mirror_gallery.store.models import FaceRow, ThumbnailRow
from mirror_gallery.thumbnail import thumbnail_jpeg

__all__ = ["measure_gallery"]

FACES = 10_000
PAGE = 50  # faces of a list's page, with thumbnails
VIEWS = 3
FACE_PX = 512
MOMENT_S = 1.0  # of the reel
BATCH = 1000
OPENINGS = 3
FEWEST_RUNS = 10
PATIENCE_S = 120.0
FIRST_NAMES = ("Ada", "Björn", "Chiara", "Dilek", "Émile", "Fatou", "Grace", "Hiroshi", "Ines", "Jan")

# In a process of its own: what a mirror that starts has to wait for, with the modules that it loads.
OPENING = """
import sys, time
start = time.perf_counter()
from mirror_gallery.store import FaceStore
with FaceStore(sys.argv[1], sys.argv[2]) as store:
    assert store.erase_expired() == {}
    print(time.perf_counter() - start)
"""


def measure_gallery(seconds: float) -> dict[str, float]:
    """Measure for about `seconds`, and a few seconds more for filling the gallery.

    Returns:
        Medians in milliseconds: `gallery_open_ms` (a fresh process loads the store, opens it and looks for
        expired faces), `gallery_page_ms` (50 entries and their thumbnails, from anywhere in the list),
        `gallery_search_ms` (the same among those whose name contains a text), `gallery_get_ms` (a face of
        three views of 512 px, to be worn) and `gallery_add_ms` (the same face, stored safely).
    """
    with tempfile.TemporaryDirectory(prefix="mirror-bench-") as folder:
        database, pictures = str(Path(folder, "faces.sqlite")), str(Path(folder, "pictures"))
        portrait = _portrait()
        consent = Consent(Scope.UNTIL_REVOKED)
        with FaceStore(database, pictures) as store:
            face_id = store.add(portrait, consent)
            _fill(store, thumbnail_jpeg(portrait.views[0]))
        openings = [_open(database, pictures) for _ in range(OPENINGS)]
        rng = np.random.default_rng(0)
        with FaceStore(database, pictures) as store:

            def page(name_contains: str, total: int) -> None:
                offset = int(rng.integers(0, total - PAGE))
                entries, found = store.entries(name_contains, offset, PAGE)
                thumbnails = store.thumbnails([entry.id for entry in entries])
                if (len(entries), len(thumbnails), found) != (PAGE, PAGE, total):
                    raise RuntimeError(
                        f"The page has {len(entries)} of {found} faces, {PAGE} of {total} are due."
                    )

            share = seconds / 4
            return {
                "gallery_open_ms": float(np.median(openings)) * 1e3,
                "gallery_page_ms": _median_ms(lambda: page("", FACES), share),
                "gallery_search_ms": _median_ms(lambda: page("GRACE", FACES // len(FIRST_NAMES)), share),
                "gallery_get_ms": _median_ms(lambda: store.get(face_id), share),
                "gallery_add_ms": _median_ms(lambda: store.add(portrait, consent), share),
            }


def _portrait() -> Portrait:
    """A face of three views; pictures of the reel, so that they compress like faces."""
    picture = Reel().render(MOMENT_S)
    top, left = (picture.shape[0] - FACE_PX) // 2, (picture.shape[1] - FACE_PX) // 2
    y, x = (np.mgrid[:FACE_PX, :FACE_PX] + 0.5) / FACE_PX - 0.5
    opacity = np.where((x / 0.4) ** 2 + (y / 0.48) ** 2 < 1, 255, 0).astype(np.uint8)
    views = []
    for index in range(VIEWS):
        image = picture[top : top + FACE_PX, left + index : left + index + FACE_PX].copy()
        views.append(FaceView(image, opacity.copy(), np.zeros((SURFACE_POINTS, 3), np.float32)))
    return Portrait("bench", FIRST_NAMES[0], tuple(views))


def _fill(store: FaceStore, jpeg: bytes) -> None:
    """Add rows up to FACES, past the pictures, which neither opening nor listing looks at."""
    created = datetime(2026, 1, 1, tzinfo=UTC)
    for start in range(1, FACES, BATCH):
        numbers = range(start, min(start + BATCH, FACES))
        names = [f"{FIRST_NAMES[number % len(FIRST_NAMES)]} {number:05}" for number in numbers]
        faces = [
            FaceRow(
                id=f"{number:032x}",
                name=name,
                folded=name.casefold(),
                created=created,
                scope=Scope.UNTIL_REVOKED.value,
                until=None,
                others_may_wear=True,
                recognise=False,
                expires=None,
                mirror=store.mirror,
                views=VIEWS,
                pictures=f"{number:032x}.mirrorface",
            )
            for number, name in zip(numbers, names, strict=True)
        ]
        with store.database.write() as session:
            session.add_all(faces)
            session.flush()
            session.add_all(ThumbnailRow(face_id=face.id, jpeg=jpeg) for face in faces)


def _open(database: str, pictures: str) -> float:
    command = [sys.executable, "-c", OPENING, database, pictures]
    done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=PATIENCE_S)
    return float(done.stdout)


def _median_ms(work: Callable[[], Any], seconds: float) -> float:
    work()
    durations: list[float] = []
    end = time.perf_counter() + seconds
    while len(durations) < FEWEST_RUNS or time.perf_counter() < end:
        start = time.perf_counter()
        work()
        durations.append(time.perf_counter() - start)
    return float(np.median(durations)) * 1e3
