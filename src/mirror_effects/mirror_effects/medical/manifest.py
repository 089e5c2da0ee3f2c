"""The manifest of masked photographs: one JSON object a line, one line a face, by source."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["MANIFEST", "read_manifest", "write_manifest"]

MANIFEST = "manifest.jsonl"


def read_manifest(path: Path) -> dict[str, list[Any]]:
    """Source → its lines; of a source that was made again, the last ones. A torn line counts as missing."""
    known: dict[str, list[Any]] = {}
    if not path.is_file():
        return known
    for text in path.read_text(encoding="utf-8").splitlines():
        try:
            line = json.loads(text)
            source, face = line["source"], line["face"]
        except (json.JSONDecodeError, KeyError, TypeError):
            continue
        if face == 0:
            known[source] = []
        known.setdefault(source, []).append(line)
    return known


def write_manifest(path: Path, known: Mapping[str, list[Any]]) -> None:
    """Write it anew, sorted by source, whole or not at all."""
    part = path.with_name(path.name + ".part")
    lines = [json.dumps(line) for source in sorted(known) for line in known[source]]
    part.write_text("".join(line + "\n" for line in lines), encoding="utf-8")
    part.replace(path)
