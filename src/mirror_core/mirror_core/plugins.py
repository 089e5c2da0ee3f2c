"""Finds plugin classes: the built-in ones and those that other pip packages add by entry points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from mirror_core.parameters import specs_of

__all__ = ["PluginKind", "find_plugins"]


@dataclass(frozen=True, slots=True)
class PluginKind:
    """What plugins of a kind have in common. Each class has a `name`, `needs` and `Parameters`.

    Attributes:
        word: what one is called at the beginning of a sentence, e.g. "Effect".
        base: the class that all derive from.
        base_name: under which those who write plugins import that.
        needs: what a class may ask for.
        group: of the entry points.
        built_in: name → "module:class".
    """

    word: str
    base: type
    base_name: str
    needs: frozenset[str]
    group: str
    built_in: Mapping[str, str]


def find_plugins(
    kind: PluginKind, plugins: list[EntryPoint] | None = None
) -> tuple[dict[str, Any], tuple[str, ...]]:
    """All classes of a kind; a plugin that does not load is left out and reported, never fatal.

    Args:
        kind: what is looked for.
        plugins: entry points to look at; default: those installed in its group.

    Returns:
        name → class, the built-in ones first, and one sentence for each plugin that cannot be used.
    """
    found = {name: _built_in(place) for name, place in kind.built_in.items()}
    home = f"{kind.base_name.partition('.')[0]}."  # its own entry points name the built-in ones once more
    problems = []
    for plugin in entry_points(group=kind.group) if plugins is None else plugins:
        if plugin.name in found:
            if not plugin.value.startswith(home):
                problems.append(_left_out(kind, plugin, "the name is taken"))
            continue
        try:
            loaded = plugin.load()
            reason = _problem_with(kind, loaded, plugin.name)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
        if reason:
            problems.append(_left_out(kind, plugin, reason.removesuffix(".")))
        else:
            found[plugin.name] = loaded
    return found, tuple(problems)


def _built_in(place: str) -> Any:
    module, _, attribute = place.partition(":")
    return getattr(import_module(module), attribute)


def _left_out(kind: PluginKind, plugin: EntryPoint, reason: str) -> str:
    return f"{kind.word} {plugin.name} of {plugin.value} is left out: {reason}."


def _problem_with(kind: PluginKind, loaded: Any, name: str) -> str:
    if not (isinstance(loaded, type) and issubclass(loaded, kind.base)):
        return f"it names {loaded!r}, which is not a subclass of {kind.base_name}"
    plugin: Any = loaded
    if getattr(plugin, "name", None) != name:
        return f"its class calls itself {getattr(plugin, 'name', None)!r}"
    if not plugin.needs <= kind.needs:
        return f"it needs {sorted(plugin.needs - kind.needs)}, but allowed are {sorted(kind.needs)}"
    try:
        specs_of(plugin.Parameters)
    except TypeError as error:
        return str(error)
    return ""
