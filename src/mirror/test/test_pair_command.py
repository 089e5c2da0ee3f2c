"""`mirror pair` asks the running page for a link and prints it, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from typer.testing import CliRunner

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from std_srvs.srv import Trigger

from mirror import pair_command
from mirror.command import app
from mirror_core.errors import UsageError
from mirror_core.node import MirrorNode
from mirror_web.access import Access, Served
from mirror_web.access_devices import DeviceStore
from mirror_web.pairing_service import PairingService

PLACE = ["--ros-args", "-r", "__ns:=/hall"]


@pytest.fixture
def page(tmp_path: Any, start_host: Callable[..., Any]) -> Access:
    access = Access(DeviceStore(tmp_path / "devices.json"))

    class Page(MirrorNode):
        """The page's service, without the page."""

        NAME = "web"

        def open(self) -> None:
            self.at_close(PairingService(self, access).close)

    start_host(lambda: Page(cli_args=PLACE), "web")
    return access


def test_it_prints_a_link_that_lets_one_device_in(page):
    page.serve(Served("192.0.2.7", 8080))
    answer = CliRunner().invoke(app, ["pair", "--namespace", "hall"])
    assert answer.exit_code == 0, answer.output
    link = answer.output.strip()
    assert link.startswith("http://192.0.2.7:8080/pair?code=")
    code = link.partition("code=")[2]
    assert page.pair(code, "") is not None and page.pair(code, "") is None


def test_it_says_what_the_page_says_where_there_is_no_link(page):
    with pytest.raises(UsageError, match=r"^Remote access is off"):
        pair_command.pairing_link("/hall")


def test_it_says_that_no_mirror_runs(ros, monkeypatch):
    monkeypatch.setattr(pair_command, "FIND_S", 0.1)
    with pytest.raises(UsageError, match="No page runs in the namespace /nowhere"):
        pair_command.pairing_link("/nowhere")


def test_the_service_is_one_that_any_program_can_call(page, spinner):
    page.serve(Served("2001:db8::7", 8080))
    client = spinner.node("any", namespace="/hall").create_client(Trigger, "page/pair")
    spinner.until(client.service_is_ready, "the service")
    future = client.call_async(Trigger.Request())
    spinner.until(future.done, "the answer")
    assert future.result().success
    assert future.result().message.startswith("http://[2001:db8::7]:8080/pair?code=")
