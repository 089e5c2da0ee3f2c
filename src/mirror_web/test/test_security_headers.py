"""What every answer tells the browser."""

from __future__ import annotations

import asyncio
import re
from http.client import HTTPConnection
from typing import Any

import jinja2
import pytest

from mirror_web.security_headers import SecurityHeaders, content_security_policy, page_nonce, put_nonces_into


def headers_of(served: Any, path: str, method: str = "GET", **more: str) -> tuple[int, Any, str]:
    connection = HTTPConnection("127.0.0.1", served.server.port, timeout=30)
    try:
        connection.request(method, path, headers=more)
        answer = connection.getresponse()
        text = "" if path == "/stream.mjpg" else answer.read().decode("latin-1")
        return answer.status, answer.headers, text
    finally:
        connection.close()


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/", "GET", 200),
        ("/faces", "GET", 200),
        ("/healthz", "GET", 200),
        ("/stream.mjpg", "GET", 200),
        ("/assets/theme.css", "GET", 200),
        ("/no/such/page", "GET", 404),
        ("/healthz", "DELETE", 404),
        ("/upload/none", "POST", 404),
        ("/pair", "GET", 200),
        ("/pair", "POST", 403),
    ],
)
def test_every_answer_has_the_headers(served_once, path, method, status):
    got, headers, _ = headers_of(served_once, path, method)
    assert got == status
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "camera=()" in headers["Permissions-Policy"] and "geolocation=()" in headers["Permissions-Policy"]
    assert "Strict-Transport-Security" not in headers and "Server" not in headers
    assert (headers["Cache-Control"] == "no-store") == (not path.startswith("/assets/"))
    assert [headers.get_all(name) for name in ("Cache-Control", "Content-Security-Policy")] != [None, None]


def test_what_is_refused_has_them_too(served_once):
    status, headers, _ = headers_of(served_once, "/", Host="evil.example")
    assert status == 403 and headers["X-Frame-Options"] == "DENY"
    assert "evil.example" in headers["Content-Security-Policy"]  # for WebSockets of an answer without scripts


def test_a_failure_of_the_application_has_them_too():
    async def app(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 500, "headers": []})

    seen: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        seen.append(message)

    async def work(scheme: str, *, insists: bool) -> dict[bytes, bytes]:
        scope = {"type": "http", "path": "/", "scheme": scheme, "headers": [(b"host", b"mirror.local")]}
        await SecurityHeaders(app, lambda: insists)(scope, None, send)  # type: ignore[arg-type]
        return dict(seen.pop()["headers"])

    plain = asyncio.run(work("http", insists=True))
    assert plain[b"x-frame-options"] == b"DENY"
    assert b"strict-transport-security" not in plain and b"cross-origin-opener-policy" not in plain
    own = asyncio.run(work("https", insists=False))
    assert b"strict-transport-security" not in own and own[b"cross-origin-opener-policy"] == b"same-origin"
    assert asyncio.run(work("https", insists=True))[b"strict-transport-security"] == b"max-age=2592000"


def test_scripts_of_the_page_carry_the_nonce_of_their_answer(served_once):
    nonces = set()
    for _ in range(2):
        _, headers, page = headers_of(served_once, "/")
        nonce = re.search(r"'nonce-([^']+)'", headers["Content-Security-Policy"]).group(1)
        inline = [tag for tag in re.findall(r"<script[^>]*>", page) if "src=" not in tag]
        assert len(inline) >= 3 and all(f'nonce="{nonce}"' in tag for tag in inline)
        nonces.add(nonce)
    assert len(nonces) == 2


def test_the_policy_is_as_strict_as_the_pages_allow():
    policy = dict(part.split(" ", 1) for part in content_security_policy("n", "mirror.local:80").split("; "))
    assert policy["default-src"] == policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["script-src"] == "'self' 'nonce-n' 'unsafe-eval'"
    assert policy["connect-src"] == "'self' ws://mirror.local:80 wss://mirror.local:80"
    assert "*" not in "".join(policy.values()) and "http" not in "".join(policy.values())


@pytest.mark.parametrize("host", ["a; script-src *", "a b", "a,b", "", "a\nb", "x'y"])
def test_a_host_header_cannot_change_the_policy(host):
    assert content_security_policy("n", host) == content_security_policy("n", "")


def test_what_is_filled_into_a_template_gets_no_nonce():
    environment = jinja2.Environment(
        loader=jinja2.DictLoader({"page": "<script>own()</script>{{ name | safe }}"})
    )
    environment.get_template("page")  # is kept, and has to be read anew
    put_nonces_into(environment)
    made = environment.get_template("page").render(name="<script>theirs()</script>")
    assert made == '<script nonce="">own()</script><script>theirs()</script>'
    assert page_nonce() == ""
