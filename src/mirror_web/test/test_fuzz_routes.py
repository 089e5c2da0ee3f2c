"""Requests that no browser sends: each is answered, none with an error of ours, and the page lives on."""

from __future__ import annotations

import contextlib
import json
import re
import socket
from typing import Any
from urllib.parse import quote, urlencode

from hypothesis import given
from hypothesis import strategies as st

from mirror_core.errors import MirrorError, StoreError
from mirror_core.testing_fuzz import damaged, fuzz, json_values, odd_texts, promised
from mirror_web.effect_presets import EffectPreset, PresetStore, StackEntry
from mirror_web.mood_choice import MoodChoice
from mirror_web.site import SITE

ANSWER_S = 30.0
STREAM = "/stream.mjpg"  # never ends
UNAVAILABLE = 503  # said where what is asked for is not there now
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "BREW", "get")
TRAVERSALS = (
    *(
        "..%2f..%2fetc%2fpasswd",
        "....//....//etc/passwd",
        "..%5c..%5cwindows",
        "%2e%2e/%2e%2e/etc/passwd",
        "%00",
    ),
    *("/assets/../../../etc/passwd", "/assets/..%2f..%2fsite.py", "//etc/passwd", "/%ff%fe", "/?", "/#", "*"),
)
UNFINISHED = ("Content-Length", "Transfer-Encoding", "Expect", "Upgrade")  # the server waits for more
UNFINISHED_S = 0.3
HEADERS = (
    *(
        "Content-Length",
        "Transfer-Encoding",
        "Range",
        "If-Modified-Since",
        "If-None-Match",
        "Accept-Language",
    ),
    *(
        "Accept-Encoding",
        "Cookie",
        "Authorization",
        "Origin",
        "Referer",
        "X-Forwarded-For",
        "X-Forwarded-Host",
    ),
    *("Upgrade", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "Content-Type", "Expect", "Sec-Fetch-Site"),
)
ODD_VALUES = (
    *(
        "",
        "-1",
        "999999999999999999999",
        "bytes=0-",
        "bytes=9-1",
        "chunked",
        "websocket",
        "100-continue",
        "x" * 3000,
    ),
    *(
        "de;q=nan, ../en",
        "en-" + "a" * 500,
        "application/json",
        "multipart/form-data",
        "http://evil.example",
        "\xff",
    ),
    *("Thu, 99 Foo 9999 99:99:99 GMT", '"', "Basic !!!!", "a=b; c=\x7f", "cross-site"),
)


def paths(routes: tuple[str, ...]) -> st.SearchStrategy[str]:
    """The page's own addresses with odd parts in them, and odd ones."""
    word = odd_texts().map(lambda text: quote(text.encode("utf-8", "surrogatepass"), safe="./%"))
    part = st.one_of(st.sampled_from(TRAVERSALS), word)

    def filled(path: str, parts: list[str]) -> str:
        rest = iter(parts)
        return re.sub(r"\{[^}]*\}", lambda _: next(rest, "x"), path)

    own = st.builds(filled, st.sampled_from(routes), st.lists(part, min_size=3, max_size=3))
    query = st.dictionaries(
        st.sampled_from(
            ("zone", "span", "end", "whose", "points", "person", "mirror", "language", "v", "id", "")
        ),
        odd_texts() | st.integers(-(2**70), 2**70).map(str),
        max_size=4,
    ).map(lambda values: urlencode(values, errors="surrogatepass") if values else "")
    return st.builds(
        lambda path, end, asked: f"{path}{end}{'?' + asked if asked else ''}",
        st.one_of(own, part.map(lambda text: f"/{text}")),
        st.sampled_from(("", "", "", "/", "/x", "%2f..")),
        query,
    )


def asked(port: int, request: bytes, patience_s: float = ANSWER_S) -> tuple[int, bytes]:
    """(status, body) of the answer to the bytes of a request; (0, b"") where the server only hung up."""
    with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_S) as connection:
        answer = b""
        with contextlib.suppress(OSError):  # the server may hang up on what it does not understand
            connection.sendall(request)
            connection.settimeout(patience_s)
            while part := connection.recv(65536):
                answer += part
    status = re.match(rb"HTTP/1\.[01] (\d{3})", answer)
    return (int(status[1]) if status else 0), answer.partition(b"\r\n\r\n")[2]


def known_paths() -> tuple[str, ...]:
    """The addresses of all routes of the page, once it is built."""
    application: Any = SITE._application
    while not hasattr(application, "routes"):  # inside what guards it
        application = getattr(application, "app", None) or application._app
    found = {str(getattr(route, "path", "")) for route in application.routes}
    return tuple(sorted(path for path in found if path.startswith("/") and path != STREAM))


@fuzz(60, share=0.5)
@given(data=st.data())
def test_no_request_is_answered_with_an_error_of_ours(served, data: st.DataObject) -> None:
    served.server.wait_ready(ANSWER_S)
    path = data.draw(paths(known_paths()))
    if STREAM in path:
        return
    method = data.draw(st.sampled_from(("GET", *METHODS)))
    named = data.draw(st.lists(st.tuples(st.sampled_from(HEADERS), st.sampled_from(ODD_VALUES)), max_size=3))
    body = data.draw(st.binary(max_size=200))
    lines = [f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{served.server.port}", "Connection: close"]
    lines += [f"{name}: {value}" for name, value in named]
    if body and not any(name in ("Content-Length", "Transfer-Encoding") for name, _ in named):
        lines.append(f"Content-Length: {len(body)}")
    request = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n" + body
    with promised("HTTP request"):
        is_whole = not any(name in UNFINISHED for name, _ in named)
        status, answer = asked(served.server.port, request, ANSWER_S if is_whole else UNFINISHED_S)
        assert status < 500 or status == UNAVAILABLE, (request, answer[:500])
        assert b"Traceback" not in answer
        assert b"root:x:0:0" not in answer


def test_the_page_lives_on_after_requests_that_are_none(served) -> None:
    served.server.wait_ready(ANSWER_S)
    for request in (
        *(
            b"",
            b"\x00" * 100,
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
            b"GET",
            b"GET / HTTP/9.9\r\n\r\n",
        ),
        *(
            b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\n\r\n",
            b"POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\nabc",
        ),
        b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        + b"".join(b"X-%d: y\r\n" % n for n in range(3000))
        + b"\r\n",
    ):
        status, _ = asked(served.server.port, request, UNFINISHED_S)
        assert status < 500
    status, body = asked(
        served.server.port,
        b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:%d\r\nConnection: close\r\n\r\n" % served.server.port,
    )
    assert status == 200
    assert b'"ok":true' in body


@fuzz(80)
@given(
    query=st.dictionaries(
        st.sampled_from(("span", "end", "whose", "points", "mirror", "mirrors", "people", "before", "scale")),
        odd_texts() | st.integers(-(2**70), 2**70).map(str) | st.floats().map(str),
        max_size=5,
    )
)
def test_a_mood_pages_address_is_understood_or_left_out(query: dict[str, str]) -> None:
    with promised("query of the Mood page", MirrorError):
        MoodChoice.of_query(query)


PRESETS = json.dumps(
    {"version": 1, "presets": [{"name": "a", "stack": [{"effect": "mask", "parameters": {"strength": 0.5}}]}]}
)


@fuzz(60)
@given(
    content=st.one_of(
        damaged(PRESETS.encode()),
        json_values().map(
            lambda value: json.dumps({"version": 1, "presets": value}).encode("utf-8", "surrogatepass")
        ),
        st.builds(
            lambda name, stack: json.dumps(
                {"version": 1, "presets": [{"name": name, "stack": stack}]}
            ).encode("utf-8", "surrogatepass"),
            json_values(),
            json_values(),
        ),
        st.sampled_from((b"[" * 5000, b"", b"null", b"\xff")),
    )
)
def test_presets_are_refused_or_read_and_never_lost(tmp_path_factory, content: bytes) -> None:
    file = tmp_path_factory.mktemp("presets") / "presets.json"
    file.write_bytes(content)
    store = PresetStore(file)
    with promised("presets of the Effects page", StoreError):
        store.presets()
    with promised("presets of the Effects page", StoreError):
        kept = store.presets()
        store.save(EffectPreset("new", (StackEntry("mask", {}),)))
        assert {preset.name for preset in store.presets()} == {*(preset.name for preset in kept), "new"}
        return
    assert file.read_bytes() == content  # what cannot be read is not written over
