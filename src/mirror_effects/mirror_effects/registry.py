"""Finds effects: the built-in ones and those that other pip packages add."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from mirror_core.parameters import specs_of
from mirror_effects.effect import INPUTS, Effect
from mirror_effects.names import BUILT_IN, GROUP, in_order

__all__ = ["GROUP", "Registry", "find_effects"]


@dataclass(frozen=True, slots=True)
class Registry:
    """The effects that were found.

    Attributes:
        effects: name → class; `none` first, the others by name.
        problems: one sentence for each plugin that cannot be used.
    """

    effects: dict[str, type[Effect]]
    problems: tuple[str, ...]


def _built_in(place: str) -> type[Effect]:
    module, _, attribute = place.partition(":")
    effect: type[Effect] = getattr(import_module(module), attribute)
    return effect


def _problem_with(effect: object, name: str) -> str:
    if not (isinstance(effect, type) and issubclass(effect, Effect)):
        return f"it names {effect!r}, which is not a subclass of mirror_effects.Effect"
    if getattr(effect, "name", None) != name:
        return f"its class calls itself {getattr(effect, 'name', None)!r}"
    if not effect.needs <= INPUTS:
        return f"it needs {sorted(effect.needs - INPUTS)}, but allowed are {sorted(INPUTS)}"
    try:
        specs_of(effect.Parameters)
    except TypeError as error:
        return str(error)
    return ""


def find_effects(plugins: list[EntryPoint] | None = None) -> Registry:
    """All effects; a plugin that does not load is left out and reported, never fatal.

    Args:
        plugins: entry points to look at; default: those installed in the group `mirror.effects`.
    """
    found: dict[str, type[Effect]] = {name: _built_in(place) for name, place in BUILT_IN.items()}
    problems = []
    for plugin in entry_points(group=GROUP) if plugins is None else plugins:
        if plugin.name in found:
            if not plugin.value.startswith("mirror_effects."):
                problems.append(f"Effect {plugin.name} of {plugin.value} is left out: the name is taken.")
            continue
        try:
            effect = plugin.load()
            reason = _problem_with(effect, plugin.name)
        except Exception as error:
            reason = f"{type(error).__name__}: {error}"
        if reason:
            reason = reason.removesuffix(".")
            problems.append(f"Effect {plugin.name} of {plugin.value} is left out: {reason}.")
        else:
            found[plugin.name] = effect
    return Registry({name: found[name] for name in in_order(found)}, tuple(problems))
