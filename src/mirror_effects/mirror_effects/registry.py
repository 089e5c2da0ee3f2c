"""Finds effects: the built-in ones and those that other pip packages add."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import EntryPoint

from mirror_core.plugins import PluginKind, find_plugins
from mirror_effects.effect import INPUTS, Effect
from mirror_effects.names import BUILT_IN, GROUP, in_order

__all__ = ["GROUP", "Registry", "find_effects"]

KIND = PluginKind("Effect", Effect, "mirror_effects.Effect", INPUTS, GROUP, BUILT_IN)


@dataclass(frozen=True, slots=True)
class Registry:
    """The effects that were found.

    Attributes:
        effects: name → class; `none` first, the others by name.
        problems: one sentence for each plugin that cannot be used.
    """

    effects: dict[str, type[Effect]]
    problems: tuple[str, ...]


def find_effects(plugins: list[EntryPoint] | None = None) -> Registry:
    """All effects; a plugin that does not load is left out and reported, never fatal.

    Args:
        plugins: entry points to look at; default: those installed in the group `mirror.effects`.
    """
    found, problems = find_plugins(KIND, plugins)
    return Registry({name: found[name] for name in in_order(found)}, problems)
