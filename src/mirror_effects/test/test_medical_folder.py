"""Masks on a folder of photographs: what is written, what is kept, what is said."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_effects.medical.folder import MANIFEST, FolderJob, Result, mask_folder, read_landmarks
from mirror_effects.testing import painted, room, wearer


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    """Three pictures of one face, one of them in a sub-folder, whose landmarks are known."""
    folder = tmp_path / "photographs"
    (folder / "more").mkdir(parents=True)
    face = wearer((160.0, 120.0), 150.0)
    image = painted(room(size=(320, 240)), [face])
    for name in ("a.png", "b.png", "more/a.png"):
        cv2.imwrite(str(folder / name), image)
    return folder


def known(photographs: Path) -> dict[str, Any]:
    face = wearer((160.0, 120.0), 150.0)
    return {path.relative_to(photographs).as_posix(): face.landmarks for path in photographs.rglob("*.png")}


def job(photographs: Path, **values: Any) -> FolderJob:
    return FolderJob(photographs, photographs.parent / "out", landmarks=known(photographs), **values)


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / MANIFEST).read_text().splitlines()]


def test_pictures_alphas_and_manifest_are_written(photographs: Path) -> None:
    summary = mask_folder(job(photographs, alpha=True, kind="kn95", seed=4))
    out = photographs.parent / "out"
    assert (summary.made, summary.kept, summary.problems, summary.kinds) == (3, 0, [], {"kn95": 3})
    before = cv2.imread(str(photographs / "more/a.png"))
    after = cv2.imread(str(out / "more/a.png"))
    alpha = cv2.imread(str(out / "more/a.alpha.png"), cv2.IMREAD_UNCHANGED)
    assert alpha.shape == before.shape[:2]
    assert alpha.max() == 255
    assert (after[alpha == 0] == before[alpha == 0]).all()
    assert (after != before).any()
    written = lines(out)
    assert [line["source"] for line in written] == ["a.png", "b.png", "more/a.png"]
    assert written[2] | {"seed": 0, "options": {}} == {
        "source": "more/a.png",
        "picture": "more/a.png",
        "alpha": "more/a.alpha.png",
        "face": 0,
        "kind": "kn95",
        "seed": 0,
        "options": {},
    }
    assert written[2]["options"]["seed"] == written[2]["seed"]
    assert len({line["seed"] for line in written}) == 3


def test_what_exists_is_kept_and_the_rest_is_made(photographs: Path) -> None:
    mask_folder(job(photographs))
    out = photographs.parent / "out"
    first = {path.name: path.read_bytes() for path in out.glob("*.png")}
    stamp = (out / "a.png").stat().st_mtime_ns
    (out / "b.png").unlink()
    seen: list[tuple[Result, int, int]] = []
    summary = mask_folder(job(photographs), progress=lambda *step: seen.append(step))
    assert (summary.made, summary.kept) == (1, 2)
    assert [(done, total) for _, done, total in seen] == [(1, 3), (2, 3), (3, 3)]
    assert (out / "a.png").stat().st_mtime_ns == stamp
    assert (out / "b.png").read_bytes() == first["b.png"]
    assert len(lines(out)) == 3


def test_a_picture_without_its_line_in_the_manifest_is_made_again(photographs: Path) -> None:
    mask_folder(job(photographs))
    out = photographs.parent / "out"
    text = (out / MANIFEST).read_text().splitlines()
    (out / MANIFEST).write_text(text[0] + "\n" + text[1][:40])  # killed while it wrote
    summary = mask_folder(job(photographs))
    assert (summary.made, summary.kept) == (2, 1)
    assert [line["source"] for line in lines(out)] == ["a.png", "b.png", "more/a.png"]


def test_alphas_that_are_missing_are_made(photographs: Path) -> None:
    mask_folder(job(photographs))
    assert mask_folder(job(photographs, alpha=True)).made == 3
    assert mask_folder(job(photographs, alpha=True)).made == 0


def test_overwrite_makes_all_anew(photographs: Path) -> None:
    mask_folder(job(photographs))
    out = photographs.parent / "out"
    before = (out / "a.png").read_bytes()
    assert mask_folder(job(photographs, seed=1, overwrite=True)).made == 3
    assert (out / "a.png").read_bytes() != before
    assert len(lines(out)) == 3


def test_several_processes_make_the_same(photographs: Path) -> None:
    mask_folder(job(photographs))
    out = photographs.parent / "out"
    alone = {path: path.read_bytes() for path in sorted(out.rglob("*.*"))}
    mask_folder(job(photographs, overwrite=True), processes=2)
    assert {path: path.read_bytes() for path in sorted(out.rglob("*.*"))} == alone


def test_a_picture_without_a_face_or_torn_is_one_sentence(photographs: Path) -> None:
    wanted = job(photographs)
    cv2.imwrite(str(photographs / "wall.png"), room())
    (photographs / "torn.jpg").write_bytes(b"no picture")
    summary = mask_folder(wanted)
    assert summary.made == 3
    assert sorted(summary.problems) == [
        "torn.jpg: This is no picture that can be read; JPEG, PNG and WebP are allowed.",
        "wall.png: no face was found in it.",
    ]


def test_sources_that_differ_in_their_ending_alone_keep_apart(photographs: Path) -> None:
    image = cv2.imread(str(photographs / "a.png"))
    cv2.imwrite(str(photographs / "a.bmp"), image)
    landmarks = {**known(photographs), "a.bmp": known(photographs)["a.png"]}
    mask_folder(FolderJob(photographs, photographs.parent / "out", landmarks=landmarks))
    pictures = {line["source"]: line["picture"] for line in lines(photographs.parent / "out")}
    assert pictures["a.bmp"] == "a.png"
    assert pictures["a.png"] == "a.png.png"


def test_an_output_folder_among_the_photographs_is_not_masked_again(photographs: Path) -> None:
    inside = FolderJob(photographs, photographs / "out", landmarks=known(photographs))
    assert mask_folder(inside).made == 3
    assert mask_folder(inside).kept == 3


def test_what_cannot_be_done_is_refused(photographs: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no folder .*none\."):
        FolderJob(tmp_path / "none", tmp_path / "out")
    with pytest.raises(UsageError, match="--out must not be --images"):
        FolderJob(photographs, photographs)
    with pytest.raises(UsageError, match="kind = veil is refused"):
        FolderJob(photographs, tmp_path / "out", kind="veil")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="empty holds no pictures"):
        mask_folder(FolderJob(tmp_path / "empty", tmp_path / "out"))
    (tmp_path / "file").touch()
    with pytest.raises(UsageError, match="file cannot be written to: "):
        mask_folder(FolderJob(photographs, tmp_path / "file"))


def test_known_landmarks_are_read_and_wrong_ones_refused(tmp_path: Path) -> None:
    points = np.zeros((2, 468, 2), np.float16)
    np.savez(tmp_path / "good.npz", names=np.array(["a.png", "b/c.png"]), landmarks=points)
    read = read_landmarks(tmp_path / "good.npz")
    assert set(read) == {"a.png", "b/c.png"}
    assert read["a.png"].dtype == np.float32
    np.savez(tmp_path / "short.npz", names=np.array(["a.png"]), landmarks=points[:, :68])
    with pytest.raises(
        UsageError, match=r"short\.npz must be \[1, 468 or more, 2 or more\] .* not \[2, 68, 2\]"
    ):
        read_landmarks(tmp_path / "short.npz")
    (tmp_path / "torn.npz").write_text("no file")
    with pytest.raises(UsageError, match=r"an \.npz file with names and landmarks is needed"):
        read_landmarks(tmp_path / "torn.npz")
