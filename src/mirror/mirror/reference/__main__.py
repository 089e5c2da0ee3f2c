"""`python -m mirror.reference [--check]`, from the top folder of the repository; see scripts/reference."""

from __future__ import annotations

import sys
from pathlib import Path

from mirror.reference import documents, write
from mirror_core.errors import UsageError

CHECK = "--check"


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text("utf-8") == text


def main(words: list[str]) -> int:
    """Write the documents, or with `--check` only name those that have drifted; returns the exit status."""
    if words not in ([], [CHECK]):
        print(f"scripts/reference: {words[0]!r} is not known; the only option is {CHECK}.", file=sys.stderr)
        return 2
    root = Path.cwd()
    if words:
        wanted = documents(root)
        drifted = [path for path, text in wanted.items() if not _holds(root / path, text)]
        for path in drifted:
            print(f"{path} no longer fits the code: run scripts/reference.", file=sys.stderr)
        return 1 if drifted else 0
    for path in write(root):
        print(f"{path} written")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except UsageError as error:
        sys.exit(f"scripts/reference: {error}")
