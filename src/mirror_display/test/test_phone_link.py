"""The link for a phone: it ends by itself, is never printed, and its code is a QR code with quiet room."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from mirror_core.frame import Frame
from mirror_core.testing import FakeClock
from mirror_display.parameters import WindowParameters
from mirror_display.phone_link import LinkView, PhoneLink
from mirror_display.window import MirrorWindow

URL = "http://192.168.1.20:8080/pair?code=Zx8_dkeJ2jd8e9f0aQwErTyU"


def test_a_link_is_shown_as_long_as_it_is_good():
    link = PhoneLink()
    assert link.look(0.0) is None
    link.show(URL, 10.0, 100.0)
    assert link.look(10.0) == LinkView(URL, 1.0)
    assert link.look(60.0).left == 0.5
    assert link.look(110.0) is None and link._url == ""


def test_closing_forgets_it():
    link = PhoneLink()
    link.show(URL, 0.0, 100.0)
    link.close()
    assert link.look(1.0) is None and link._url == ""


def test_printing_it_does_not_tell_the_link():
    assert "pair" not in repr(LinkView(URL)) and "192" not in repr(LinkView(URL))


def test_the_code_has_four_modules_of_quiet_room_around():
    pytest.importorskip("segno")
    from mirror_display.link_panel import qr_modules

    modules = qr_modules(URL)
    assert modules.shape[0] == modules.shape[1]
    assert not modules[:4].any() and not modules[-4:].any() and not modules[:, :4].any()
    assert modules[4, 4:11].all()  # the upper edge of the finder in the corner


@pytest.mark.parametrize("size", [(1280, 720), (720, 1280)])
def test_a_phone_reads_the_link_from_the_window(monkeypatch, size):
    pytest.importorskip("segno")
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    window = MirrorWindow(WindowParameters(width=size[0], height=size[1]), clock=FakeClock())
    window.open()
    try:
        window.submit(Frame(np.full((720, 1280, 3), 140, np.uint8), 0))
        window.stage.show_link(URL, 300.0)
        window.step(0.0)
        assert cv2.QRCodeDetector().detectAndDecode(window.snapshot())[0] == URL
    finally:
        window.close()
