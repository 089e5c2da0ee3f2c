"""`mirror top` and `mirror foxglove`: what a person may have mistyped."""

from __future__ import annotations

import pytest

pytest.importorskip("ament_index_python", reason="ROS 2 is not installed")

from typer.testing import CliRunner

from mirror.command import app
from mirror_core.errors import UsageError


@pytest.mark.parametrize("command", [("top", "--once"), ("foxglove",)])
@pytest.mark.parametrize("namespace", ["hall way", "1st", "a//b"])
def test_a_namespace_that_ros_does_not_allow_is_refused(command: tuple[str, ...], namespace: str) -> None:
    result = CliRunner().invoke(app, [*command, "--namespace", namespace])
    assert isinstance(result.exception, UsageError)
    assert str(result.exception).startswith(f"--namespace {namespace} is refused: allowed are letters")
