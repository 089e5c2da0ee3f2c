"""Masks on all photographs of a folder: several processes, what exists is kept, a manifest is written.

Beside the pictures the folder gets `manifest.jsonl`, one JSON object a masked face: source, picture, alpha
(empty where none was asked for), face (0 is the largest), kind, seed and options (the mask in every detail).
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass, field
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import MirrorError, UsageError
from mirror_core.frame import Image
from mirror_effects.medical.generator import MedicalMasks
from mirror_effects.medical.kinds import KINDS
from mirror_effects.medical.manifest import MANIFEST, read_manifest, write_manifest
from mirror_effects.medical.options import MaskOptions

__all__ = ["MANIFEST", "FolderJob", "Result", "Summary", "mask_folder", "read_landmarks"]

ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
ALPHA_ENDING = ".alpha.png"
LARGEST_SEED = 2**31
SAME_POINTS_FROM = 468

Landmarks = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class FolderJob:
    """What is to be done.

    Attributes:
        images: folder with photographs, looked through with its sub-folders.
        out: folder that is written to.
        options: what masks are drawn.
        kind: of all masks; empty: drawn.
        seed: of the whole job; a picture's own follows from it and from the picture's name.
        alpha: whether opacities are written, too, as `<name>.alpha.png`.
        overwrite: make also what exists.
        landmarks: name of a picture (its path below `images`) → its face, where known before.
    """

    images: Path
    out: Path
    options: MaskOptions = field(default_factory=MaskOptions)
    kind: str = ""
    seed: int = 0
    alpha: bool = False
    overwrite: bool = False
    landmarks: Mapping[str, Landmarks] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not self.images.is_dir():
            raise UsageError(f"There is no folder {self.images}.")
        if self.out.resolve() == self.images.resolve():
            raise UsageError("The masked pictures need a folder of their own: --out must not be --images.")
        if self.kind and self.kind not in KINDS:
            raise UsageError(f"kind = {self.kind} is refused: allowed is {' | '.join(KINDS)}.")
        if self.seed < 0:
            raise UsageError(f"seed = {self.seed} is refused: allowed is 0 or more.")


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one picture.

    Attributes:
        source: its path below the folder of photographs.
        lines: of the manifest; none where nothing was made.
        problem: one sentence where nothing could be made; empty otherwise.
        kept: whether it was there before.
    """

    source: str
    lines: tuple[Mapping[str, Any], ...] = ()
    problem: str = ""
    kept: bool = False


@dataclass(slots=True)
class Summary:
    """Counts of pictures, and of masks by kind."""

    made: int = 0
    kept: int = 0
    problems: list[str] = field(default_factory=list)
    kinds: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Task:
    source: str
    picture: str
    landmarks: Landmarks | None


def read_landmarks(path: Path) -> dict[str, Landmarks]:
    """Known faces from an .npz file with `names` [n] and `landmarks` [n, 468 or more, 2 or more] in pixels.

    Raises:
        UsageError: if the file cannot be read or holds something else.
    """
    try:
        with np.load(path, allow_pickle=False) as file:
            names, points = file["names"], file["landmarks"]
    except (OSError, ValueError, KeyError, EOFError) as error:
        raise UsageError(
            f"The landmarks {path} cannot be read: an .npz file with names and landmarks is needed."
        ) from error
    if (
        points.ndim != 3
        or points.shape[1] < SAME_POINTS_FROM
        or points.shape[2] < 2
        or len(names) != len(points)
    ):
        raise UsageError(
            f"The landmarks {path} must be [{len(names)}, {SAME_POINTS_FROM} or more, 2 or more] for as many "
            f"names, not {list(points.shape)}."
        )
    return {str(name): face.astype(np.float32) for name, face in zip(names, points, strict=True)}


def mask_folder(
    job: FolderJob, processes: int = 1, progress: Callable[[Result, int, int], None] | None = None
) -> Summary:
    """Do it.

    Args:
        job: what.
        processes: how many pictures are worked on at once.
        progress: called after each picture with its result, how many are done, and how many there are.

    Raises:
        UsageError: if the folder holds no pictures or cannot be written to.
    """
    tasks = _tasks(job)
    manifest = job.out / MANIFEST
    try:
        job.out.mkdir(parents=True, exist_ok=True)
        known = read_manifest(manifest)
        summary = Summary()
        with manifest.open("a", encoding="utf-8") as file:
            for done, result in enumerate(_results(job, tasks, known, processes), start=1):
                _count(summary, result)
                for line in result.lines if not result.kept else ():
                    file.write(json.dumps(line) + "\n")
                file.flush()
                if result.lines:
                    known[result.source] = list(result.lines)
                if progress is not None:
                    progress(result, done, len(tasks))
        write_manifest(manifest, known)
    except OSError as error:
        raise UsageError(f"{job.out} cannot be written to: {error.strerror or error}.") from error
    return summary


def _tasks(job: FolderJob) -> list[_Task]:
    out = job.out.resolve()
    found = sorted(
        path.relative_to(job.images)
        for path in job.images.rglob("*")
        if path.suffix.lower() in ENDINGS and out not in path.resolve().parents
    )
    if not found:
        raise UsageError(f"{job.images} holds no pictures: {', '.join(ENDINGS)} are looked for.")
    tasks, taken = [], set()
    for path in found:
        picture = path.with_suffix(".png")
        if picture in taken:  # two sources that differ in their ending alone
            picture = path.with_name(path.name + ".png")
        taken.add(picture)
        tasks.append(_Task(path.as_posix(), picture.as_posix(), job.landmarks.get(path.as_posix())))
    return tasks


def _results(
    job: FolderJob, tasks: Sequence[_Task], known: Mapping[str, list[Any]], processes: int
) -> Iterator[Result]:
    waiting = []
    for task in tasks:
        if not job.overwrite and _is_there(job, task, known):
            yield Result(task.source, tuple(known[task.source]), kept=True)
        else:
            waiting.append(task)
    if processes <= 1 or len(waiting) <= 1:
        worker = _Worker(job)
        yield from (worker.work(task) for task in waiting)
        return
    workers = min(processes, len(waiting))
    with ProcessPoolExecutor(workers, get_context("spawn"), _start_worker, (job,)) as pool:
        futures = [pool.submit(_work, task) for task in waiting]
        try:
            yield from (future.result() for future in as_completed(futures))
        finally:
            pool.shutdown(cancel_futures=True)


def _is_there(job: FolderJob, task: _Task, known: Mapping[str, list[Any]]) -> bool:
    if task.source not in known or not (job.out / task.picture).is_file():
        return False
    return not job.alpha or (job.out / task.picture).with_suffix(ALPHA_ENDING).is_file()


class _Worker:
    """Masks one picture after the other, in one process."""

    def __init__(self, job: FolderJob) -> None:
        self._job = job
        self._masks = MedicalMasks(job.options)

    def work(self, task: _Task) -> Result:
        try:
            return self._masked(task)
        except (MirrorError, OSError) as error:
            return Result(task.source, problem=f"{task.source}: {error}")

    def _masked(self, task: _Task) -> Result:
        from mirror_gallery.photo import find_faces, read_photograph

        image = read_photograph((self._job.images / task.source).read_bytes()).image
        faces = [task.landmarks] if task.landmarks is not None else find_faces(image)
        if not faces:
            return Result(task.source, problem=f"{task.source}: no face was found in it.")
        seeds = [_seed_of(self._job.seed, task.source, number) for number in range(len(faces))]
        worn = self._masks.put_on_all(image, faces, seeds, self._job.kind)
        picture = self._job.out / task.picture
        alpha = ""
        picture.parent.mkdir(parents=True, exist_ok=True)
        if self._job.alpha:
            left = np.full(image.shape[:2], 255, np.uint8)
            for face in worn:
                left = np.asarray(cv2.multiply(left, 255 - face.alpha, scale=1 / 255), np.uint8)
            path = picture.with_suffix(ALPHA_ENDING)
            _write(path, np.asarray(255 - left, np.uint8))
            alpha = path.relative_to(self._job.out).as_posix()
        _write(picture, worn[0].image)
        lines = tuple(
            {
                "source": task.source,
                "picture": task.picture,
                "alpha": alpha,
                "face": number,
                "kind": face.kind,
                "seed": seed,
                "options": asdict(face.look),
            }
            for number, (face, seed) in enumerate(zip(worn, seeds, strict=True))
        )
        return Result(task.source, lines)


def _seed_of(seed: int, source: str, face: int) -> int:
    return zlib.crc32(f"{seed}/{face}/{source}".encode()) % LARGEST_SEED


def _write(path: Path, image: Image | NDArray[np.uint8]) -> None:
    """Write it whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.write_bytes(cv2.imencode(".png", image)[1].tobytes())
    part.replace(path)


_worker: _Worker | None = None


def _start_worker(job: FolderJob) -> None:
    global _worker  # noqa: PLW0603 – each process of the pool has its own
    cv2.setNumThreads(1)
    _worker = _Worker(job)


def _work(task: _Task) -> Result:
    assert _worker is not None
    return _worker.work(task)


def _count(summary: Summary, result: Result) -> None:
    if result.problem:
        summary.problems.append(result.problem)
        return
    summary.kept += result.kept
    summary.made += not result.kept
    for line in result.lines:
        summary.kinds[line["kind"]] = summary.kinds.get(line["kind"], 0) + 1
