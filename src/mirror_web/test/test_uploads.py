"""Files from a browser: awaited by ticket, limited in size and kind, never written to a disk."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any

import pytest

from mirror_core.errors import UsageError
from mirror_core.testing import FakeClock
from mirror_web.upload_kinds import FileKind, kind_of
from mirror_web.uploads import LARGEST_UPLOAD_MB, MOST_AT_ONCE, MOST_AWAITED, PATIENCE_S, Uploads

PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)


def post(served: Any, ticket: str, body: bytes, headers: dict[str, str] | None = None) -> tuple[int, dict]:
    connection = HTTPConnection("127.0.0.1", served.server.port, timeout=30)
    try:
        connection.request("POST", f"/upload/{ticket}", body, headers or {})
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


@pytest.fixture
def uploads(served):
    return served.server.context.uploads


def test_a_file_reaches_the_one_who_awaits_it_once(served, uploads):
    got: list[bytes] = []

    def take(data: bytes) -> dict[str, Any]:
        got.append(data)
        return {"size": len(data)}

    ticket = uploads.expect(take)
    content = PNG + bytes(range(256)) * 9000  # beyond the size at which form uploads go to a temporary file
    assert post(served, ticket, content) == (200, {"size": len(content)})
    assert got == [content]
    status, answer = post(served, ticket, b"again")
    assert status == 404 and "not awaited" in answer["error"]
    assert len(got) == 1


def test_a_file_that_nobody_awaits_is_refused(served):
    assert post(served, "no-such-ticket", b"x")[0] == 404


def test_a_refusal_is_answered_in_its_own_words(served, uploads):
    def refuse(_: bytes) -> dict[str, Any]:
        raise UsageError("This is no picture.")

    assert post(served, uploads.expect(refuse), PNG) == (400, {"error": "This is no picture."})


def test_an_empty_file_is_refused(served, uploads):
    status, answer = post(served, uploads.expect(lambda _: {}), b"")
    assert status == 400 and "empty" in answer["error"]


def test_a_file_that_says_it_is_too_large_is_refused_before_it_is_sent(served, uploads):
    size = LARGEST_UPLOAD_MB * 1_000_000 + 1
    connection = HTTPConnection("127.0.0.1", served.server.port, timeout=30)
    connection.putrequest("POST", f"/upload/{uploads.expect(lambda _: {})}")
    connection.putheader("Content-Length", str(size))
    connection.endheaders()
    answer = connection.getresponse()
    assert answer.status == 413
    assert f"{LARGEST_UPLOAD_MB} MB is the most" in json.loads(answer.read())["error"]
    connection.close()


def test_other_sites_can_send_no_file(served, uploads):
    ticket = uploads.expect(lambda _: {})
    connection = HTTPConnection("127.0.0.1", served.server.port, timeout=30)
    connection.request("POST", f"/upload/{ticket}", b"x", {"Origin": "http://evil.example"})
    assert connection.getresponse().status == 403
    connection.close()
    assert uploads.take(ticket) is not None


def test_a_ticket_is_good_for_a_while_and_old_ones_give_way():
    clock = FakeClock()
    uploads = Uploads(clock)
    first = uploads.expect(lambda _: {})
    clock.advance(PATIENCE_S + 1)
    assert uploads.take(first) is None
    tickets = [uploads.expect(lambda _: {}) for _ in range(MOST_AWAITED + 1)]
    assert uploads.take(tickets[0]) is None and uploads.take(tickets[1]) is not None


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01", FileKind.PICTURE),
        (PNG, FileKind.PICTURE),
        (b"RIFF\x24\x00\x00\x00WEBPVP8 ", FileKind.PICTURE),
        (b"PK\x03\x04\x14\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", FileKind.FACE),
        (b"\x00\x00\x00\x20ftypisom\x00\x00\x02\x00", FileKind.CLIP),
        (b"\x1a\x45\xdf\xa3\x01\x00\x00\x00\x00\x00\x00\x1f\x42\x86\x81\x01", FileKind.CLIP),
        (b"RIFF\x24\x00\x00\x00AVI LIST", FileKind.CLIP),
        (
            b"\x00\x00\x00\x1cftypheic\x00\x00\x00\x00",
            None,
        ),  # a phone's own pictures: browsers turn them into JPEG
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", None),
        (b'<svg xmlns="http', None),  # may hold scripts
        (b"MM\x00\x2a\x00\x00\x00\x08", None),
        (b"GIF89a\x01\x00\x01\x00\x00\x00\x00\x00\x00\x00", None),
        (b"\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00", None),
        (b"", None),
    ],
)
def test_a_kind_is_told_by_the_first_bytes(head, kind):
    assert kind_of(head) == kind


@pytest.mark.parametrize("content", [b"GIF89a" + bytes(100), b"x"])
def test_a_file_of_another_kind_never_reaches_the_one_who_awaits_it(served, uploads, content):
    got: list[bytes] = []

    def take(data: bytes) -> dict[str, Any]:
        got.append(data)
        return {}

    status, answer = post(served, uploads.expect(take), content)
    assert status == 415 and "a picture (JPEG, PNG or WebP), a .mirrorface file" in answer["error"]
    assert got == []


def test_who_awaits_a_clip_gets_no_picture(served, uploads):
    status, answer = post(served, uploads.expect(lambda _: {}, (FileKind.CLIP,)), PNG)
    assert status == 415 and answer["error"].endswith("a clip (MP4, MOV, WebM, MKV or AVI).")


def begin_upload(served: Any, uploads: Uploads, start: bytes) -> HTTPConnection:
    """An upload of unknown length, of which only the start has been sent."""
    connection = HTTPConnection("127.0.0.1", served.server.port, timeout=30)
    connection.putrequest("POST", f"/upload/{uploads.expect(lambda _: {})}")
    connection.putheader("Transfer-Encoding", "chunked")
    connection.endheaders()
    connection.send(f"{len(start):x}\r\n".encode() + start + b"\r\n")
    return connection


def test_a_wrong_file_is_refused_before_the_rest_has_come(served, uploads):
    connection = begin_upload(served, uploads, b"MZ" + bytes(30))
    assert connection.getresponse().status == 415
    connection.close()


def test_a_file_that_does_not_say_how_large_it_is_is_refused_where_the_limit_is_passed(served, uploads):
    connection = begin_upload(served, uploads, PNG + bytes(LARGEST_UPLOAD_MB * 1_000_000))
    answer = connection.getresponse()
    assert answer.status == 413 and answer.headers["Connection"] == "close"
    connection.close()


def test_only_so_many_files_are_received_at_once(served, uploads, eventually):
    waiting = [begin_upload(served, uploads, PNG) for _ in range(MOST_AT_ONCE)]
    eventually(lambda: uploads.receiving == MOST_AT_ONCE, "uploads that have begun")
    ticket = uploads.expect(lambda _: {"ok": True})
    status, answer = post(served, ticket, PNG)
    assert status == 503 and "try again" in answer["error"]
    for connection in waiting:
        connection.close()
    eventually(lambda: uploads.receiving == 0, "uploads that have ended")
    assert post(served, ticket, PNG) == (200, {"ok": True})
