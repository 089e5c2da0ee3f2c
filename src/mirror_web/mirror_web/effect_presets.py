"""Presets of the Effects page: a whole stack with all its parameters, kept under a name in one file."""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mirror_core.errors import StoreError, UsageError
from mirror_core.live_parameter import LiveValue
from mirror_core.store.places import state_folder
from mirror_core.store.private_file import write_private
from mirror_web.catalogue import Texts
from mirror_web.control import MirrorControl

__all__ = ["EffectPreset", "PresetStore", "StackEntry", "current_stack", "use_preset"]

VERSION = 1
LONGEST_NAME = 60  # characters
TEXTS = Texts("effects")


@dataclass(frozen=True, slots=True)
class StackEntry:
    """One effect of a stack with the values of its parameters."""

    effect: str
    parameters: Mapping[str, LiveValue]


@dataclass(frozen=True, slots=True)
class EffectPreset:
    """A stack under a name.

    Attributes:
        name: what people call it, up to 60 printable characters.
        stack: the effects in the order in which they are applied.
    """

    name: str
    stack: tuple[StackEntry, ...]

    def __post_init__(self) -> None:
        if not self.name or self.name != self.name.strip() or not self.name.isprintable():
            raise UsageError(TEXTS["name_missing"])
        if len(self.name) > LONGEST_NAME:
            raise UsageError(TEXTS["name_too_long"].format(limit=LONGEST_NAME))


class PresetStore:
    """All presets, in a JSON file that is replaced as a whole; calls come from any thread.

    Args:
        path: of the file, which need not exist; None: `presets.json` in the state folder.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._lock = threading.Lock()

    @property
    def path(self) -> Path:
        """Where the presets are kept."""
        return self._path or state_folder() / "presets.json"

    def revision(self) -> tuple[int, int]:
        """Another one says that the presets have changed, by whomever."""
        try:
            status = self.path.stat()
        except OSError:
            return (0, 0)
        return (status.st_mtime_ns, status.st_size)

    def presets(self) -> tuple[EffectPreset, ...]:
        """All presets by name.

        Raises:
            StoreError: if the file is damaged or cannot be read.
        """
        with self._lock:
            return self._read()

    def preset(self, name: str) -> EffectPreset:
        """The preset of this name.

        Raises:
            UsageError: if there is none.
            StoreError: as of `presets`.
        """
        found = {preset.name: preset for preset in self.presets()}
        if name not in found:
            raise UsageError(TEXTS["preset_gone"].format(name=name))
        return found[name]

    def save(self, preset: EffectPreset) -> None:
        """Keep a preset, in place of another one of the same name.

        Raises:
            StoreError: if the file is damaged or cannot be written.
        """
        with self._lock:
            others = [other for other in self._read() if other.name != preset.name]
            self._write([*others, preset])

    def rename(self, name: str, new_name: str) -> None:
        """Call a preset by another name.

        Raises:
            UsageError: if there is none of the one name, or one of the other already.
            StoreError: as of `save`.
        """
        with self._lock:
            found = {preset.name: preset for preset in self._read()}
            if name not in found:
                raise UsageError(TEXTS["preset_gone"].format(name=name))
            if new_name != name and new_name in found:
                raise UsageError(TEXTS["name_taken"].format(name=new_name))
            found[name] = replace(found[name], name=new_name)
            self._write(list(found.values()))

    def remove(self, name: str) -> None:
        """Forget a preset; one that is gone already is fine.

        Raises:
            StoreError: as of `save`.
        """
        with self._lock:
            self._write([preset for preset in self._read() if preset.name != name])

    def _read(self) -> tuple[EffectPreset, ...]:
        try:
            content = json.loads(self.path.read_text(encoding="utf-8"))
            if content["version"] != VERSION:
                raise ValueError(f"version {content['version']} is not {VERSION}")
            presets = tuple(_preset_of(entry) for entry in content["presets"])
        except FileNotFoundError:
            return ()
        except OSError as error:
            raise StoreError(TEXTS["unreadable"].format(path=self.path, error=error.strerror)) from error
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError, UsageError) as error:
            raise StoreError(TEXTS["damaged"].format(path=self.path)) from error
        return tuple(sorted(presets, key=lambda preset: preset.name.casefold()))

    def _write(self, presets: list[EffectPreset]) -> None:
        content = {"version": VERSION, "presets": [_content_of(preset) for preset in presets]}
        try:
            write_private(self.path, json.dumps(content, ensure_ascii=False, indent=1).encode())
        except OSError as error:
            sentence = TEXTS["unwritable"].format(path=self.path, error=error.strerror)
            raise StoreError(sentence) from error


def _content_of(preset: EffectPreset) -> dict[str, Any]:
    stack = [{"effect": entry.effect, "parameters": dict(entry.parameters)} for entry in preset.stack]
    return {"name": preset.name, "stack": stack}


def _preset_of(entry: Any) -> EffectPreset:
    stack = tuple(
        StackEntry(str(part["effect"]), {str(k): _value_of(v) for k, v in part["parameters"].items()})
        for part in entry["stack"]
    )
    return EffectPreset(str(entry["name"]), stack)


def _value_of(value: Any) -> LiveValue:
    if isinstance(value, list) and all(isinstance(part, str) for part in value):
        return tuple(value)
    if isinstance(value, (bool, int, float, str)):
        return value
    raise ValueError(f"{value!r} is no parameter's value")


def current_stack(control: MirrorControl) -> tuple[StackEntry, ...]:
    """What the mirror shows now, with all parameters; may block for a moment."""
    return tuple(
        StackEntry(
            effect, {parameter.name: parameter.value for parameter in control.effect_parameters(effect)}
        )
        for effect in control.active_effects()
    )


def use_preset(control: MirrorControl, preset: EffectPreset) -> str | None:
    """Show a preset on the mirror; may block for a moment.

    Effects and parameters that this mirror does not have are left out. The parameters come first, so that
    no effect is seen with those of before.

    Returns:
        None, or what did not work, in a sentence or two.
    """
    available = control.effects()
    problems = []
    stack = [entry for entry in preset.stack if entry.effect in available]
    missing = [entry.effect for entry in preset.stack if entry.effect not in available]
    if missing:
        problems.append(TEXTS["effects_missing"].format(effects=", ".join(missing)))
    for entry in stack:
        known = {parameter.name for parameter in control.effect_parameters(entry.effect)}
        values = {name: value for name, value in entry.parameters.items() if name in known}
        if values and (problem := control.set_effect_parameters(entry.effect, values)):
            problems.append(problem)
    if stack and (problem := control.set_effects(tuple(entry.effect for entry in stack))):
        problems.append(problem)
    return " ".join(problems) or None
