"""Import of many faces as a job: one photograph after the other; what is stored leaves its folder at once."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from mirror_core.errors import MirrorError, UsageError
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.face_names import MOST_CHARACTERS
from mirror_web.catalogue import Texts, languages, spoken
from mirror_web.faces_control import FacesControl, no_gallery
from mirror_web.job_uploads import clean_name
from mirror_web.jobs_record import Job
from mirror_web.jobs_running import Teller, ThreadKind
from mirror_web.upload_kinds import HEAD_BYTES, PHOTO_OR_FACE, kind_of
from mirror_web.uploads import LARGEST_UPLOAD_MB

__all__ = [
    "ARCHIVE",
    "ENDINGS",
    "FILES",
    "MOST_FILES",
    "consent_json",
    "consent_of_json",
    "faces_kind",
    "unpacked",
]

FILES: Final = "files"  # folder of a job's photographs
PHOTOS: Final = frozenset({".jpg", ".jpeg", ".png", ".webp", ".mirrorface"})
ARCHIVE: Final = ".zip"
ENDINGS: Final = PHOTOS | {ARCHIVE}
MOST_FILES = 1000  # of one import, those of an archive included
TEXTS = Texts("jobs")


def consent_json(consent: Consent) -> dict[str, Any]:
    """What a person has agreed to, as a job keeps it."""
    values = asdict(consent)
    until = consent.until
    return {**values, "scope": consent.scope.value, "until": None if until is None else until.isoformat()}


def consent_of_json(values: Mapping[str, Any]) -> Consent:
    """From what `consent_json` gave."""
    until = values.get("until")
    moment = None if until is None else datetime.fromisoformat(until)
    return Consent(**{**values, "scope": Scope(values["scope"]), "until": moment})


def faces_kind(faces: FacesControl) -> ThreadKind:
    """The kind of job that stores the photographs of its folder.

    Its order: consent, as `consent_json` gives it, and language. Its outcome: stored, how many, and problems,
    [name, sentence] of each photograph that was not stored.

    Args:
        faces: the gallery.
    """

    def work(job: Job, folder: Path, teller: Teller) -> None:
        language = str(job.order.get("language", ""))
        with spoken(language if language in languages() else "en"):
            _store(faces, job, folder / FILES, teller)

    return ThreadKind(work, "adding")


def unpacked(archive: Path) -> list[Path]:
    """Take the photographs out of an archive, beside it, and remove it; what is none is left there.

    Raises:
        UsageError: where it is none, or too much is in it.
    """
    number = archive.name.partition(" ")[0]
    found = []
    try:
        with zipfile.ZipFile(archive) as opened:
            entries = list(_photographs(opened))
            if len(entries) > MOST_FILES:
                raise UsageError(TEXTS["archive_many"].format(limit=MOST_FILES))
            for place, entry in enumerate(entries):
                target = archive.with_name(f"{number}-{place:04d} {clean_name(entry.filename)}")
                partial = archive.with_name(f".{number}-{place:04d}.partial")
                _take_out(opened, entry, partial)
                partial.replace(target)
                found.append(target)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise UsageError(TEXTS["archive_damaged"].format(name=archive.name.partition(" ")[2])) from error
    archive.unlink(missing_ok=True)
    return found


def _photographs(opened: zipfile.ZipFile) -> Iterator[zipfile.ZipInfo]:
    for entry in opened.infolist():
        place = Path(entry.filename)
        is_hidden = place.name.startswith(".") or "__MACOSX" in place.parts
        if not entry.is_dir() and not is_hidden and place.suffix.lower() in PHOTOS:
            yield entry


def _take_out(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, target: Path) -> None:
    limit = LARGEST_UPLOAD_MB * 1_000_000
    with opened.open(entry) as source:
        data = source.read(limit + 1)  # what the archive says of its sizes may be a lie
    if len(data) > limit:
        raise UsageError(TEXTS["archive_large"].format(name=entry.filename, limit=LARGEST_UPLOAD_MB))
    target.write_bytes(data)
    target.chmod(0o600)


def _store(faces: FacesControl, job: Job, folder: Path, teller: Teller) -> None:
    consent = consent_of_json(job.order["consent"])
    stored = int(job.outcome.get("stored", 0))
    problems = [list(map(str, each)) for each in job.outcome.get("problems", ())]

    def tell(left: int) -> None:
        done = stored + len(problems)
        teller.tell(done, done + left, {"stored": stored, "problems": problems})

    for archive in sorted(folder.glob(f"[!.]*{ARCHIVE}")):
        try:
            unpacked(archive)
        except MirrorError as error:
            problems.append([archive.name.partition(" ")[2], str(error)])
            archive.unlink(missing_ok=True)
    files = sorted(file for file in folder.glob("[!.]*") if file.suffix.lower() in PHOTOS)
    tell(len(files))
    for place, file in enumerate(files):
        if teller.is_asked_to_end:
            return
        if not faces.state().is_available:
            raise MirrorError(no_gallery())  # the others wait until somebody lets it go on
        name = file.name.partition(" ")[2]
        words = " ".join(Path(name).stem.replace("_", " ").split())[:MOST_CHARACTERS].strip()
        is_face_file = file.suffix.lower() == ".mirrorface"
        data = file.read_bytes()
        try:
            if kind_of(data[:HEAD_BYTES]) not in PHOTO_OR_FACE:
                raise UsageError(TEXTS["no_photo"])
            added = faces.add(data, "" if is_face_file else words or TEXTS["no_name"], consent)
            problem = TEXTS["no_face"] if added.needs_landmarks else added.error
        except MirrorError as error:
            problem = str(error)
        # Its leaving is what says that it is done, so that nothing is stored twice.
        file.unlink(missing_ok=True)
        if problem is None:
            stored += 1
        else:
            problems.append([name, problem])
        tell(len(files) - place - 1)
