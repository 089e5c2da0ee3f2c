"""Which document holds what is generated, and how it is put there.

In a hand-written document a generated part stands between two comments,

    <!-- generated: arguments full -->
    <!-- end generated -->

which `documents` fills. docs/parameters.md and the drawings are generated whole.
"""

from __future__ import annotations

import inspect
import re
import textwrap
from collections.abc import Callable
from pathlib import Path

import mirror_effects.effect
from mirror.arguments import BOOLEANS
from mirror.graph import GRAPHS
from mirror.reference.drawing import drawing
from mirror.reference.figures import complete_results, figures_tables, stages_table
from mirror.reference.nodes import described_nodes
from mirror.reference.tables import (
    SOURCE_NAMES,
    arguments_table,
    effects_table,
    keys_table,
    nodes_table,
    parameters_table,
    prose,
    summary,
    topics_table,
)
from mirror_core.errors import UsageError
from mirror_core.governor import GovernorParameters
from mirror_display.widgets.registry import find_widgets
from mirror_effects.registry import find_effects
from mirror_effects.watermark import WatermarkParameters

__all__ = ["documents", "example_effect", "write"]

BLOCK = re.compile(r"(<!-- generated: (?P<what>[^>]*?) -->\n).*?(<!-- end generated -->)", re.DOTALL)
RESULTS = Path("bench/results.json")
PARAMETERS = Path("docs/parameters.md")
GRAPH_DRAWING = "docs/pictures/graph_{}.svg"
DOCUMENTS = ("README.md", "docs/*.md", "docs/effects/*.md")
EFFECT_PAGES = "docs/effects/"

# What is allowed where that depends on the plugins that are installed.
FIXED = {"camera": {"source": SOURCE_NAMES}, "effects": {"effects": "names of effects, each once"}}


def example_effect() -> str:
    """The effect in the docstring of `mirror_effects.effect`, as Python code."""
    _, _, example = inspect.cleandoc(mirror_effects.effect.__doc__ or "").partition("\n\n    ")
    return textwrap.dedent("    " + example)


def _nodes(graph_name: str) -> str:
    parts = []
    for node in described_nodes(graph_name):
        parts.append(f"### {node.spec.name}")
        parts.append(prose(f"{node.purpose} {node.remarks}".rstrip()))
        parts.append(
            f"Package `{node.spec.package}`, executable `{node.spec.executable}`; "
            f"[parameters](parameters.md#{node.spec.name})."
        )
        for title, topics in (("Subscribed", node.subscribed), ("Published", node.published)):
            if topics:
                parts += [f"**{title}**", topics_table(topics)]
    return "\n\n".join(parts)


def _effect_parameters(name: str) -> str:
    effect = find_effects([]).effects[name]
    if not effect.Parameters.__dataclass_fields__:
        return "It has no parameters."
    return parameters_table(effect.Parameters, f"{name}.")


def _widget_parameters(name: str) -> str:
    widget = find_widgets([]).widgets[name]
    if not widget.Parameters.__dataclass_fields__:
        return "It has no parameters."
    return parameters_table(widget.Parameters, f"{name}.")


def _node_parameters(name: str) -> str:
    """The parameters of a node of the full graph, be it one that runs only where it is asked for."""
    asked = {argument.name: "true" for argument in GRAPHS["full"].arguments if argument.choices == BOOLEANS}
    (node,) = (node for node in described_nodes("full", **asked) if node.spec.name == name)
    return parameters_table(node.config)


def _figures(root: Path, render: Callable[[dict[str, object]], str]) -> str | None:
    results = complete_results(root / RESULTS)
    return None if results is None else render(results)


def _block(root: Path, what: str) -> str | None:
    """What stands in a block; None where it is to stay as it is.

    Raises:
        UsageError: if there is no such block.
    """
    kind, _, name = what.partition(" ")
    makers: dict[str, Callable[[], str | None]] = {
        "arguments": lambda: arguments_table(name),
        "nodes-table": lambda: nodes_table(described_nodes(name)),
        "nodes": lambda: _nodes(name),
        "node-parameters": lambda: _node_parameters(name),
        "keys": keys_table,
        "effects": lambda: effects_table(find_effects([]).effects.values(), name),
        "effect-parameters": lambda: _effect_parameters(name),
        "widget-parameters": lambda: _widget_parameters(name),
        "watermark-parameters": lambda: parameters_table(WatermarkParameters, "watermark."),
        "effect-example": lambda: f"```python\n{example_effect()}\n```",
        "figures": lambda: _figures(root, figures_tables),
        "stages": lambda: _figures(root, stages_table),
    }
    if kind not in makers:
        raise UsageError(f"<!-- generated: {what} --> is not known: there are {', '.join(makers)}.")
    return makers[kind]()


def _filled(root: Path, text: str) -> str:
    def fill(match: re.Match[str]) -> str:
        content = _block(root, match["what"])
        return match[0] if content is None else f"{match[1]}\n{content}\n\n{match[3]}"

    return BLOCK.sub(fill, text)


def _parameters() -> str:
    parts = [
        "# Parameters",
        "Written by `scripts/reference` from the code; edit the descriptions there.",
        "Every parameter can be set in a ROS parameter file (`config:=my.yaml`; `config/full.yaml` is the "
        "mirror's own) and, while the mirror runs, with "
        "`ros2 param set /mirror/<node> <name> <value>`. It takes effect at once unless its meaning says "
        "otherwise. A value that is not allowed is refused with the reason.",
    ]
    seen: set[str] = set()
    for graph_name in GRAPHS:
        for node in described_nodes(graph_name):
            if node.spec.name in seen:
                continue
            seen.add(node.spec.name)
            parts += [f"## {node.spec.name}", prose(node.purpose)]
            parts.append(parameters_table(node.config, fixed=FIXED.get(node.spec.name)))
            if node.spec.name == "effects":
                parts += [
                    "### governor",
                    "[When work is lowered](reliability.md#short-of-time).",
                ]
                parts += [parameters_table(GovernorParameters, "governor.")]
                parts += ["### watermark", "[The mark on altered pictures](watermark.md)."]
                parts += [parameters_table(WatermarkParameters, "watermark."), *_of_effects()]
            if node.spec.name == "display":
                parts += _of_widgets()
    return "\n\n".join(parts) + "\n"


def _of_effects() -> list[str]:
    parts = []
    for name, effect in find_effects([]).effects.items():
        if effect.Parameters.__dataclass_fields__:
            parts += [f"### {name}", f"[{summary(effect)}](effects/{name}.md)"]
            parts.append(parameters_table(effect.Parameters, f"{name}."))
    return parts


def _of_widgets() -> list[str]:
    parts = []
    for name, widget in find_widgets([]).widgets.items():
        if widget.Parameters.__dataclass_fields__:
            parts += [f"### {name}", f"[{summary(widget)}](widgets.md#{name})"]
            parts.append(parameters_table(widget.Parameters, f"{name}."))
    return parts


def _new_effect_page(name: str) -> str:
    described = summary(find_effects([]).effects[name])
    return (
        f"# {name}\n\n{described}\n\n## Parameters\n\n"
        f"<!-- generated: effect-parameters {name} -->\n<!-- end generated -->\n"
    )


def documents(root: Path) -> dict[Path, str]:
    """Every document with something generated, by path below `root`, as it should be now.

    Raises:
        UsageError: if `root` is not the top folder, or a document asks for an unknown block.
    """
    if not (root / "README.md").is_file():
        raise UsageError(f"{root} holds no README.md: run this in the top folder of the repository.")
    found = {path.relative_to(root): path.read_text("utf-8") for p in DOCUMENTS for path in root.glob(p)}
    for name in find_effects([]).effects:
        found.setdefault(Path(EFFECT_PAGES) / f"{name}.md", _new_effect_page(name))
    filled = {path: _filled(root, text) for path, text in found.items() if BLOCK.search(text)}
    filled[PARAMETERS] = _parameters()
    for graph_name in GRAPHS:
        filled[Path(GRAPH_DRAWING.format(graph_name))] = drawing(described_nodes(graph_name))
    return dict(sorted(filled.items()))


def write(root: Path) -> list[Path]:
    """Bring all documents up to date; returns those that changed."""
    changed = []
    for path, text in documents(root).items():
        target = root / path
        if not target.is_file() or target.read_text("utf-8") != text:
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text, encoding="utf-8")
            changed.append(path)
    return changed
