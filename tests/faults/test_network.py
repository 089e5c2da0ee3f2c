"""Names that no server knows: each store says so in one sentence, soon, and what can wait waits."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from mirror_core.errors import StoreError
from mirror_gallery.store import FaceStore
from mirror_gallery.store.pictures import open_pictures
from mirror_mood.log import writer as writer_module
from mirror_mood.log.store import MoodStore
from mirror_mood.log.writer import MoodWriter

DATABASE = "postgresql://me:hidden@mirror.invalid/faces"
BUCKET = (
    "s3://faces/some?endpoint=http://mirror.invalid:9&region=us-east-1&access_key_id=me"
    "&secret_access_key=hidden"
)


@pytest.fixture(autouse=True)
def no_dns(monkeypatch: pytest.MonkeyPatch) -> None:
    """A name server that does not answer: what looks a name up gets what the system then says."""

    def fails(host: Any, *_: Any, **__: Any) -> Any:
        if host in ("127.0.0.1", "localhost", None):
            return found(host, *_, **__)
        raise socket.gaierror(socket.EAI_AGAIN, "Temporary failure in name resolution")

    found = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", fails)


def check(sentence: str) -> None:
    assert "\n" not in sentence
    assert sentence.endswith(".")
    assert "hidden" not in sentence
    assert "mirror.invalid" in sentence


def test_the_gallery_says_which_database_cannot_be_reached(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be reached") as caught:
        FaceStore(DATABASE, str(tmp_path / "pictures"), mirror="here")
    check(str(caught.value))


def test_a_bucket_that_cannot_be_reached_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mirror_core.store.s3.ATTEMPTS", 1)
    pictures = open_pictures(BUCKET)
    with pytest.raises(StoreError, match="cannot be written to s3://faces/some") as caught:
        pictures.write("a" * 32, b"bytes")
    check(str(caught.value))


@pytest.fixture
def writer(monkeypatch: pytest.MonkeyPatch) -> Iterator[MoodWriter]:
    monkeypatch.setattr(writer_module, "FIRST_PAUSE_S", 0.02)
    monkeypatch.setattr(writer_module, "LONGEST_PAUSE_S", 0.05)
    writer = MoodWriter(lambda: MoodStore(DATABASE.replace("faces", "moods")), 100, 0.02)
    yield writer
    writer.close()


def test_the_mood_log_goes_on_trying(writer: MoodWriter, eventually: Any) -> None:
    eventually(lambda: writer.status.problem, "the report")
    check(writer.status.problem)
    assert "cannot be reached" in writer.status.problem
