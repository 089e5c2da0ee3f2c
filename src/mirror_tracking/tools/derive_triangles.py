"""Derive the face mesh's triangles from mediapipe's edges and write data/mesh_triangles.npy.

mediapipe lists the mesh as a set of edges. A triangle is three points joined pairwise; two such
triples are no part of the surface (all their edges already belong to two triangles each).
"""

from __future__ import annotations

import sys
from collections import Counter, defaultdict
from pathlib import Path

import numpy as np

from mirror_tracking.mediapipe_graphs import load_mediapipe

Triangle = tuple[int, int, int]
FIRST: Triangle = (1, 4, 44)  # on the nose: tip, above it, to the person's right; sets the winding
TARGET = Path(__file__).parent.parent / "mirror_tracking" / "data" / "mesh_triangles.npy"


def _edges_of(triangle: Triangle) -> list[tuple[int, int]]:
    a, b, c = triangle
    return [(a, b), (b, c), (c, a)]


def triangles_of(edges: set[tuple[int, int]]) -> list[Triangle]:
    """The surface's triangles, all wound like `FIRST`."""
    neighbours: dict[int, set[int]] = defaultdict(set)
    for a, b in edges:
        neighbours[a].add(b)
        neighbours[b].add(a)
    triples = {tuple(sorted((a, b, c))) for a, b in edges for c in neighbours[a] & neighbours[b]}
    uses = Counter(frozenset(edge) for t in triples for edge in _edges_of(t))  # type: ignore[arg-type]
    surface = {
        t
        for t in triples
        if any(uses[frozenset(e)] < 3 for e in _edges_of(t))  # type: ignore[arg-type]
    }
    by_edge: dict[frozenset[int], list[tuple[int, ...]]] = defaultdict(list)
    for t in surface:
        for edge in _edges_of(t):  # type: ignore[arg-type]
            by_edge[frozenset(edge)].append(t)
    wound: dict[tuple[int, ...], Triangle] = {tuple(sorted(FIRST)): FIRST}
    queue = [FIRST]
    while queue:
        for a, b in _edges_of(queue.pop()):
            for t in by_edge[frozenset((a, b))]:
                if t not in wound:
                    (c,) = set(t) - {a, b}
                    wound[t] = (b, a, c)
                    queue.append(wound[t])
    return sorted(wound.values())


def main() -> None:
    """Write the triangles."""
    load_mediapipe()
    from mediapipe.python.solutions.face_mesh_connections import FACEMESH_TESSELATION

    triangles = triangles_of(set(FACEMESH_TESSELATION))
    TARGET.parent.mkdir(exist_ok=True)
    np.save(TARGET, np.array(triangles, np.int16))
    sys.stdout.write(f"{len(triangles)} triangles written to {TARGET}\n")


if __name__ == "__main__":
    main()
