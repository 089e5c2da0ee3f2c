"""Picture stores: bytes by key, in a folder, in S3, or wherever fsspec reaches."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest

from mirror_core.errors import StoreError, UsageError
from mirror_core.store.objects import FolderObjects, RemoteObjects
from mirror_gallery.store.pictures import Pictures, open_pictures


@pytest.fixture(params=["folder", "s3", "memory"])
def pictures(request: pytest.FixtureRequest, tmp_path: Path) -> Pictures:
    if request.param == "folder":
        return open_pictures(str(tmp_path / "a" / "b"))
    if request.param == "s3":
        return open_pictures(request.getfixturevalue("s3_url"))
    return open_pictures(f"memory://{uuid4().hex}")


def test_bytes_are_kept_replaced_and_removed(pictures: Pictures) -> None:
    assert pictures.read("a.mirrorface") is None
    pictures.delete("a.mirrorface")  # nothing to remove
    pictures.write("a.mirrorface", b"one" * 100_000)
    pictures.write("b.mirrorface", b"")
    assert pictures.read("a.mirrorface") == b"one" * 100_000
    assert pictures.read("b.mirrorface") == b""
    pictures.write("a.mirrorface", b"two")
    assert pictures.read("a.mirrorface") == b"two"
    pictures.delete("a.mirrorface")
    pictures.delete("a.mirrorface")
    assert pictures.read("a.mirrorface") is None
    assert pictures.read("b.mirrorface") == b""


def test_what_another_program_wrote_is_seen(s3_url: str) -> None:
    one, other = open_pictures(s3_url), open_pictures(s3_url)
    assert one.read("a") is None  # not remembered
    other.write("a", b"x")
    assert one.read("a") == b"x"
    other.delete("a")
    assert one.read("a") is None


def test_large_pictures_are_one_object_and_never_parts(
    s3_url: str, s3_keys: Callable[[str], list[str]]
) -> None:
    store = open_pictures(s3_url)
    large = bytes(range(256)) * (12 * 2**12)  # 12 MiB, above S3's smallest part
    store.write("a", large)
    assert store.read("a") == large
    assert s3_keys(s3_url) == ["some/prefix/a"]


def test_credentials_come_from_the_usual_variables(
    s3_url: str, s3_server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", s3_server)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "hidden")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    bare = open_pictures(s3_url.partition("?")[0])
    bare.write("a", b"x")
    assert open_pictures(s3_url).read("a") == b"x"


def test_a_folder_holds_whole_files_only(tmp_path: Path) -> None:
    store = FolderObjects(tmp_path, "A picture")
    (tmp_path / "a.part").write_bytes(b"left by a power cut")
    assert store.read("a") is None
    store.write("a", b"whole")
    assert [path.name for path in tmp_path.iterdir()] == ["a"]
    (tmp_path / "a.part").write_bytes(b"left by another")
    store.delete("a")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["{0}", "file://{0}"])
def test_ways_to_write_a_folder(form: str, tmp_path: Path) -> None:
    store = open_pictures(form.format(tmp_path / "x"))
    store.write("a", b"x")
    assert (tmp_path / "x" / "a").read_bytes() == b"x"
    assert (tmp_path / "x" / "a").stat().st_mode & 0o777 == 0o600


def test_names_have_no_credentials(s3_url: str) -> None:
    store = open_pictures(s3_url)
    assert isinstance(store, RemoteObjects)
    assert store.name == s3_url.partition("?")[0]
    assert open_pictures("memory://me:hidden@host/path").name == "memory://host/path"


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("s3://", "must be s3://bucket/prefix"),
        ("s3://bucket?color=red", "not color"),
        ("s3://me:hidden@bucket/x", "must be s3://bucket/prefix"),
        ("nowhere://x/y", "nowhere://… is not understood"),
    ],
)
def test_urls_that_are_refused(url: str, why: str) -> None:
    with pytest.raises(UsageError, match=why) as caught:
        open_pictures(url)
    assert "hidden" not in str(caught.value)


def test_a_file_in_the_folder_s_place_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "x").write_bytes(b"")
    store = FolderObjects(tmp_path / "x", "A picture")
    with pytest.raises(StoreError, match=r"^A picture cannot be written to .*a part of the path is a file"):
        store.write("a", b"x")
    with pytest.raises(StoreError, match=r"^A picture cannot be read from "):
        store.read("a")
