"""The gallery node without the key of what it keeps: it says so, goes on, and loses nothing."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from mirror_core.store.keys import made_key
from mirror_gallery.consent import Consent, Scope
from mirror_gallery.cut_out import cut_out
from mirror_gallery.gallery import open_store
from mirror_gallery.gallery_node import GalleryNode
from mirror_gallery.portrait import Portrait
from mirror_gallery.testing import face_picture, posed_face
from mirror_msgs.srv import GetFace, ListFaces


def test_a_missing_key_is_told_and_nothing_is_lost(
    start_host: Callable[..., Any], spinner: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    key, face = made_key(), posed_face()
    monkeypatch.setenv("MIRROR_KEY", key.text)
    view = cut_out(face_picture([face]), face.landmarks)
    with open_store() as store:
        face_id = store.add(Portrait("", "Ada", (view,)), Consent(Scope.UNTIL_REVOKED))
    monkeypatch.delenv("MIRROR_KEY")
    node = start_host(GalleryNode, "gallery").node
    assert f"encrypted with the key {key.id}, but none is set" in node.health.condition("key")
    client = spinner.node("client")

    def ask(kind: Any, name: str, **fields: Any) -> Any:
        asked = client.create_client(kind, f"gallery/{name}")
        spinner.until(asked.service_is_ready, name)
        future = asked.call_async(kind.Request(**fields))
        spinner.until(future.done, f"the answer of {name}")
        return future.result()

    listed = [found for found in ask(ListFaces, "list", with_thumbnails=True).faces if not found.preset]
    assert [(found.name, len(found.thumbnail.data)) for found in listed] == [("Ada", 0)]
    answer = ask(GetFace, "get", id=face_id)
    assert not answer.success
    assert f"encrypted with the key {key.id}" in answer.message
    monkeypatch.setenv("MIRROR_KEY", key.text)
    with open_store() as store:
        assert store.get(face_id).name == "Ada"
