"""The faces that unmasking is learned from: archives, LFW, CelebA, any photographs; who is in them.

People are kept apart: whoever is in the test is never trained on, whichever collection a picture comes from.
Where nobody says who a picture shows, the picture itself counts as a person.
"""

from __future__ import annotations

import hashlib
import re
import tarfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import UsageError
from mirror_core.frame import Image
from mirror_training.photo_landmarks import (
    PARTS_OF_A_PIXEL,
    Finder,
    find_by_mesh,
    landmarks_of,
    read_photo,
)
from mirror_training.shape_data import person_of

__all__ = ["PARTS", "UnmaskFace", "find_faces", "has_colour", "parts_of", "share_of"]

PARTS = ("train", "validation", "test")
TEST_SHARE, VALIDATION_SHARE = 0.15, 0.05  # of the people
ENDINGS = (".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff")
CELEBA = "img_align_celeba"
IDENTITIES = "identity_CelebA.txt"
TABLE_ENDING = "_landmarks.npz"
GREY_SPREAD = 12  # grey levels between blue and red below which a picture has no colour

Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, eq=False)
class UnmaskFace:
    """One face in one photograph.

    Attributes:
        name: of the photograph, for people to read.
        person: who it is; the same name is the same person in every collection.
        content: of the picture file, or the file.
        points: int16 [468, 2], landmarks in sixteenths of a pixel of what `read_photo` gives.
        valid_box: (x0, y0, x1, y1) in pixels, the part that is no padding; None: all of it.
        is_colour: False where it is known to be grey.
    """

    name: str
    person: str
    content: bytes | Path
    points: NDArray[np.int16]
    valid_box: tuple[float, float, float, float] | None = None
    is_colour: bool = True

    @property
    def landmarks(self) -> NDArray[np.float32]:
        """float32 [468, 2], pixels (pixel i covers i … i+1)."""
        return np.asarray(self.points, np.float32) / PARTS_OF_A_PIXEL

    def picture(self) -> Image:
        """The photograph, uint8 [h, w, 3], BGR.

        Raises:
            UsageError: where it cannot be read any more.
        """
        image = read_photo(self.content)
        if image is None:
            raise UsageError(f"The picture {self.name} cannot be read any more: is its folder still there?")
        return image


def share_of(person: str) -> float:
    """Where a person stands in 0 … 1, the same for ever: the test begins at 0, then comes the validation."""
    digest = hashlib.sha256(person.lower().encode()).digest()  # crc32 puts names that are alike side by side
    return int.from_bytes(digest[:6], "big") / 2**48


def parts_of(faces: Sequence[UnmaskFace]) -> dict[str, list[UnmaskFace]]:
    """The faces of each of PARTS, in their order; nobody is in two of them.

    With so few people that a part would be empty, the next people in the order of `share_of` fill it.

    Raises:
        UsageError: with fewer than three people.
    """
    people = sorted({face.person.lower() for face in faces}, key=lambda one: (share_of(one), one))
    if len(people) < len(PARTS):
        raise UsageError(
            f"Only {len(people)} people or pictures were found, but training, validation and test need one "
            "each: give --data more pictures."
        )
    test = max(1, sum(share_of(one) < TEST_SHARE for one in people))
    test = min(test, len(people) - 2)
    known = max(test + 1, sum(share_of(one) < TEST_SHARE + VALIDATION_SHARE for one in people))
    known = min(known, len(people) - 1)
    part = {
        one: "test" if i < test else "validation" if i < known else "train" for i, one in enumerate(people)
    }
    found: dict[str, list[UnmaskFace]] = {name: [] for name in PARTS}
    for face in faces:
        found[part[face.person.lower()]].append(face)
    return found


def find_faces(
    places: Sequence[Path],
    cache: Path,
    workers: int = 0,
    progress: Progress = lambda _what, _done, _total: None,
    make_finder: Callable[[], Finder] = find_by_mesh,
) -> list[UnmaskFace]:
    """All faces of some folders, each picture's largest.

    A folder with `<name>.tar` and `<name>_landmarks.npz` is taken as archives of crops, one with
    `img_align_celeba` as CelebA (with `identity_CelebA.txt` beside it or in `Anno`, where there is one), any
    other as photographs; those named `person/person_0001.jpg` (LFW) are of that person.

    Args:
        places: the folders.
        cache: folder in which landmarks are kept that had to be looked for.
        workers: processes that look for landmarks.
        progress: told what is being done, how much of it is done, and how much there is.
        make_finder: of landmarks.

    Raises:
        UsageError: where a folder is missing or holds no faces.
    """
    faces: list[UnmaskFace] = []
    for place in places:
        if not place.is_dir():
            raise UsageError(f"There is no folder {place}: give --data folders that exist.")
        tables = [
            file
            for file in sorted(place.glob(f"*{TABLE_ENDING}"))
            if file.with_name(file.name.removesuffix(TABLE_ENDING) + ".tar").is_file()
        ]
        if tables:
            found = [face for table in tables for face in _archived(table)]
        else:

            def tell(done: int, total: int, place: Path = place) -> None:
                progress(f"Landmarks of {place.name}", done, total)

            found = _photographed(place, cache, workers, tell, make_finder)
        if not found:
            raise UsageError(
                f"No faces were found in {place}: give --data folders with photographs of faces."
            )
        faces += found
    return faces


def _archived(table_file: Path) -> list[UnmaskFace]:
    archive = table_file.with_name(table_file.name.removesuffix(TABLE_ENDING) + ".tar")
    with np.load(table_file, allow_pickle=False) as table:
        names, landmarks = table["names"].tolist(), table["landmarks"].astype(np.float32)
        boxes = table["valid_box"].tolist() if "valid_box" in table else None
        colour = table["colour"].tolist() if "colour" in table else None
    points = np.rint(landmarks[:, :468, :2] * PARTS_OF_A_PIXEL).astype(np.int16)
    rows = {name: number for number, name in enumerate(names)}
    faces = []
    with tarfile.open(archive) as tar:
        for member in tar:
            name = Path(member.name).name
            stream = tar.extractfile(member) if member.isfile() and name in rows else None
            if stream is None:
                continue
            row, content = rows[name], stream.read()
            is_colour = has_colour(content) if colour is None else bool(colour[row])
            box = None if boxes is None else tuple(boxes[row])
            faces.append(
                UnmaskFace(
                    f"{archive.stem}/{name}", person_of(name), content, points[row].copy(), box, is_colour
                )
            )
    return faces


def has_colour(content: bytes | Image) -> bool:
    """Whether a picture (or the content of its file) has colour; False also where it is no picture."""
    image = read_photo(content) if isinstance(content, bytes) else content
    if image is None:
        return False
    return int(np.abs(image[..., 0].astype(np.int16) - image[..., 2]).max()) >= GREY_SPREAD


def _photographed(
    place: Path,
    cache: Path,
    workers: int,
    progress: Callable[[int, int], None],
    make_finder: Callable[[], Finder],
) -> list[UnmaskFace]:
    celeba = place if place.name == CELEBA else place / CELEBA
    is_celeba = celeba.is_dir()
    root = celeba if is_celeba else place
    written = cache.resolve().parent  # pictures that a training wrote are no photographs to learn from
    is_within = root.resolve() in written.parents
    paths = sorted(
        path
        for path in root.rglob("*")
        if path.suffix.lower() in ENDINGS and not (is_within and written in path.resolve().parents)
    )
    identities = _identities(root) if is_celeba else {}
    files = {f"{path.relative_to(root).as_posix()}:{path.stat().st_size}": path for path in paths}
    folder = cache / f"{root.name}_{zlib.crc32(str(root.resolve()).encode()):08x}"
    faces = []
    contents: dict[str, bytes | Path] = {**files}
    for key, points in landmarks_of(contents, folder, workers, progress, make_finder).items():
        path = files[key]
        name = path.relative_to(root).as_posix()
        person = identities.get(path.name) or _named_person(path) or f"{root.name}/{name}"
        faces.append(UnmaskFace(name, person, path, points))
    return faces


def _named_person(path: Path) -> str:
    """The person of LFW's person/person_0001.jpg; empty for files of other names."""
    return path.parent.name if re.fullmatch(re.escape(path.parent.name) + r"_\d+", path.stem) else ""


def _identities(root: Path) -> dict[str, str]:
    """Who is in which of CelebA's pictures, where the file that says so is there."""
    for file in (root / IDENTITIES, root.parent / IDENTITIES, root.parent / "Anno" / IDENTITIES):
        if not file.is_file():
            continue
        lines = [line.split() for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
        if any(len(line) != 2 for line in lines):
            raise UsageError(f"{file} must hold a picture and a number in each line, as CelebA's does.")
        return {picture: f"celeba_{number}" for picture, number in lines}
    return {}
