"""Making a film scene as a job: `mirror film make` as a process of its own, which can go on."""

from __future__ import annotations

import re
import shutil
import sys
import unicodedata
from collections.abc import Collection
from pathlib import Path
from typing import Final

from mirror_core.errors import UsageError
from mirror_web.catalogue import Texts
from mirror_web.film_scenes import FilmScenes
from mirror_web.jobs_record import Job
from mirror_web.jobs_running import ProcessKind
from mirror_web.upload_kinds import HEAD_BYTES, FileKind, kind_of

__all__ = [
    "CLIP",
    "CLIPS",
    "LARGEST_CLIP_MB",
    "REPORT_STEPS",
    "STEPS",
    "scene_command",
    "scene_kind",
    "scene_name",
    "taken_clip",
]

CLIP: Final = "clip"  # folder of a job's film
CLIPS: Final = frozenset({".mp4", ".mov", ".m4v", ".avi", ".mkv", ".webm", ".3gp"})
LARGEST_CLIP_MB = 2000
STEPS: Final = ("cuts", "frames", "poses", "figure", "training", "preview")
REPORT_STEPS: Final = STEPS[:4]  # those of a report alone
LONGEST_NAME = 32
TEXTS = Texts("film")


def scene_name(title: str, taken: Collection[str]) -> str:
    """A name for the folder of a scene, made of its title: small letters, digits and underscores.

    Args:
        title: for people.
        taken: names that there are already.
    """
    plain = unicodedata.normalize("NFKD", title.casefold().replace("ß", "ss"))
    letters = re.sub(r"[^a-z0-9]+", "_", "".join(c for c in plain if not unicodedata.combining(c))).strip("_")
    base = (letters if letters[:1].isalpha() else f"scene_{letters}").strip("_")[:LONGEST_NAME].rstrip("_")
    name, number = base, 2
    while name in taken:
        ending = f"_{number}"
        name, number = f"{base[: LONGEST_NAME - len(ending)]}{ending}", number + 1
    return name


def taken_clip(file: Path) -> None:
    """Take a file that has arrived as the film of its job, under the name that people know.

    Raises:
        UsageError: where it is no film, or is too small or too large; it is gone then.
    """
    from mirror_training.film_scene.clip import open_clip

    clip = file.with_name(file.name.partition(" ")[2])
    file.replace(clip)
    try:
        with clip.open("rb") as opened:
            head = opened.read(HEAD_BYTES)
        if kind_of(head) is not FileKind.CLIP:  # FFmpeg would also follow lists of other files and addresses
            raise UsageError(TEXTS["no_film_file"].format(name=clip.name))
        open_clip(clip)
    except UsageError as error:
        clip.unlink(missing_ok=True)
        raise UsageError(str(error).replace(str(clip), clip.name)) from error  # nobody knows our folders


def clip_of(folder: Path) -> Path | None:
    """The film of a job, None where there is none any more."""
    return next(iter(sorted((folder / CLIP).glob("[!.]*"))), None)


def scene_command(job: Job, folder: Path, scenes: Path) -> list[str]:
    """The words of the command.

    Args:
        job: its order has name, title, licence, consent, crop, size, only_report, and minutes (None: the
            recipe's).
        folder: of the job.
        scenes: folder of a person's own scenes.

    Raises:
        UsageError: where the film is gone.
    """
    clip, order = clip_of(folder), job.order
    if clip is None:
        raise UsageError(TEXTS["clip_gone"])
    words = [sys.executable, "-m", "mirror.command", "film", "make", str(clip)]
    options = ("name", "title", "licence", "consent", "crop", "size")
    words += [f"--{option}={order[option]}" for option in options]
    words += [f"--scenes={scenes}", "--progress=json"]
    if order.get("minutes") is not None:
        words.append(f"--minutes={float(order['minutes']):g}")
    if order.get("only_report"):
        words.append("--only-report")
    return words


def scene_kind(scenes: FilmScenes) -> ProcessKind:
    """The kind of job that makes a scene from the film in its folder.

    Args:
        scenes: where the scene goes.
    """

    def command(job: Job, folder: Path) -> list[str]:
        return scene_command(job, folder, scenes.folder)

    def done(job: Job, folder: Path) -> None:
        # The clip and its thousands of frames show a person and have served their purpose.
        if not job.order.get("only_report"):
            _forget(job, folder, scenes)

    def removed(job: Job, folder: Path) -> None:
        _forget(job, folder, scenes)

    return ProcessKind(command, done, removed)


def _forget(job: Job, folder: Path, scenes: FilmScenes) -> None:
    shutil.rmtree(folder / CLIP, ignore_errors=True)
    shutil.rmtree(scenes.work_folder(str(job.order["name"])), ignore_errors=True)
