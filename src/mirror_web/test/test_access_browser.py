"""Connecting a phone, in two browsers: one on the mirror, and one that comes from the network."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from mirror_web.access_panel import qr_code_url
from mirror_web.shell import pages

CHECKS = (Path(__file__).parent / "page_checks.js").read_text(encoding="utf-8")
PHONE = (390, 844)
MIRROR = (1280, 900)


@pytest.fixture
def browse(chromium: Any) -> Iterator[Callable[..., Any]]:
    """`browse(size)`: a page in a browser of its own, with what its console says in `page.said`."""
    contexts: list[Any] = []

    def opened(size: tuple[int, int], **more: Any) -> Any:
        contexts.append(chromium.new_context(viewport={"width": size[0], "height": size[1]}, **more))
        page = contexts[-1].new_page()
        page.set_default_timeout(60_000)
        page.said = []
        page.on("console", lambda message: page.said.append(f"{message.type}: {message.text}"))
        page.on("pageerror", lambda error: page.said.append(f"error: {error}"))
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.fixture
def served(served_to_all: Any) -> Any:
    served_to_all.server.context.access.revoke_all()
    return served_to_all


@pytest.fixture
def mirror(browse: Callable[..., Any], served: Any) -> Any:
    """The page as the mirror itself shows it, with the panel open."""
    page = browse(MIRROR)
    page.goto(served.url, wait_until="domcontentloaded")
    page.get_by_role("button", name="Connect a phone").click()
    page.get_by_role("dialog").get_by_role("img", name="QR code with the link for the phone").wait_for()
    return page


def link_in(page: Any) -> str:
    return str(page.locator(".m-access-link").inner_text())


def open_link(page: Any, link: str) -> None:
    page.goto(link, wait_until="domcontentloaded")
    page.get_by_role("heading", level=1, name="Live").wait_for()


def test_a_scanned_code_opens_the_page_and_is_worth_nothing_afterwards(mirror, browse, served):
    link = link_in(mirror)
    phone = browse(PHONE)
    assert phone.goto(link.partition("/pair")[0]).status == 401
    phone.get_by_text("This page opens on paired devices only.").wait_for()
    open_link(phone, link)
    phone.wait_for_selector("[data-effect=landmarks]")
    assert phone.url == link.partition("/pair")[0] + "/"
    phone.click("[data-effect=landmarks]")
    phone.wait_for_selector("[data-effect=landmarks][aria-pressed=true]")
    assert served.control.asked[-1] == ("landmarks",)
    assert phone.evaluate("document.cookie") == ""  # scripts do not see it
    # The mirror says so, and the used code is gone.
    mirror.get_by_role("status").filter(has_text="Linux, Chrome is connected now.").wait_for()
    assert not mirror.locator(".m-access-code").is_visible() and link_in(mirror) == ""
    other = browse(PHONE)
    other.goto(link)
    other.get_by_text("This link has been used already or is too old").wait_for()
    assert other.goto(link.partition("/pair")[0]).status == 401


def test_the_code_holds_the_link(mirror):
    link = link_in(mirror)
    picture = mirror.get_by_role("img", name="QR code with the link for the phone").screenshot()
    image = cv2.imdecode(np.frombuffer(picture, np.uint8), cv2.IMREAD_COLOR)
    # OpenCV's other reader misses one of a hundred links, as each is another picture.
    assert cv2.QRCodeDetectorAruco().detectAndDecode(image)[0] == link
    assert qr_code_url(link).startswith("data:image/svg+xml")


def test_a_phone_that_is_disconnected_is_out_at_once(mirror, browse, served, eventually):
    phone = browse(PHONE)
    open_link(phone, link_in(mirror))
    phone.wait_for_selector("[data-effect=landmarks]")
    eventually(lambda: served.broadcaster.watchers == 2, "the phone's picture")
    mirror.get_by_role("button", name="Disconnect Linux, Chrome").click()
    mirror.get_by_text("No device is connected.").wait_for()
    eventually(lambda: served.broadcaster.watchers == 1, "the end of the phone's picture")
    phone.get_by_role("heading", name="This device is not paired").wait_for()


def test_a_phone_knows_itself_in_the_list_and_may_connect_another(mirror, browse):
    phone, tablet = browse(PHONE), browse(MIRROR)
    open_link(phone, link_in(mirror))
    phone.get_by_role("button", name="Connect a phone").click()
    phone.get_by_text("Linux, Chrome (this device)").wait_for()
    open_link(tablet, link_in(phone))
    mirror.get_by_role("button", name="Disconnect all").click()
    for page in (phone, tablet):
        page.get_by_role("heading", name="This device is not paired").wait_for()


def test_a_link_in_a_page_of_another_site_leads_in(mirror, browse):
    # Its cookie is for this site's own navigations only, and following a link elsewhere is none.
    page = browse(PHONE)
    page.route(
        "http://other.example/",
        lambda route: route.fulfill(body=f'<a href="{link_in(mirror)}">go</a>', content_type="text/html"),
    )
    page.goto("http://other.example/")
    page.get_by_role("link", name="go").click()
    page.get_by_role("heading", level=1, name="Live").wait_for()


def test_the_panel_has_names_contrast_and_fits_a_phone(mirror, browse):
    phone = browse(PHONE, locale="de-DE")
    open_link_of = link_in(mirror)
    phone.goto(open_link_of, wait_until="domcontentloaded")
    phone.get_by_role("button", name="Telefon verbinden").click()
    phone.get_by_role("img", name="QR-Code mit dem Link für das Telefon").wait_for()
    for page in (mirror, phone):
        page.evaluate(CHECKS)
        assert page.evaluate("pageChecks.nameless()") == []
        assert page.evaluate("pageChecks.pale()") == []
    assert phone.evaluate("document.documentElement.scrollWidth") <= PHONE[0]


def test_no_page_breaks_the_content_security_policy(served, browse):
    page = browse(MIRROR)
    for entry in pages():
        page.goto(f"{served.url}{entry.path}", wait_until="domcontentloaded")
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_function("window.socket?.connected")
    assert [line for line in page.said if line.startswith(("error", "warning"))] == []


def test_a_script_that_was_smuggled_in_does_not_run(served, browse):
    page = browse(MIRROR)
    page.goto(served.url, wait_until="domcontentloaded")
    page.wait_for_function("window.socket?.connected")
    page.evaluate(
        """() => {
            document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='window.smuggled = 1'>");
            const script = document.createElement("script");
            document.body.append(Object.assign(script, { text: "window.smuggled = 2" }));
        }"""
    )
    page.wait_for_function("true")
    refused = [line for line in page.said if "Content Security Policy" in line]
    assert len(refused) >= 1 and page.evaluate("window.smuggled") is None


def handshake(host: str, port: int, cookie: str, origin: str) -> bytes:
    """The first line of the answer to a WebSocket's handshake."""
    request = (
        "GET /_nicegui_ws/socket.io/?EIO=4&transport=websocket HTTP/1.1\r\n"
        f"Host: {host}:{port}\r\nOrigin: {origin}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
        f"Cookie: {cookie}\r\n\r\n"
    )
    with socket.create_connection((host, port), timeout=60) as connection:
        connection.sendall(request.encode())
        return connection.recv(4096).partition(b"\r\n")[0]


def test_a_websocket_needs_the_cookie_and_the_pages_own_origin(served):
    access = served.server.context.access
    _, token = access.devices.add("phone")
    origin = access.served.origin()
    host, port = origin.removeprefix("http://").split(":")
    cookie = f"mirror_session={token}"
    assert handshake(host, int(port), "a=b", origin) == b"HTTP/1.1 401 Unauthorized"
    assert handshake(host, int(port), cookie, "http://evil.example") == b"HTTP/1.1 403 Forbidden"
    assert handshake(host, int(port), cookie, origin) == b"HTTP/1.1 101 Switching Protocols"
    access.revoke_all()
    assert handshake(host, int(port), cookie, origin) == b"HTTP/1.1 401 Unauthorized"


def test_a_damaged_list_is_said_and_begun_anew(served, browse):
    devices = served.server.context.access.devices
    devices.path.write_text("{")
    page = browse(MIRROR)
    page.goto(served.url, wait_until="domcontentloaded")
    page.get_by_role("button", name="Connect a phone").click()
    page.get_by_role("alert").filter(has_text="is damaged").wait_for()
    page.get_by_role("button", name="Disconnect all").click()
    page.get_by_role("alert").filter(has_text="is damaged").wait_for(state="hidden")
    assert json.loads(devices.path.read_text())["devices"] == []
