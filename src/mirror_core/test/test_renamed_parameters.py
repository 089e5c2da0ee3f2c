"""Parameters that had other names in earlier releases: old parameter files go on working, with a warning."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from mirror_core.errors import ParameterError
from mirror_core.parameters import parameter, present_names


@dataclass(frozen=True)
class Lamp:
    """Two of its parameters were renamed, one of them twice."""

    brightness: float = parameter(1.0, "How bright.", minimum=0.0, formerly=("light", "glow"))
    colour: str = parameter("white", "Which.", formerly=("color",))
    on: bool = parameter(True, "Whether.")


@pytest.mark.parametrize("old", ["light", "glow"])
def test_a_former_name_is_taken_for_the_present_one(old: str) -> None:
    values, warnings = present_names(Lamp, {old: 0.5, "on": False}, "lamp.")
    assert values == {"brightness": 0.5, "on": False}
    assert warnings == [
        f"The parameter lamp.{old} is called lamp.brightness now; write it so in the parameter file."
    ]


def test_where_both_stand_the_present_name_counts() -> None:
    values, warnings = present_names(Lamp, {"color": "red", "colour": "blue"})
    assert values == {"colour": "blue"}
    assert warnings == ["The parameter color is called colour now; the value of the new name counts."]


def test_present_names_need_no_warning_and_unknown_ones_stay_for_their_error() -> None:
    assert present_names(Lamp(), {"colour": "red", "size": 3}) == ({"colour": "red", "size": 3}, [])


def test_a_node_takes_an_old_parameter_file_and_says_so(
    start_host: Callable[..., Any], tmp_path: Path
) -> None:
    from mirror_core.node import MirrorNode

    class LampNode(MirrorNode):
        NAME = "lamp"
        CONFIG = Lamp

        def extra_configs(self) -> dict[str, Any]:
            return {"shade.": Lamp()}

    file = tmp_path / "old.yaml"
    file.write_text("/**/lamp: {ros__parameters: {light: 0.25, shade.color: red}}")
    node = start_host(lambda: LampNode(cli_args=["--ros-args", "--params-file", str(file)])).node
    assert node.config.brightness == 0.25
    assert node._parameter_groups.configs["shade."].colour == "red"
    assert node.get_parameter("brightness").value == 0.25
    assert not node.has_parameter("light")
    assert sorted(node._parameter_groups.renamed) == [
        "The parameter light is called brightness now; write it so in the parameter file.",
        "The parameter shade.color is called shade.colour now; write it so in the parameter file.",
    ]


def test_a_former_name_s_value_is_checked_like_any_other(start_host: Callable[..., Any], ros: Any) -> None:
    from mirror_core.node import MirrorNode

    class LampNode(MirrorNode):
        NAME = "lamp"
        CONFIG = Lamp

    with pytest.raises(ParameterError, match=r"brightness = -1\.0 is refused"):
        LampNode(cli_args=["--ros-args", "-p", "light:=-1.0"])
