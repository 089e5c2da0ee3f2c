"""What node and command do with stored faces: lists with presets, files, and what is refused."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mirror_core.errors import UsageError
from mirror_gallery import gallery as gallery_module
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.cut_out import cut_out
from mirror_gallery.gallery import DATABASE_VARIABLE, PICTURES_VARIABLE, Gallery, open_store
from mirror_gallery.portrait import Portrait
from mirror_gallery.portrait_file import decode
from mirror_gallery.testing import face_picture, posed_face

KEEP = Consent(Scope.UNTIL_REVOKED)


def portrait(name: str, *yaws: float) -> Portrait:
    faces = [posed_face(yaw) for yaw in yaws or (0.0,)]
    return Portrait("", name, tuple(cut_out(face_picture([f]), f.landmarks) for f in faces))


@pytest.fixture
def gallery(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gallery]:
    presets = {"Average": portrait("Average")}
    monkeypatch.setattr(gallery_module, "preset_names", lambda: ("average", "other"))
    monkeypatch.setattr(
        gallery_module,
        "load_preset",
        lambda name: Portrait(
            f"preset:{name.removeprefix('preset:')}", "Average", presets["Average"].views, preset=True
        ),
    )
    gallery_module._preset_thumbnail.cache_clear()
    with open_store(str(tmp_path / "faces.sqlite"), str(tmp_path / "pictures")) as store:
        yield Gallery(store)
    gallery_module._preset_thumbnail.cache_clear()


def names(page: tuple[list[Any], int]) -> tuple[list[str], int]:
    return [face.id if face.entry is None else face.name for face in page[0]], page[1]


def test_a_list_has_people_first_then_presets(gallery: Gallery) -> None:
    for name in ("Bo", "Ada", "Zoe"):
        gallery.store.add(portrait(name, 0, 20), KEEP)
    assert names(gallery.listed()) == (["Ada", "Bo", "Zoe", "preset:average", "preset:other"], 5)
    assert names(gallery.listed(offset=1, limit=3)) == (["Bo", "Zoe", "preset:average"], 5)
    assert names(gallery.listed(offset=4, limit=3)) == (["preset:other"], 5)
    assert names(gallery.listed(offset=9)) == ([], 5)
    assert names(gallery.listed(limit=2)) == (["Ada", "Bo"], 5)
    assert names(gallery.listed("a")) == (["Ada", "preset:average"], 2)
    assert names(gallery.listed("OTHER")) == (["preset:other"], 1)


def test_thumbnails_come_only_where_they_are_asked_for(gallery: Gallery) -> None:
    gallery.store.add(portrait("Ada"), KEEP)
    assert [face.thumbnail for face in gallery.listed()[0]] == [b""] * 3
    with_pictures = gallery.listed(with_thumbnails=True)[0]
    assert all(face.thumbnail.startswith(b"\xff\xd8") for face in with_pictures)
    assert [face.views for face in with_pictures] == [1, 1, 1]


def test_a_photo_needs_a_name_and_a_face_file_has_one(
    gallery: Gallery, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[Any] = []

    def view(photograph: Any, points: Any) -> Any:
        seen.append(points)
        return portrait("x").views[0]

    monkeypatch.setattr(gallery_module, "read_photograph", lambda data: data)
    monkeypatch.setattr(gallery_module, "view_of_photograph", view)
    face_id = gallery.add(b"picture", "  Ada   L. ", KEEP, {1: (2.0, 3.0)})
    assert gallery.find(face_id).name == "Ada L."
    assert seen == [{1: (2.0, 3.0)}]
    with pytest.raises(UsageError, match="needs a name"):
        gallery.add(b"picture", " ", KEEP)
    copy = gallery.add(gallery.face_file(face_id), "", KEEP)
    assert gallery.find(copy).name == "Ada L."
    assert copy != face_id
    assert gallery.find(gallery.add(gallery.face_file(face_id), "Bo", KEEP)).name == "Bo"


def test_export_and_import_keep_every_pixel(gallery: Gallery, tmp_path: Path) -> None:
    face_id = gallery.store.add(portrait("Ada", 0, 20, -20), KEEP)
    file = tmp_path / "ada.mirrorface"
    gallery.export_file(face_id, file)
    with pytest.raises(UsageError, match=r"ada\.mirrorface exists already; choose another name"):
        gallery.export_file(face_id, file)
    other = gallery.import_file(file, "Again", Consent(Scope.UNTIL_REVOKED, others_may_wear=True))
    before, after = gallery.store.get(face_id), gallery.store.get(other)
    assert after.name == "Again"
    assert gallery.store.entry(other).consent.others_may_wear
    for one, two in zip(before.views, after.views, strict=True):
        assert np.array_equal(one.image, two.image)
        assert np.array_equal(one.landmarks, two.landmarks)
    with pytest.raises(UsageError, match="cannot be read: No such file"):
        gallery.import_file(tmp_path / "none", "", KEEP)
    with pytest.raises(UsageError, match="cannot be written"):
        gallery.export_file(face_id, tmp_path / "no" / "folder.mirrorface")


def test_presets_are_handed_out_but_not_changed(
    gallery: Gallery, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gallery_module, "FOLDER", tmp_path)
    (tmp_path / "average.mirrorface").write_bytes(b"as shipped")
    assert gallery.face_file("preset:average") == b"as shipped"
    assert gallery.find("preset:average").entry is None
    with pytest.raises(UsageError, match=r"preset:average ships with the program .* cannot be renamed"):
        gallery.rename("preset:average", "Mine")
    with pytest.raises(UsageError, match="cannot be erased"):
        gallery.erase("preset:average")


def test_renaming_and_erasing(gallery: Gallery) -> None:
    face_id = gallery.store.add(portrait("Ada"), KEEP)
    gallery.rename(face_id, "Bo")
    assert gallery.find(face_id).name == "Bo"
    assert decode(gallery.face_file(face_id)).portrait.name == "Bo"
    assert gallery.missing([face_id, "preset:average", "none"]) == ["none"]
    assert gallery.erase(face_id) == ("1 picture", "1 thumbnail", "name and consent")
    assert gallery.missing([face_id]) == [face_id]
    with pytest.raises(UsageError, match="no stored face"):
        gallery.erase(face_id)


def test_the_environment_names_the_store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(DATABASE_VARIABLE, str(tmp_path / "from_environment.sqlite"))
    monkeypatch.setenv(PICTURES_VARIABLE, str(tmp_path / "pictures"))
    with open_store() as store:
        store.add(portrait("Ada"), KEEP)
    assert (tmp_path / "from_environment.sqlite").is_file()
    assert len(list((tmp_path / "pictures").rglob("*.mirrorface"))) == 1
    with open_store(str(tmp_path / "other.sqlite"), str(tmp_path / "pictures2")) as store:
        assert store.entries()[1] == 0
