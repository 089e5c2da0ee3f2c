"""Message definitions for bags: ROS's common ones, and any other from the .msg file of its package."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

from ament_index_python.packages import PackageNotFoundError, get_package_share_directory
from rosbags.interfaces import Nodetype
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.store import Typestore

from mirror_core.errors import UsageError

__all__ = ["OWN_PACKAGES", "installed_types", "new_typestore", "register_definition", "register_type"]

OWN_PACKAGES = ("mirror_msgs", "tf2_msgs")  # the mirror's messages, and those that it brings along


def new_typestore(types: Iterable[str] = ()) -> Typestore:
    """A store that knows ROS's common messages and `types`, e.g. mirror_msgs/msg/FaceArray.

    Raises:
        UsageError: if one of `types` is not installed.
    """
    store = get_typestore(Stores.ROS2_JAZZY)
    for name in types:
        register_type(store, name)
    return store


def register_type(store: Typestore, name: str) -> None:
    """Let a store know a message type and all that it is made of, from their packages' .msg files.

    Raises:
        UsageError: if the type, or one that it names, is not installed.
    """
    if name in store.fielddefs:
        return
    found: dict[str, Any] = {}
    queue = [name]
    while queue:
        wanted = queue.pop()
        if wanted in found or wanted in store.fielddefs:
            continue
        found.update(get_types_from_msg(_definition_file(wanted).read_text("utf-8"), wanted))
        queue += _parts(found[wanted])
    store.register(found)


def register_definition(store: Typestore, name: str, definition: str) -> None:
    """Let a store know a type from the definition that a bag keeps; types that it knows stay as they are."""
    types = get_types_from_msg(definition, name)
    store.register({key: value for key, value in types.items() if key not in store.fielddefs})


@cache
def installed_types(package: str) -> tuple[str, ...]:
    """The message types of an installed package, sorted; none where it is not installed."""
    try:
        folder = Path(get_package_share_directory(package), "msg")
    except (PackageNotFoundError, OSError, ValueError):
        # OSError: no ROS environment is sourced; ValueError: no package has such a name, as in a damaged bag
        return ()
    return tuple(sorted(f"{package}/msg/{file.stem}" for file in folder.glob("*.msg")))


def _definition_file(name: str) -> Path:
    package, _, _ = name.partition("/")
    if name not in installed_types(package):
        raise UsageError(
            f"The message type {name} is not known here: build or install the package {package}, "
            "then source the workspace."
        )
    return Path(get_package_share_directory(package), "msg", f"{name.rpartition('/')[2]}.msg")


def _parts(definition: Any) -> list[str]:
    """The message types that a definition names."""
    _, fields = definition
    parts = []
    for _, (kind, details) in fields:
        if kind in (Nodetype.ARRAY, Nodetype.SEQUENCE):
            kind, details = details[0]  # noqa: PLW2901 - the element's
        if kind is Nodetype.NAME:
            parts.append(details)
    return parts
