"""Checks a ROS parameter file before anything is started.

rcl's own complaint is several lines long, comes from every process, and a file without parameters gets none.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from mirror_core.errors import UsageError
from mirror_core.yaml_text import parse_yaml

__all__ = ["check_parameter_file"]

KEY = "ros__parameters"
EXAMPLE = "/**/camera: {ros__parameters: {width: 1280}}"


def check_parameter_file(file: Path) -> None:
    """Check that a file holds parameters; their names and values are the nodes' business.

    Args:
        file: an existing file.

    Raises:
        UsageError: if it cannot be read, is no YAML, or is not laid out as a ROS parameter file.
    """
    try:
        content = parse_yaml(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"config:={file} is refused: it cannot be read ({error.strerror}).") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"config:={file} is refused: it is no YAML (it is no text).") from error
    except UsageError as error:
        raise UsageError(f"config:={file} is refused: {error}.") from error
    if content is not None and not _is_laid_out(content):
        raise UsageError(f"config:={file} is refused: each node needs a section with {KEY}, e.g. {EXAMPLE}.")


def _is_laid_out(section: object) -> bool:
    """Whether a section is nodes (or namespaces with nodes) that hold `ros__parameters`."""
    if not isinstance(section, Mapping):
        return False
    return all(
        isinstance(value, Mapping)
        and bool(value)
        and (isinstance(value.get(KEY), Mapping) or (KEY not in value and _is_laid_out(value)))
        for value in section.values()
    )
