"""`python -m mirror_training.film_character FOLDER`: write a clip of the character."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from mirror_core.errors import MirrorError
from mirror_training.film_character.clips import ClipSettings, write_clip


def main(arguments: list[str] | None = None) -> int:
    """Write a clip; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m mirror_training.film_character", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the clip goes; an interrupted clip goes on")
    parser.add_argument("--seconds", type=float, default=120.0, help="length (default: %(default)s)")
    parser.add_argument(
        "--size", type=int, default=256, help="side of the pictures in pixels (default: %(default)s)"
    )
    parser.add_argument("--fps", type=float, default=25.0, help="frames per second (default: %(default)s)")
    parser.add_argument(
        "--seed", type=int, default=1, help="another seed, other movements (default: %(default)s)"
    )
    parser.add_argument(
        "--grain", type=float, default=0.0, help="film grain in grey levels (default: %(default)s)"
    )
    parser.add_argument(
        "--swing", type=float, default=1.0, help="how far the lamp swings (default: %(default)s)"
    )
    parser.add_argument("--film", action="store_true", help="also write clip.mp4")
    given = parser.parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    try:
        settings = ClipSettings(given.seed, given.seconds, given.fps, given.size, given.grain, given.swing)
        poses = write_clip(given.folder, settings, film=given.film)
    except MirrorError as error:
        print(f"mirror: {error}", file=sys.stderr)
        return 1
    print(f"{len(poses.times)} frames in {given.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
