"""Connect a phone: the QR code that lets one device in, and the list of those that are in."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import datetime

import segno
from nicegui import ui

from mirror_core.errors import MirrorError
from mirror_web.access import Access
from mirror_web.access_devices import Device
from mirror_web.access_gate import current_device
from mirror_web.access_pairing import LIFETIME_S
from mirror_web.calendar_words import short_date_words
from mirror_web.catalogue import Texts
from mirror_web.controls import Alert, ask, button, sheet

__all__ = ["AccessPanel", "open_access_sheet", "qr_code_url"]

TURN_S = 1.0
QUIET_ZONE = 4  # modules of white around the code, which the standard (ISO/IEC 18004) asks for
TEXTS = Texts("access")


def qr_code_url(link: str) -> str:
    """A QR code as an address that holds its picture (SVG), so that no browser stores it."""
    code = segno.make(link, error="m", micro=False)
    return str(code.svg_data_uri(border=QUIET_ZONE, dark="#000", light="#fff"))


def moment_words(moment: datetime, now: datetime) -> str:
    """A time of today as "14:05", another day as "5 Mar 2027", in the machine's time zone."""
    here, today = moment.astimezone(), now.astimezone().date()
    return here.strftime("%H:%M") if here.date() == today else short_date_words(here.date())


def open_access_sheet(root: ui.element, access: Access) -> None:
    """Show the panel as a dialog, with a code at once.

    Args:
        root: where the dialog is made.
        access: who may come.
    """
    with sheet(root, TEXTS["connect"]):
        AccessPanel(access, at_once=True)


class AccessPanel:
    """The panel in the current NiceGUI slot: for this machine itself and for devices that are in.

    Args:
        access: who may come.
        at_once: whether there is a code without its being asked for.
    """

    def __init__(self, access: Access, *, at_once: bool = False) -> None:
        self._access = access
        self._until_s = float("-inf")
        self._told: tuple[Device, ...] | None = None
        self._own = _own_key()
        with ui.element("div").classes("m-access"):
            self._alert = Alert()
            self._news = ui.label().classes("m-access-news").props('role="status"')
            self._news.set_visibility(False)
            self._build_code()
            ui.label(TEXTS["devices"]).classes("m-question").props('role="heading" aria-level="3"')
            self._nobody = ui.label(TEXTS["nobody"]).classes("m-hint")
            self._list = ui.element("ul").classes("m-access-devices")
            self._all = button(TEXTS["disconnect_all"], self._disconnect_all, kind="danger")
        if not access.served.needs_pairing:
            self._invite.set_visibility(False)
            self._remote_off.set_visibility(True)
        elif at_once:
            self._show_code()
        ui.timer(0.0, self._turn, once=True)
        ui.timer(TURN_S, self._turn)

    def _build_code(self) -> None:
        self._remote_off = ui.label(TEXTS["remote_off"]).classes("m-hint")
        self._remote_off.set_visibility(False)
        with ui.element("div").classes("m-access-code") as self._code:
            ui.label(TEXTS["connect_hint"]).classes("m-hint")
            self._picture = ui.element("img").props('width="240" height="240"')
            self._picture.props["alt"] = TEXTS["code_label"]
            self._link = ui.label().classes("m-access-link")
            served = self._access.served
            if served.fingerprint:
                ui.label(TEXTS["encrypted_own"]).classes("m-hint")
                ui.label(served.fingerprint).classes("m-access-print")
            elif served.scheme == "http":
                ui.label(TEXTS["not_encrypted"]).classes("m-hint")
        self._code.set_visibility(False)
        self._invite = button(TEXTS["new_code"], self._show_code, icon="qr_code_2")

    # ---- what a person does

    def _show_code(self) -> None:
        self._say("")
        try:
            link = self._access.invite()
        except MirrorError as error:
            self._alert.show(str(error))
            return
        self._alert.show(None)
        self._picture.props["src"] = qr_code_url(link)
        self._link.set_text(link)
        self._code.set_visibility(True)
        self._until_s = time.monotonic() + LIFETIME_S

    async def _disconnect(self, device: Device) -> None:
        self._alert.show(await ask(self._access.revoke, device.key))
        await self._turn()

    async def _disconnect_all(self) -> None:
        self._hide_code()
        self._alert.show(await ask(self._access.revoke_all))
        await self._turn()

    # ---- what changes by itself

    async def _turn(self) -> None:
        if self._code.visible and time.monotonic() >= self._until_s:
            self._hide_code()
            self._say(TEXTS["code_old"])
        try:
            devices = await asyncio.to_thread(self._access.devices.devices)
        except MirrorError as error:
            self._alert.show(str(error))
            self._all.set_visibility(True)  # it begins a new list
            return
        if devices == self._told:
            return
        known = {device.key for device in self._told} if self._told is not None else None
        new = [device for device in devices if known is not None and device.key not in known]
        if new and self._code.visible:
            self._hide_code()
            self._say(TEXTS["connected"].format(name=new[0].name))
        self._told = devices
        self._show_devices(devices)

    def _hide_code(self) -> None:
        self._code.set_visibility(False)
        self._picture.props.pop("src", None)
        self._picture.update()
        self._link.set_text("")

    def _say(self, sentence: str) -> None:
        self._news.set_text(sentence)
        self._news.set_visibility(bool(sentence))

    def _show_devices(self, devices: Sequence[Device]) -> None:
        self._nobody.set_visibility(not devices)
        self._all.set_visibility(len(devices) > 1)
        self._list.clear()
        now = datetime.now().astimezone()
        with self._list:
            for device in devices:
                with ui.element("li").classes("m-access-device"):
                    with ui.element("div"):
                        own = f" ({TEXTS['this_device']})" if device.key == self._own else ""
                        ui.label(device.name + own).classes("m-access-name")
                        paired, seen = moment_words(device.paired, now), moment_words(device.seen, now)
                        ui.label(TEXTS["times"].format(paired=paired, seen=seen)).classes("m-hint")
                    label = TEXTS["disconnect_label"].format(name=device.name)
                    button(TEXTS["disconnect"], lambda device=device: self._disconnect(device), label=label)


def _own_key() -> str:
    """Which of the devices this browser is; empty on the machine itself."""
    request = ui.context.client.request
    device = current_device(request.scope) if request is not None else None
    return device.key if device is not None else ""
