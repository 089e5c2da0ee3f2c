"""What people have set on the page, kept beyond a restart in one file that has the form of ROS parameters.

    /mirror/camera:
      ros__parameters:
        width: 640

Each node takes its own values when it starts (`kept_settings`). They go before a parameter file and behind
what stands on the node's command line. A value that is allowed no more is left out, and stays in the file.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

from mirror_core.errors import StoreError
from mirror_core.live_parameter import LiveValue
from mirror_core.store.places import state_folder
from mirror_core.store.private_file import write_private

__all__ = [
    "PARAMETER_FILE_VARIABLE",
    "SETTINGS_VARIABLE",
    "SettingsFile",
    "default_settings_file",
    "kept_settings",
    "named_on_command_line",
    "parameters_for",
]

SETTINGS_VARIABLE = "MIRROR_SETTINGS"  # path of the file; where it is not set, nothing is kept
PARAMETER_FILE_VARIABLE = "MIRROR_PARAMETER_FILE"  # what the mirror was started with
KEY = "ros__parameters"
HEAD = "# Set on the mirror's page; `mirror settings show` tells it, `mirror settings reset` undoes it.\n"
BROKEN = ".broken"  # ending of a file that was set aside


def default_settings_file() -> Path:
    """Where settings are kept unless `SETTINGS_VARIABLE` says otherwise."""
    chosen = os.environ.get(SETTINGS_VARIABLE, "")
    return Path(chosen) if chosen else state_folder() / "settings.yaml"


class SettingsFile:
    """Settings of all nodes, in a file that is replaced as a whole; calls come from any thread.

    Args:
        path: of the file, which need not exist.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()

    def nodes(self) -> dict[str, dict[str, LiveValue]]:
        """The values of each node by its full name, such as "/mirror/camera".

        Raises:
            StoreError: if the file is broken or cannot be read.
        """
        with self._lock:
            return self._read()

    def keep(self, node: str, values: Mapping[str, LiveValue]) -> None:
        """Keep values of a node, in place of earlier ones of the same names.

        Raises:
            StoreError: if the file is broken, or cannot be read or written.
        """
        with self._lock:
            content = self._read()
            content[node] = {**content.get(node, {}), **values}
            self._write(content)

    def forget(self, node: str = "", names: Sequence[str] = ()) -> None:
        """Keep no longer what these names of a node hold; without names all of the node, without node all.

        Raises:
            StoreError: as of `keep`.
        """
        with self._lock:
            content = self._read()
            if node and names:
                left = {name: value for name, value in content.get(node, {}).items() if name not in names}
                content[node] = left
            elif node:
                content.pop(node, None)
            else:
                content = {}
            self._write({node: values for node, values in content.items() if values})

    def set_aside(self) -> str:
        """Give a broken file another name, so that the mirror starts with its defaults and nothing is lost.

        Returns:
            One sentence about it; empty where there is no file, or it is whole.

        Raises:
            StoreError: if it can neither be read nor renamed.
        """
        with self._lock:
            try:
                self._read()
            except StoreError as error:
                if not isinstance(error.__cause__, (yaml.YAMLError, ValueError)):
                    raise
                return self._rename(str(error))
            return ""

    def _rename(self, why: str) -> str:
        names = (f"{self.path.name}{BROKEN}{number or ''}" for number in range(1000))
        target = next(path for name in names if not (path := self.path.with_name(name)).exists())
        try:
            self.path.rename(target)
        except OSError as error:
            raise StoreError(f"{why} It cannot be set aside: {error.strerror}.") from error
        return f"{why} It is set aside as {target}, and the mirror uses its defaults."

    def _read(self) -> dict[str, dict[str, LiveValue]]:
        try:
            content = yaml.safe_load(self.path.read_text(encoding="utf-8"))
            return {str(node): dict(_values(section)) for node, section in (content or {}).items()}
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise StoreError(f"The settings {self.path} cannot be read: {error.strerror}.") from error
        except (yaml.YAMLError, ValueError, AttributeError) as error:
            cause = error if not isinstance(error, AttributeError) else ValueError(str(error))
            raise StoreError(f"The settings {self.path} are damaged.") from cause

    def _write(self, content: Mapping[str, Mapping[str, LiveValue]]) -> None:
        plain = {
            node: {KEY: {name: list(v) if isinstance(v, tuple) else v for name, v in sorted(values.items())}}
            for node, values in sorted(content.items())
        }
        text = HEAD + (yaml.safe_dump(plain, allow_unicode=True) if plain else "")
        try:
            write_private(self.path, text.encode())
        except OSError as error:
            raise StoreError(f"The settings {self.path} cannot be written: {error.strerror}.") from error


def _values(section: Any) -> Iterator[tuple[str, LiveValue]]:
    for name, value in section[KEY].items() if set(section) == {KEY} else _refuse(section):
        if isinstance(value, list) and all(isinstance(word, str) for word in value):
            yield str(name), tuple(value)
        elif isinstance(value, (bool, int, float, str)):
            yield str(name), value
        else:
            _refuse(value)


def _refuse(value: object) -> Any:
    raise ValueError(f"{value!r} is no parameter's value")


def kept_settings(node: str, given: Sequence[str] = ()) -> dict[str, LiveValue]:
    """What was kept for a node; empty where the mirror keeps no settings.

    Args:
        node: its full name.
        given: names that stand on the command line, whose values count more.

    Raises:
        StoreError: if the file is broken or cannot be read.
    """
    path = os.environ.get(SETTINGS_VARIABLE, "")
    found = SettingsFile(Path(path)).nodes().get(node, {}) if path else {}
    return {name: value for name, value in found.items() if name not in given}


def named_on_command_line(words: Sequence[str]) -> tuple[str, ...]:
    """The parameters that ROS's arguments set one by one (`-p name:=value`), without a node's name."""
    pairs = pairwise(words)
    assigned = (word.partition(":=")[0] for flag, word in pairs if flag in ("-p", "--param"))
    return tuple(name.rpartition(":")[2] for name in assigned)


def parameters_for(content: object, node: str) -> dict[str, Any]:
    """What a ROS parameter file says about a node, wildcards included; later sections count more.

    Args:
        content: of the file.
        node: full name.
    """
    found: dict[str, Any] = {}
    for pattern, values in _sections("", content):
        if re.fullmatch(pattern, node):
            found |= values
    return found


def _sections(prefix: str, content: object) -> Iterator[tuple[str, dict[str, Any]]]:
    """Regular expressions of node names with the values that stand under them."""
    if not isinstance(content, Mapping):
        return
    for key, value in content.items():
        if key == KEY and isinstance(value, Mapping):
            yield prefix, dict(value)
        else:
            tokens = [token for token in str(key).split("/") if token]
            yield from _sections(prefix + "".join(map(_token, tokens)), value)


def _token(token: str) -> str:
    return {"**": r"(?:/\w+)*", "*": r"/\w+"}.get(token, f"/{re.escape(token)}")
