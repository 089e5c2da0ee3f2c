"""Files from a browser: awaited by ticket, limited in size, never written to a disk."""

from __future__ import annotations

import json
from http.client import HTTPConnection
from typing import Any

import pytest

from mirror_core.errors import UsageError
from mirror_core.testing import FakeClock
from mirror_web.uploads import LARGEST_UPLOAD_MB, MOST_AWAITED, PATIENCE_S, Uploads


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
    content = bytes(range(256)) * 9000  # beyond the size at which form uploads go to a temporary file
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

    assert post(served, uploads.expect(refuse), b"x") == (400, {"error": "This is no picture."})


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
