"""No pairing link, session or password of a store stands in topics, logs, parameters or reports."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from diagnostic_msgs.msg import DiagnosticArray
from rcl_interfaces.msg import Log, ParameterEvent
from rcl_interfaces.srv import GetParameters, ListParameters
from rclpy.serialization import serialize_message
from std_srvs.srv import Trigger

from mirror.discretion import Discretion
from mirror.fault_report import write_report
from mirror_gallery.gallery_node import GalleryNode
from mirror_web.access_address import network_addresses
from mirror_web.web_node import WebNode

PASSWORD = "hunter2-in-a-store"


class Listener:
    """Everything that the graph says on topics that people record, as bytes."""

    def __init__(self, spinner: Any) -> None:
        self.said = b""
        self.statuses: set[str] = set()
        self.node = spinner.node("listener")
        for kind, topic in (
            (DiagnosticArray, "/diagnostics"),
            (Log, "/rosout"),
            (ParameterEvent, "/parameter_events"),
        ):
            self.node.create_subscription(kind, topic, self._take, 100)
        self._spinner = spinner

    def _take(self, message: Any) -> None:
        if isinstance(message, DiagnosticArray):
            self.statuses |= {f"{status.name}: {status.message}" for status in message.status}
        self.said += serialize_message(message)

    def call(self, kind: Any, name: str, request: Any) -> Any:
        client = self.node.create_client(kind, name)
        self._spinner.until(client.service_is_ready, f"the service {name}")
        future = client.call_async(request)
        self._spinner.until(future.done, f"an answer of {name}")
        return future.result()

    def until(self, condition: Callable[[], Any], what: str) -> None:
        self._spinner.until(condition, what)

    def hear_of(self, node: str) -> None:
        """Wait for a node's next diagnostics, so that what has happened is in them."""
        self.statuses.clear()
        self.until(lambda: any(name.startswith(f"{node}:") for name in self.statuses), "diagnostics")

    def parameters(self, node: str) -> str:
        names = self.call(ListParameters, f"{node}/list_parameters", ListParameters.Request()).result.names
        return str(
            self.call(GetParameters, f"{node}/get_parameters", GetParameters.Request(names=names)).values
        )


def posted(link: str) -> str:
    """The cookie that a link is worth."""
    parts = urlsplit(link)
    connection = HTTPConnection(parts.hostname or "", parts.port, timeout=60)
    headers = {"Origin": f"{parts.scheme}://{parts.netloc}"}
    connection.request("POST", "/pair", parts.query, headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    assert answer.status == 303
    return str(answer.headers["Set-Cookie"]).partition(";")[0].partition("=")[2]


def get_here(link: str, path: str) -> None:
    """Ask for a path as this machine itself."""
    connection = HTTPConnection("127.0.0.1", urlsplit(link).port, timeout=60)
    connection.request("GET", path)
    connection.getresponse().read()
    connection.close()


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "logs"
    folder.mkdir()
    monkeypatch.setenv("ROS_LOG_DIR", str(folder))
    return folder


@pytest.fixture
def printed(capfd: Any, caplog: Any) -> Callable[[], str]:
    """`printed()`: what was said on the terminal and to Python's logging."""
    return lambda: "".join(capfd.readouterr()) + caplog.text


@pytest.fixture
def listener(spinner: Any) -> Listener:
    return Listener(spinner)


def test_a_link_goes_to_whoever_asks_and_stands_nowhere_else(
    start_host: Callable[..., Any], listener: Listener, logs: Path, printed: Callable[[], str]
) -> None:
    if not network_addresses():
        pytest.skip("this machine is in no network")
    start_host(lambda: WebNode(cli_args=["--ros-args", "-p", "host:=0.0.0.0", "-p", "port:=0"]), "web")
    answer = listener.call(Trigger, "page/pair", Trigger.Request())
    assert answer.success
    code = answer.message.partition("/pair?code=")[2]
    assert len(code) == 22
    get_here(answer.message, f"/pare?code={code}")  # typed wrongly: an address that nobody knows
    token = posted(answer.message)
    assert len(token) == 43
    listener.hear_of("web")
    report = logs.parent / "report.zip"
    write_report(report, [], hide=Discretion(), health={})
    with zipfile.ZipFile(report) as archive:
        kept = b"".join(archive.read(name) for name in archive.namelist())
    said = printed()
    written = b"".join(file.read_bytes() for file in logs.rglob("*") if file.is_file())
    state = b"".join(f.read_bytes() for f in Path(os.environ["XDG_STATE_HOME"]).rglob("*.json"))
    for secret in (code, token):
        assert secret.encode() not in listener.said
        assert secret not in listener.parameters("web")
        assert secret not in said
        for content in (kept, written, state):
            assert secret.encode() not in content
    assert "pare?code=***" in said


def test_a_page_for_this_machine_says_why_there_is_no_link(
    start_host: Callable[..., Any], listener: Listener
) -> None:
    start_host(lambda: WebNode(cli_args=["--ros-args", "-p", "port:=0"]), "web")
    answer = listener.call(Trigger, "page/pair", Trigger.Request())
    assert not answer.success and answer.message.startswith("Remote access is off: ")


@pytest.mark.parametrize(
    "url", ["postgresql://mirror:{}@127.0.0.1:1/faces", "postgresql://127.0.0.1:1/faces?password={}"]
)
def test_the_password_of_a_store_that_does_not_answer_is_said_nowhere(
    url: str,
    start_host: Callable[..., Any],
    listener: Listener,
    monkeypatch: pytest.MonkeyPatch,
    printed: Callable[[], str],
) -> None:
    monkeypatch.setenv("MIRROR_GALLERY_DATABASE", url.format(PASSWORD))
    host = start_host(GalleryNode, "gallery", wait=False)
    listener.until(lambda: host.last_error, "the failure")
    listener.until(lambda: host.restarts, "another try, after the first was logged")
    assert "cannot be reached" in host.last_error and PASSWORD not in host.last_error
    said = printed()
    assert "cannot be reached" in said and PASSWORD not in said
    assert PASSWORD.encode() not in listener.said
