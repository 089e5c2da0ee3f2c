"""The page, asked by another host: closed by default, and open to who was paired once it is switched on."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from http import HTTPStatus
from typing import Any

import pytest

from mirror.bench.two_hosts import two_hosts
from mirror_core.errors import MirrorError

SERVE = """
import sys
from mirror_core.errors import MirrorError
from mirror_web.parameters import WebParameters
from mirror_web.server import PageServer
from mirror_web.stream import FrameBroadcaster
from mirror_web.testing import FakeControl
server = PageServer(WebParameters(host=sys.argv[1], port=8080), FrameBroadcaster(), FakeControl())
server.start()
server.wait_ready(60)
try:
    print("link", server.context.access.invite())
except MirrorError as refusal:
    print("link none", refusal)
sys.stdin.read()  # until the test is over
server.stop()
"""
ASK = """
import sys
from http.client import HTTPConnection
from urllib.parse import urlsplit
host, link = sys.argv[1:]
def ask(method, path, body=None, **headers):
    connection = HTTPConnection(host, 8080, timeout=20)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        answer.read()
        print(method, path, answer.status)
        return answer.headers.get("Set-Cookie", "").partition(";")[0]
    except OSError as error:
        print(method, path, type(error).__name__)
        return ""
ask("GET", "/healthz")
ask("GET", "/healthz", **{"X-Forwarded-For": "127.0.0.1", "Host": "127.0.0.1:8080"})
parts = urlsplit(link)
cookie = ask("POST", "/pair", parts.query, Origin=f"http://{parts.netloc}", Host=parts.netloc)
ask("GET", "/healthz", Cookie=cookie)
"""


@pytest.fixture(scope="module")
def hosts() -> Iterator[Any]:
    try:
        with two_hosts() as both:
            yield both
    except MirrorError as error:
        pytest.skip(str(error))


@pytest.fixture
def serve(hosts: Any, tmp_path: Any) -> Iterator[Callable[[str], str]]:
    """`serve(host)`: a page on the near host; returns its link, or why it has none."""
    running: list[subprocess.Popen[str]] = []

    def start(host: str) -> str:
        environment = {**os.environ, "XDG_STATE_HOME": str(tmp_path)}
        page = subprocess.Popen(
            [*hosts.near, sys.executable, "-u", "-c", SERVE, host],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        running.append(page)
        assert page.stdout is not None
        line = page.stdout.readline()
        while line and not line.startswith("link "):
            line = page.stdout.readline()
        return line.removeprefix("link ").strip()

    yield start
    for page in running:
        page.communicate(timeout=60)
        assert page.returncode == 0


def asked(host: tuple[str, ...], address: str, link: str) -> list[str]:
    done = subprocess.run(
        [*host, sys.executable, "-c", ASK, address, link],
        capture_output=True,
        text=True,
        timeout=90,
        check=True,
    )
    return [line.rpartition(" ")[2] for line in done.stdout.splitlines()]


def test_by_default_another_host_cannot_even_connect(hosts, serve):
    assert serve("127.0.0.1").startswith("none Remote access is off")
    assert (
        asked(hosts.far, "10.213.7.1", "http://127.0.0.1:8080/pair?code=x") == ["ConnectionRefusedError"] * 4
    )


def test_switched_on_it_opens_to_another_host_that_was_paired_and_to_nobody_else(hosts, serve):
    link = serve("0.0.0.0")
    assert link.startswith("http://10.213.7.1:8080/pair?code=")  # the address that the other host reaches
    unpaired, welcome = str(HTTPStatus.UNAUTHORIZED.value), str(HTTPStatus.OK.value)
    assert asked(hosts.far, "10.213.7.1", link) == [unpaired, unpaired, "303", welcome]
    assert asked(hosts.far, "10.213.7.1", link) == [unpaired, unpaired, "403", unpaired]
    assert asked(hosts.near, "127.0.0.1", link)[0] == welcome
