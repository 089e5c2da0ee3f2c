"""Draws the graph as SVG: nodes as ellipses, topics as boxes, in columns from the camera to the screens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from xml.sax.saxutils import escape

from mirror.reference.nodes import NodeEntry

__all__ = ["drawing"]

# All in pixels of the drawing.
CHARACTER_WIDTH = 8.4  # of the monospaced 14 px font
NODE_PADDING, TOPIC_PADDING = 22, 12  # at either end of a text
NODE_HEIGHT, TOPIC_HEIGHT = 46, 32
COLUMN_GAP, ROW_PITCH = 46, 66
MARGIN = 24
OUTSIDE = "rviz2, ros2 bag, your node"  # who takes the topics that no node of the graph takes
OUTSIDE_LABEL = ("rviz2, rosbag2,", "other nodes")

STYLE = """
    text { font: 14px ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace; }
    text { text-anchor: middle; fill: #1b2430; }
    .node { fill: #ffe9c2; stroke: #b9791a; stroke-width: 1.5; }
    .topic { fill: #eef2f6; stroke: #8796a6; }
    .outside { fill: none; stroke: #8796a6; stroke-dasharray: 5 4; }
    .edge { fill: none; stroke: #5b6876; stroke-width: 1.5; marker-end: url(#arrow); }
"""

Key = tuple[str, str]
"""("node" | "topic" | "outside" | "bend", name)."""


@dataclass(frozen=True, slots=True)
class _Box:
    x: float
    y: float
    width: float
    height: float


def drawing(nodes: Sequence[NodeEntry]) -> str:
    """An SVG picture of nodes and the topics between them; /diagnostics, which all publish, is left out."""
    forward, back = _without_loops(_edges(nodes))
    edges = [*forward, *((end, start) for start, end in back)]
    columns = _columns(edges)
    boxes = _boxes(columns)
    paths = [
        _path([boxes[key] for key in chain], backwards=index >= len(forward))
        for index, chain in enumerate(_chains(edges, columns))
    ]
    width = max(box.x + box.width for box in boxes.values()) + MARGIN
    height = max(box.y + box.height for box in boxes.values()) + MARGIN
    shapes = [_shape(key, box) for key, box in boxes.items() if key[0] != "bend"]
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}" '
        f'width="{width:.0f}" height="{height:.0f}" role="img" aria-label="Nodes and topics of the graph">',
        f"  <style>{STYLE}  </style>",
        '  <defs><marker id="arrow" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" '
        'orient="auto"><path d="M0 1 L9 5 L0 9 z" fill="#5b6876"/></marker></defs>',
        f'  <rect width="{width:.0f}" height="{height:.0f}" rx="14" fill="#ffffff"/>',
        *paths,
        *shapes,
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _edges(nodes: Sequence[NodeEntry]) -> list[tuple[Key, Key]]:
    edges: list[tuple[Key, Key]] = []
    taken = {topic.name for node in nodes for topic in node.subscribed}
    for node in nodes:
        for topic in node.published:
            edges.append((("node", node.spec.name), ("topic", topic.name)))
            if topic.name not in taken:
                edges.append((("topic", topic.name), ("outside", OUTSIDE)))
        heard = (topic.name for topic in node.subscribed if topic.name != "/diagnostics")
        edges.extend((("topic", name), ("node", node.spec.name)) for name in heard)
    return edges


def _without_loops(
    edges: list[tuple[Key, Key]],
) -> tuple[list[tuple[Key, Key]], list[tuple[Key, Key]]]:
    """The edges that lead forward, and those that close loops; what leads to an earlier node comes last."""
    order = list(dict.fromkeys(key for edge in edges for key in edge if key[0] == "node"))
    makers = {end: order.index(start) for start, end in edges if start[0] == "node"}
    forward: list[tuple[Key, Key]] = []
    back: list[tuple[Key, Key]] = []
    late = [
        edge for edge in edges if edge[1][0] == "node" and makers.get(edge[0], -1) >= order.index(edge[1])
    ]
    for edge in [*(edge for edge in edges if edge not in late), *late]:
        reached = {edge[1]}
        for _ in forward:
            reached |= {end for start, end in forward if start in reached}
        (back if edge[0] in reached else forward).append(edge)
    return forward, back


def _ranks(edges: Iterable[tuple[Key, Key]]) -> dict[Key, int]:
    """The column of each key: one more than that of the last that leads to it."""
    edges = list(edges)
    ranks = {key: 0 for edge in edges for key in edge}
    for _ in ranks:  # there are no loops, so that this settles
        for start, end in edges:
            ranks[end] = max(ranks[end], ranks[start] + 1)
    return ranks


def _bends(edge: tuple[Key, Key], ranks: dict[Key, int]) -> list[Key]:
    """Where an edge passes the columns between its ends."""
    start, end = edge
    return [("bend", f"{start} {end} {rank}") for rank in range(ranks[start] + 1, ranks[end])]


def _columns(edges: list[tuple[Key, Key]]) -> list[list[Key]]:
    """The keys of each column from top to bottom, those that belong together at the same height."""
    ranks = _ranks(edges)
    columns: list[list[Key]] = [[] for _ in range(max(ranks.values()) + 1)]
    neighbours: dict[Key, list[Key]] = {}
    for edge in edges:
        chain = [edge[0], *_bends(edge, ranks), edge[1]]
        for left, right in pairwise(chain):
            neighbours.setdefault(right, []).append(left)
        for offset, key in enumerate(chain):
            column = columns[ranks[edge[0]] + offset]
            if key not in column:
                column.append(key)
    for left_column, column in pairwise(columns):
        place = {key: index / len(left_column) for index, key in enumerate(left_column)}
        # Bends first among equals: long edges run above what they pass.
        column.sort(
            key=lambda key: (sum(place[n] for n in neighbours[key]) / len(neighbours[key]), key[0] != "bend")
        )
    return columns


def _chains(edges: list[tuple[Key, Key]], columns: list[list[Key]]) -> list[list[Key]]:
    ranks = {key: index for index, column in enumerate(columns) for key in column}
    return [[edge[0], *_bends(edge, ranks), edge[1]] for edge in edges]


def _text_lines(key: Key) -> tuple[str, ...]:
    return OUTSIDE_LABEL if key[0] == "outside" else (key[1],)


def _size(key: Key) -> tuple[float, float]:
    if key[0] == "bend":
        return 0.0, 0.0
    padding, height = (TOPIC_PADDING, TOPIC_HEIGHT) if key[0] == "topic" else (NODE_PADDING, NODE_HEIGHT)
    widest = max(len(line) for line in _text_lines(key))
    return widest * CHARACTER_WIDTH + 2 * padding, height


def _boxes(columns: list[list[Key]]) -> dict[Key, _Box]:
    boxes: dict[Key, _Box] = {}
    tallest = max(len(column) for column in columns)
    x = float(MARGIN)
    for column in columns:
        width = max(_size(key)[0] for key in column)
        top = MARGIN + (tallest - len(column)) * ROW_PITCH / 2 + NODE_HEIGHT / 2
        for row, key in enumerate(column):
            own_width, own_height = _size(key)
            middle = top + row * ROW_PITCH
            boxes[key] = _Box(x + (width - own_width) / 2, middle - own_height / 2, own_width, own_height)
        x += width + COLUMN_GAP
    return boxes


def _path(stops: list[_Box], *, backwards: bool = False) -> str:
    """A curve from the right of the first box through the bends to the left of the last, or the other way."""
    points = [(stops[0].x + stops[0].width, stops[0].y + stops[0].height / 2)]
    points += [(box.x, box.y) for box in stops[1:-1]]
    points.append((stops[-1].x - 1, stops[-1].y + stops[-1].height / 2))
    if backwards:
        points.reverse()
    words = [f"M{points[0][0]:.0f} {points[0][1]:.0f}"]
    for (x0, y0), (x1, y1) in pairwise(points):
        middle = (x0 + x1) / 2
        words.append(f"C{middle:.0f} {y0:.0f} {middle:.0f} {y1:.0f} {x1:.0f} {y1:.0f}")
    return f'  <path class="edge" d="{" ".join(words)}"/>'


def _shape(key: Key, box: _Box) -> str:
    middle_x, middle_y = box.x + box.width / 2, box.y + box.height / 2
    if key[0] == "node":
        outline = (
            f'<ellipse class="node" cx="{middle_x:.0f}" cy="{middle_y:.0f}" '
            f'rx="{box.width / 2:.0f}" ry="{box.height / 2:.0f}"/>'
        )
    else:
        outline = (
            f'<rect class="{key[0]}" x="{box.x:.0f}" y="{box.y:.0f}" '
            f'width="{box.width:.0f}" height="{box.height:.0f}" rx="4"/>'
        )
    lines = _text_lines(key)
    first = middle_y + 5 - 9 * (len(lines) - 1)
    texts = "".join(
        f'<text x="{middle_x:.0f}" y="{first + 18 * index:.0f}">{escape(line)}</text>'
        for index, line in enumerate(lines)
    )
    return f"  {outline}{texts}"
