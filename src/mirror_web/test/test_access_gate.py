"""From elsewhere only paired devices get in: the whole application, asked by peers at any address."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from mirror_web import access_devices
from mirror_web.access import PAIRINGS_FAILED, TOKENS_FAILED, Access, Served
from mirror_web.access_devices import DeviceStore
from mirror_web.access_gate import COOKIE, AccessGate
from mirror_web.guard import OriginGuard
from mirror_web.site import SITE

HOST = "192.0.2.7:8080"
PHONE, STRANGER, LOCAL = "192.0.2.50", "198.51.100.66", "127.0.0.1"
PATHS = (
    "/",
    "/effects",
    "/faces",
    "/mood",
    "/privacy",
    "/stream.mjpg",
    "/snapshot.jpg",
    "/healthz",
    "/assets/theme.css",
    "/mood/seconds.csv",
    "/no/such/thing",
    "/_nicegui_ws/socket.io/?EIO=4&transport=polling",
    "//",
    "/pair/",
    "/pair/../",
    "/PAIR",
)


@dataclass
class Answer:
    """What an application answered."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    accepted: bool = False

    @property
    def text(self) -> str:
        return self.body.decode()


async def asked(
    app: Callable[..., Any],
    path: str,
    *,
    peer: str | None = STRANGER,
    method: str = "GET",
    kind: str = "http",
    body: bytes = b"",
    headers: dict[str, str] | None = None,
) -> Answer:
    """Ask an ASGI application once, as uvicorn would."""
    path, _, query = path.partition("?")
    told = {"host": HOST, **(headers or {})}
    scope: dict[str, Any] = {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "scheme": "http" if kind == "http" else "ws",
        "method": method,
        "path": path,
        "raw_path": path.encode(),
        "query_string": query.encode(),
        "root_path": "",
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in told.items()],
        "client": None if peer is None else (peer, 50000),
        "server": ("192.0.2.7", 8080),
        "state": {},
        "extensions": {"websocket.http.response": {}},
    }
    if kind == "websocket":
        del scope["method"]
        scope["subprotocols"] = []
    begin = {"type": "websocket.connect"} if kind == "websocket" else {"type": "http.request", "body": body}
    waiting = [begin]
    answer = Answer()
    ended = asyncio.Event()

    async def receive() -> dict[str, Any]:
        if waiting:
            return waiting.pop()
        await ended.wait()
        return {"type": "websocket.disconnect" if kind == "websocket" else "http.disconnect", "code": 1000}

    async def send(message: dict[str, Any]) -> None:
        name = message["type"]
        if name.endswith("response.start"):
            answer.status = message["status"]
            for header, value in message["headers"]:
                answer.headers[header.decode().lower()] = value.decode("latin-1")
        elif name.endswith("response.body"):
            answer.body += message.get("body", b"")
            if answer.headers.get("content-type", "").startswith("multipart"):
                ended.set()  # a stream has begun; that is enough
        elif name == "websocket.accept":
            answer.accepted = True
            ended.set()
        elif name == "websocket.close":
            ended.set()

    await asyncio.wait_for(app(scope, receive, send), 30)
    return answer


@dataclass
class Door:
    """The application of a page that is served to the network."""

    access: Access

    def ask(self, path: str, **more: Any) -> Answer:
        async def work() -> Answer:
            return await asked(await SITE.application(), path, **more)

        return asyncio.run_coroutine_threadsafe(work(), SITE._loop).result(60)

    def pair(self, peer: str = PHONE) -> dict[str, str]:
        """Pair a device; returns its Cookie header."""
        code = self.access.invite().partition("code=")[2]
        answer = self.post(code, peer)
        assert (answer.status, answer.headers["location"]) == (303, "/")
        return {"cookie": answer.headers["set-cookie"].partition(";")[0]}

    def post(self, code: str, peer: str = PHONE, **more: str) -> Answer:
        headers = {"origin": f"http://{HOST}", **more}
        return self.ask("/pair", method="POST", body=f"code={code}".encode(), peer=peer, headers=headers)


@pytest.fixture(scope="module")
def page(served_once: Any) -> Any:
    return served_once


@pytest.fixture
def door(page: Any, tmp_path: Any) -> Iterator[Door]:
    """A page whose socket is on loopback, with peers from everywhere."""
    access = page.server.context.access
    before = dict(vars(access))
    vars(access).update(vars(Access(DeviceStore(tmp_path / "devices.json"))))
    access.serve(Served("192.0.2.7", 8080))
    yield Door(access)
    vars(access).update(before)


# ---- strangers


@pytest.mark.parametrize("path", PATHS)
def test_a_stranger_gets_nothing_whatever_is_asked_for(door, path):
    answer = door.ask(path)
    assert answer.status == 401
    assert answer.text == (
        "This page opens on paired devices only. Choose “Connect a phone” on the mirror, or on a device "
        "that is paired, and scan the code."
    )


@pytest.mark.parametrize("method", ["HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"])
def test_a_stranger_may_do_nothing_either(door, method):
    answer = door.ask("/upload/ticket", method=method, body=b"x", headers={"origin": f"http://{HOST}"})
    assert answer.status == 401
    assert (answer.body == b"") == (method == "HEAD")


def test_a_strangers_websocket_is_turned_away(door):
    path = "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    headers = {"origin": f"http://{HOST}", "connection": "Upgrade", "upgrade": "websocket"}
    answer = door.ask(path, kind="websocket", headers=headers)
    assert (answer.status, answer.accepted) == (401, False)
    answer = door.ask(path, kind="websocket", headers={**headers, **door.pair()})
    assert answer.accepted


def test_a_peer_without_an_address_is_a_stranger(door):
    assert door.ask("/healthz", peer=None).status == 401


def test_a_person_reads_why_in_their_language(door):
    answer = door.ask("/", headers={"accept": "text/html,*/*", "accept-language": "de"})
    assert answer.status == 401 and answer.headers["content-type"] == "text/html; charset=utf-8"
    assert '<html lang="de">' in answer.text and "Dieses Gerät ist nicht verbunden" in answer.text


@pytest.mark.parametrize(
    "headers",
    [
        {"x-forwarded-for": LOCAL},
        {"forwarded": "for=127.0.0.1"},
        {"x-real-ip": "::1"},
        {"x-forwarded-for": "127.0.0.1", "x-forwarded-host": "localhost", "x-forwarded-proto": "https"},
    ],
)
def test_nobody_becomes_local_by_saying_so(door, headers):
    assert door.ask("/healthz", headers=headers).status == 401
    # Neither does who comes through a proxy on this machine.
    assert door.ask("/healthz", peer=LOCAL, headers=headers).status == 401


# ---- this machine


@pytest.mark.parametrize("peer", [LOCAL, "::1", "::ffff:127.0.0.1"])
def test_this_machine_needs_no_pairing(door, peer):
    assert door.ask("/healthz", peer=peer).status == 200


def test_this_machine_needs_it_too_where_visitors_can_use_it(door):
    door.access.served = Served("127.0.0.1", 8080, pair_local=True)
    assert door.ask("/healthz", peer=LOCAL).status == 401
    assert door.ask("/healthz", peer=LOCAL, headers=door.pair(LOCAL)).status == 200


# ---- pairing


def test_a_paired_device_gets_in_and_gets_a_cookie_that_scripts_cannot_read(door):
    code = door.access.invite().partition("code=")[2]
    answer = door.post(code, **{"user-agent": "Mozilla/5.0 (iPhone) Safari/604.1"})
    name, _, rest = answer.headers["set-cookie"].partition("=")
    token, *parts = rest.split("; ")
    assert name == COOKIE and len(token) == 43
    assert parts == ["Path=/", "Max-Age=34560000", "HttpOnly", "SameSite=Strict"]
    assert door.ask("/healthz", peer=PHONE, headers={"cookie": f"x=1; {COOKIE}={token}"}).status == 200
    # The device may come from another address: phones do.
    assert door.ask("/", peer=STRANGER, headers={"cookie": f"{COOKIE}={token}"}).status == 200
    assert [device.name for device in door.access.devices.devices()] == ["iPhone, Safari"]


def test_with_tls_the_cookie_never_travels_without(door):
    door.access.served = Served("192.0.2.7", 8080, "https")
    code = door.access.invite().partition("code=")[2]
    assert door.post(code).headers["set-cookie"].endswith("; SameSite=Strict; Secure")


def test_opening_a_link_uses_nothing_up_and_handing_the_code_in_does(door):
    path = "/pair" + door.access.invite().partition("/pair")[2]
    code = path.partition("code=")[2]
    for method in ("GET", "HEAD", "GET"):  # as messengers do for a preview
        answer = door.ask(
            path,
            method=method,
            peer=PHONE,
            headers={"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"},
        )
        assert answer.status == 200 and "set-cookie" not in answer.headers
    assert f'name="code" value="{code}"' in answer.text
    assert (
        answer.headers["referrer-policy"] == "same-origin" and answer.headers["cache-control"] == "no-store"
    )
    assert door.post(code).status == 303
    again = door.post(code)
    assert again.status == 403 and "used already or is too old" in again.text
    assert len(door.access.devices.devices()) == 1


def test_what_stands_in_a_link_cannot_become_part_of_the_page(door):
    answer = door.ask('/pair?code="><script>alert(1)</script>', peer=PHONE)
    assert answer.status == 200 and "<script>alert" not in answer.text
    nonce = re.search(r"'nonce-([^']+)'", answer.headers["content-security-policy"]).group(1)
    assert re.findall(r"<script[^>]*>", answer.text) == [f'<script nonce="{nonce}">']


@pytest.mark.parametrize("body", [b"", b"code=", b"code=" + b"a" * 5000, b"\xff\xfe=%zz", b"other=1"])
def test_a_form_without_a_good_code_is_refused(door, body):
    headers = {"origin": f"http://{HOST}"}
    assert door.ask("/pair", method="POST", body=body, headers=headers).status == 403


def test_another_site_cannot_hand_in_a_code(door):
    code = door.access.invite().partition("code=")[2]
    for origin in ("http://evil.example", "null"):
        assert door.post(code, origin=origin).status == 403
    assert door.post(code).status == 303


# ---- guessing


def test_who_guesses_codes_waits_and_others_do_not(door):
    most = PAIRINGS_FAILED[0]
    assert [door.post(f"guess{n}", STRANGER).status for n in range(most)] == [403] * most
    answer = door.post("guess", STRANGER)
    assert answer.status == 429 and 1 <= int(answer.headers["retry-after"]) <= 60
    assert f"try again in {answer.headers['retry-after']} seconds." in answer.text
    code = door.access.invite().partition("code=")[2]
    assert door.post(code, STRANGER).status == 429  # also with a good one, so that guessing tells nothing
    assert door.post(code, PHONE).status == 303


def test_who_guesses_tokens_waits_and_a_paired_device_at_the_same_address_does_not(door):
    cookie = door.pair()
    most = TOKENS_FAILED[0]
    guess = {"cookie": f"{COOKIE}=guess"}
    assert [door.ask("/healthz", headers=guess).status for _ in range(most)] == [401] * most
    answer = door.ask("/healthz", headers=guess)
    assert answer.status == 429 and "try again in" in answer.text
    assert door.ask("/healthz", headers=cookie).status == 200


def test_a_cookie_that_is_worth_nothing_is_taken_back(door):
    answer = door.ask("/", headers={"cookie": f"{COOKIE}=old"})
    assert answer.headers["set-cookie"] == f"{COOKIE}=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict"


@pytest.mark.parametrize(
    "cookie", [f"{COOKIE}=", f'{COOKIE}="', "a=b; ;;=", f"{COOKIE}=\xff\xfe", "=" * 5000]
)
def test_cookies_that_nobody_made_are_refused_quietly(door, cookie):
    assert door.ask("/healthz", headers={"cookie": cookie}).status == 401


# ---- leaving


def test_a_disconnected_device_is_out_at_once(door):
    cookie, other = door.pair(), door.pair()
    gone = door.access.devices.find(cookie["cookie"].partition("=")[2])
    door.access.revoke(gone.key)
    assert door.ask("/healthz", headers=cookie).status == 401
    assert door.ask("/healthz", headers=other).status == 200
    door.access.revoke_all()
    assert door.ask("/healthz", headers=other).status == 401


@pytest.mark.parametrize("kind", ["http", "websocket"])
@pytest.mark.parametrize("listens", [True, False])
def test_what_a_disconnected_device_has_open_ends(tmp_path, monkeypatch, kind, listens):
    monkeypatch.setattr("mirror_web.access_gate.FAREWELL_S", 0.05)
    access = Access(DeviceStore(tmp_path / "devices.json"))
    access.serve(Served("192.0.2.7", 8080))
    device, token = access.devices.add("phone")
    heard: list[str] = []

    async def endless(scope: Any, receive: Any, send: Any) -> None:
        if kind == "websocket":
            await send({"type": "websocket.accept"})
        await receive()
        access.revoke(device.key)
        while not heard or not listens:
            if listens:
                heard.append((await receive())["type"])
            else:
                await asyncio.sleep(10)

    async def work() -> None:
        gate = AccessGate(endless, lambda: access)
        waits = asyncio.Event()

        async def receive() -> dict[str, str]:
            if not waits.is_set():
                waits.set()
                return {"type": f"{kind}.connect"}
            await asyncio.sleep(60)
            return {"type": "never"}

        async def send(_: Any) -> None:
            pass

        scope = {
            "type": kind,
            "path": "/stream.mjpg",
            "client": (PHONE, 1),
            "headers": [(b"cookie", f"{COOKIE}={token}".encode())],
        }
        await asyncio.wait_for(gate(scope, receive, send), 30)

    asyncio.run(work())
    assert heard == ([f"{kind}.disconnect"] if listens else [])
    assert access._leavers == {}


def test_a_damaged_list_lets_nobody_in_from_elsewhere_and_says_no_more_than_that(door):
    cookie = door.pair()
    door.access.devices.path.write_text("{")
    answer = door.ask("/healthz", headers=cookie)
    assert answer.status == 503 and str(door.access.devices.path) not in answer.text
    assert door.ask("/healthz", peer=LOCAL).status == 200


def test_a_full_disk_locks_nobody_out(door, monkeypatch):
    cookie = door.pair()

    def full(*_: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(access_devices, "write_private", full)
    monkeypatch.setattr(access_devices, "SEEN_STEP", access_devices.SEEN_STEP * 0)
    assert door.ask("/healthz", headers=cookie).status == 200
    code = door.access.invite().partition("code=")[2]
    answer = door.post(code)
    assert answer.status == 503 and "No space left on device" in answer.text


# ---- other sites


@pytest.mark.parametrize(
    ("kind", "method", "headers"),
    [
        ("http", "POST", {"origin": "http://evil.example"}),
        ("http", "POST", {"origin": "null"}),
        ("http", "POST", {}),
        ("http", "POST", {"origin": f"http://{HOST}", "sec-fetch-site": "same-site"}),
        ("http", "GET", {"origin": "http://evil.example"}),
        ("websocket", "", {"origin": "http://evil.example"}),
        ("websocket", "", {"origin": "http://192.0.2.7:9999"}),
        ("websocket", "", {}),
    ],
)
def test_another_site_can_do_nothing_with_the_cookie_of_a_paired_phone(door, kind, method, headers):
    path = "/upload/x" if kind == "http" else "/_nicegui_ws/socket.io/?EIO=4&transport=websocket"
    answer = door.ask(path, kind=kind, method=method, headers={**door.pair(), **headers}, peer=PHONE)
    assert (answer.status, answer.accepted) == (403, False)


def test_no_answer_of_the_socket_allows_other_origins(door):
    path = "/_nicegui_ws/socket.io/?EIO=4&transport=polling"
    answer = door.ask(path, headers={**door.pair(), "origin": f"http://{HOST}"})
    assert answer.status != 403
    assert not any(name.startswith("access-control") for name in answer.headers)


def test_a_name_that_the_page_is_given_is_its_own():
    async def app(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def status(host: str) -> int:
        guard = OriginGuard(app, lambda: ("mirror.example.org",))
        return (await asked(guard, "/", headers={"host": host})).status

    assert asyncio.run(status("Mirror.Example.org:8080")) == 200
    assert asyncio.run(status("evil.example.org:8080")) == 403
