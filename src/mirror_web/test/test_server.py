"""The page server on a loopback port: what it answers, where it listens, how it starts and stops."""

from __future__ import annotations

import json
import logging
import ssl
import subprocess
import sys
import time
from collections.abc import Callable
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection

import pytest

from mirror_core.errors import MirrorError, UsageError
from mirror_web.control import CameraState, Status
from mirror_web.parameters import WebParameters
from mirror_web.server import PageServer, bind_port
from mirror_web.stream import BOUNDARY, FrameBroadcaster
from mirror_web.testing import FakeControl


def get(server: PageServer, path: str, headers: dict[str, str] | None = None) -> tuple[int, str, bytes]:
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        return answer.status, answer.headers.get("Content-Type", ""), answer.read()
    finally:
        connection.close()


def wait_until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, "waited 30 s in vain"
        time.sleep(0.01)


def read_jpegs(answer: HTTPResponse, count: int) -> list[bytes]:
    head = b"--" + BOUNDARY + b"\r\nContent-Type: image/jpeg\r\n\r\n"
    assert answer.read(len(head)) == head
    jpegs: list[bytes] = []
    received = b""
    while len(jpegs) < count:
        received += answer.read1()
        *complete, received = received.split(b"\r\n" + head)
        jpegs += complete
    return jpegs


def test_the_live_page_is_served(served):
    status, kind, body = get(served.server, "/")
    page = body.decode()
    assert status == 200 and kind.startswith("text/html")
    assert "<title>Live · Mirror</title>" in page and "mirror-picture" in page
    assert 'href="/assets/theme.css"' in page.replace("\\", "")


@pytest.mark.parametrize("path", ["/assets/theme.css", "/assets/live.js", "/assets/mirror.svg"])
def test_the_pages_own_files_are_served(served, path):
    status, _, body = get(served.server, path)
    assert status == 200 and len(body) > 100


def test_the_stream_sends_changing_pictures_and_stops_encoding_when_the_client_goes(moving):
    assert moving.broadcaster.encoded == 0
    connection = HTTPConnection("127.0.0.1", moving.server.port, timeout=30)
    connection.request("GET", "/stream.mjpg")
    answer = connection.getresponse()
    assert answer.headers["Content-Type"] == f"multipart/x-mixed-replace; boundary={BOUNDARY.decode()}"
    jpegs = read_jpegs(answer, 5)
    assert len(set(jpegs)) == 5 and all(jpeg.startswith(b"\xff\xd8") for jpeg in jpegs)
    assert moving.broadcaster.watchers == 1
    answer.close()
    connection.close()
    wait_until(lambda: moving.broadcaster.watchers == 0)
    encoded = moving.broadcaster.encoded
    time.sleep(0.2)
    assert moving.broadcaster.encoded <= encoded + 1


def test_a_single_picture_is_a_jpeg(moving):
    status, kind, body = get(moving.server, "/snapshot.jpg")
    assert (status, kind) == (200, "image/jpeg") and body.startswith(b"\xff\xd8")


def test_health_says_how_the_mirror_is_doing(served):
    served.control.current = Status(CameraState.LOST, "Camera unplugged.", 0.0, None)
    status, _, body = get(served.server, "/healthz")
    assert status == 200
    assert json.loads(body) == {
        "ok": True,
        "camera": "lost",
        "detail": "Camera unplugged.",
        "fps": 0.0,
        "latency_ms": None,
        "watchers": 0,
        "encoded": 0,
    }


def test_health_says_when_the_mirror_does_not_answer(served, monkeypatch):
    def fail() -> Status:
        raise MirrorError("The graph is gone.")

    monkeypatch.setattr(served.control, "status", fail)
    status, _, body = get(served.server, "/healthz")
    assert status == 503 and json.loads(body)["detail"] == "The graph is gone."


def test_other_sites_get_no_picture(served):
    assert get(served.server, "/snapshot.jpg", {"Host": "evil.example"})[0] == 403
    assert get(served.server, "/stream.mjpg", {"Origin": "http://evil.example"})[0] == 403


def test_a_taken_port_is_passed_over_and_that_is_said():
    with bind_port("127.0.0.1", 0) as other:
        wish = other.getsockname()[1]
        server = PageServer(WebParameters(port=wish), FrameBroadcaster(), FakeControl())
        url = server.start()
        try:
            server.wait_ready(60)
            assert server.port > wish
            assert server.announcement == f"Port {wish} is taken, so the live page is at {url}"
            assert get(server, "/healthz")[0] == 200
        finally:
            server.stop()


def test_the_page_starts_and_stops_again_and_again():
    for _ in range(3):
        server = PageServer(WebParameters(port=0), FrameBroadcaster(), FakeControl())
        server.start()
        server.wait_ready(60)
        port = server.port
        assert get(server, "/")[0] == 200
        server.stop()
        bind_port("127.0.0.1", port).close()
        assert (server.port, server.url) == (0, "")


def test_a_server_comes_back_where_open_pages_look_for_it():
    with bind_port("127.0.0.1", 0) as other:
        server = PageServer(WebParameters(port=other.getsockname()[1]), FrameBroadcaster(), FakeControl())
        first = server.start()
        server.stop()
    second = server.start()
    server.stop()
    assert second == first


def test_stopping_ends_open_streams(moving):
    connection = HTTPConnection("127.0.0.1", moving.server.port, timeout=30)
    connection.request("GET", "/stream.mjpg")
    answer = connection.getresponse()
    read_jpegs(answer, 1)
    moving.server.stop()
    answer.read()  # comes back, because the stream has an end now
    connection.close()
    assert moving.broadcaster.watchers == 0


def test_stopping_at_once_after_starting_is_clean():
    server = PageServer(WebParameters(port=0), FrameBroadcaster(), FakeControl())
    server.start()
    server.stop()
    assert server.url == ""


def test_a_second_server_in_the_process_is_refused(served):
    second = PageServer(WebParameters(port=0), FrameBroadcaster(), FakeControl())
    with pytest.raises(MirrorError, match="already"):
        second.start()


def test_an_address_of_another_machine_is_refused_in_a_sentence():
    with pytest.raises(UsageError, match=r"192\.0\.2\.1"):
        bind_port("192.0.2.1", 8080)


def test_serving_to_the_network_is_said():
    server = PageServer(WebParameters(host="0.0.0.0", port=0), FrameBroadcaster(), FakeControl())
    server.start()
    try:
        assert (
            server.announcement
            == f"The live page, open to paired devices of the network, is at http://127.0.0.1:{server.port}"
        )
    finally:
        server.stop()


def test_the_page_is_encrypted_where_that_is_wished(tmp_path, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    server = PageServer(WebParameters(port=0, https=True), FrameBroadcaster(), FakeControl())
    url = server.start()
    try:
        server.wait_ready(60)
        assert url == f"https://127.0.0.1:{server.port}"
        trust = ssl.create_default_context(cafile=str(tmp_path / "mirror" / "page_tls" / "certificate.pem"))
        connection = HTTPSConnection("127.0.0.1", server.port, timeout=30, context=trust)
        connection.request("GET", "/healthz")
        answer = connection.getresponse()
        assert (answer.status, json.loads(answer.read())["ok"]) == (200, True)
        assert "Strict-Transport-Security" not in answer.headers  # it is a certificate that was made here
        assert connection.sock.getpeercert()["subject"] == ((("commonName", "Mirror"),),)
        connection.close()
        assert server.context.access.served.fingerprint.count(":") == 31
        with pytest.raises((OSError, HTTPException)):
            get(server, "/healthz")  # nothing is answered without encryption
    finally:
        server.stop()


def test_an_unfit_certificate_is_refused_and_the_next_start_is_free(tmp_path):
    settings = WebParameters(port=0, https=True, certificate="/none.pem", certificate_key="/none.key")
    server = PageServer(settings, FrameBroadcaster(), FakeControl())
    with pytest.raises(UsageError, match=r"certificate = /none\.pem"):
        server.start()
    again = PageServer(WebParameters(port=0), FrameBroadcaster(), FakeControl())
    again.start()
    again.stop()


def test_pairing_of_this_machines_browsers_is_switched_while_it_runs(served):
    assert get(served.server, "/healthz")[0] == 200
    served.server.update(WebParameters(port=0, pair_local=True))
    assert get(served.server, "/healthz")[0] == 401
    served.server.update(WebParameters(port=0))
    assert get(served.server, "/healthz")[0] == 200


def test_a_failing_server_is_logged(monkeypatch, caplog):
    async def fail(server: PageServer, *_: object) -> None:
        raise RuntimeError("no NiceGUI")

    monkeypatch.setattr(PageServer, "_serve", fail)
    server = PageServer(WebParameters(port=0), FrameBroadcaster(), FakeControl())
    with caplog.at_level(logging.ERROR):
        server.start()
        with pytest.raises(RuntimeError, match="no NiceGUI"):
            server.wait_ready(60)
    assert "The page server has stopped: no NiceGUI" in caplog.text
    with pytest.raises(RuntimeError, match="no NiceGUI"):
        server.stop()
    assert server.url == ""


def printed(code: str) -> str:
    """What a fresh process prints, with this one's paths."""
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path[:0] = {sys.path!r}; {code}"],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return done.stdout


def test_importing_the_server_does_not_wait_for_nicegui():
    code = "import sys, mirror_web.server; print('nicegui' in sys.modules, 'fastapi' in sys.modules)"
    assert printed(code).split() == ["False", "False"]


def test_the_page_does_not_lay_hold_of_what_other_threads_are_making():
    # Who lists all objects of a process owns, for a moment, the tuples that others are just filling.
    code = (
        "import gc; from mirror_web.site import SITE; seen = []; real = gc.get_objects;"
        "gc.get_objects = lambda *a, **k: (seen.append(a), real(*a, **k))[1];"
        "SITE.run(SITE.application()).result(50); print('scans', len(seen), flush=True)"
    )
    assert printed(code).split()[-2:] == ["scans", "0"]
