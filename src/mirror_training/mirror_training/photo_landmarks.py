"""Landmarks of many photographs: found by several processes, kept in a folder, never looked for twice.

The folder holds one .npz file for every CHUNK pictures, with `keys` [n], `found` bool [n] and `points` int16
[n, 468, 2] in sixteenths of a pixel. Each is written whole or not at all, so that a run that was killed
goes on where it was.
"""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_core.frame import Image
from mirror_training.opencv import cv2

__all__ = ["CHUNK", "PARTS_OF_A_PIXEL", "Finder", "find_by_mesh", "landmarks_of", "read_photo"]

logger = logging.getLogger("mirror.training")

CHUNK = 200  # pictures a file of landmarks
POINTS = 468
PARTS_OF_A_PIXEL = 16
LARGEST_SIDE_PX = 1024  # larger photographs are scaled down when they are read

Points = NDArray[np.int16]
Finder = Callable[[Image], NDArray[np.float32] | None]
Progress = Callable[[int, int], None]


def read_photo(content: bytes | Path) -> Image | None:
    """A photograph, uint8 [h, w, 3], BGR, upright, at most LARGEST_SIDE_PX long; None where it is none.

    Args:
        content: of a picture file, or the file.
    """
    try:
        data = content.read_bytes() if isinstance(content, Path) else content
    except OSError:
        return None
    image = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR) if data else None
    if image is None:
        return None
    scale = LARGEST_SIDE_PX / max(image.shape[:2])
    if scale < 1:
        image = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(image, np.uint8)


def find_by_mesh() -> Finder:
    """The mirror's own search for the largest face; loads its models."""
    from mirror_tracking.detector import FaceDetector
    from mirror_tracking.mesh import FaceMesh
    from mirror_training.labelled_pictures import face_in

    detector, mesh = FaceDetector(), FaceMesh(parallel=1)
    return lambda image: face_in(image, detector, mesh)


def landmarks_of(
    files: Mapping[str, bytes | Path],
    folder: Path,
    workers: int = 0,
    progress: Progress = lambda _done, _total: None,
    make_finder: Callable[[], Finder] = find_by_mesh,
) -> dict[str, Points]:
    """The face in each photograph.

    Args:
        files: photographs, or what is in their files, by a key that stays the same while they do.
        folder: where landmarks are kept; made if it does not exist.
        workers: processes; 0: none beside this one.
        progress: told how many photographs are done, and how many there are.
        make_finder: called once in each process.

    Returns:
        int16 [468, 2] in sixteenths of a pixel (pixel i covers i … i+1) by key, of the photographs as
        `read_photo` reads them; those without a face are left out.

    Raises:
        ModelError: where a model does not load.
    """
    known = _kept(folder)
    missing = [(key, content) for key, content in files.items() if key not in known]
    chunks = [missing[start : start + CHUNK] for start in range(0, len(missing), CHUNK)]
    done = len(files) - len(missing)
    progress(done, len(files))
    for keys, found, points in _results(chunks, workers, make_finder):
        _keep(folder, keys, found, points)
        known |= {key: one if there else None for key, there, one in zip(keys, found, points, strict=True)}
        done += len(keys)
        progress(done, len(files))
    return {key: one for key in files if (one := known[key]) is not None}


def _kept(folder: Path) -> dict[str, Points | None]:
    known: dict[str, Points | None] = {}
    for file in sorted(folder.glob("*.npz")):
        with np.load(file, allow_pickle=False) as table:
            keys, found, points = table["keys"].tolist(), table["found"].tolist(), table["points"]
        known |= {key: one if there else None for key, there, one in zip(keys, found, points, strict=True)}
    return known


def _keep(folder: Path, keys: Sequence[str], found: NDArray[np.bool_], points: Points) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / f"{zlib.crc32('/'.join(keys).encode()):08x}.npz"
    partial = file.with_suffix(".partial")
    with partial.open("wb") as stream:
        np.savez_compressed(stream, keys=np.array(keys), found=found, points=points)
    partial.replace(file)


Chunk = list[tuple[str, bytes | Path]]
Result = tuple[list[str], NDArray[np.bool_], Points]


def _results(chunks: list[Chunk], workers: int, make_finder: Callable[[], Finder]) -> Iterator[Result]:
    if not chunks:
        return
    if workers < 1 or len(chunks) == 1:
        finder = make_finder()
        yield from (_find(chunk, finder) for chunk in chunks)
        return
    arguments = (make_finder,)
    count = min(workers, len(chunks))
    with ProcessPoolExecutor(count, get_context("spawn"), _start_worker, arguments) as pool:
        futures = [pool.submit(_find_in_worker, chunk) for chunk in chunks]
        try:
            yield from (future.result() for future in as_completed(futures))
        finally:
            pool.shutdown(cancel_futures=True)


def _find(chunk: Chunk, finder: Finder) -> Result:
    found = np.zeros(len(chunk), np.bool_)
    points = np.zeros((len(chunk), POINTS, 2), np.int16)
    for number, (_, content) in enumerate(chunk):
        image = read_photo(content)
        face = None if image is None else finder(image)
        if face is not None:
            rounded = np.rint(face[:POINTS, :2] * PARTS_OF_A_PIXEL)
            points[number] = np.clip(rounded, -(2**15), 2**15 - 1).astype(np.int16)
            found[number] = True
    return [key for key, _ in chunk], found, points


_finder: Finder | None = None


def _start_worker(make_finder: Callable[[], Finder]) -> None:
    global _finder  # noqa: PLW0603 – each process of the pool has its own
    cv2.setNumThreads(1)
    _finder = make_finder()


def _find_in_worker(chunk: Chunk) -> Result:
    assert _finder is not None
    return _find(chunk, _finder)
