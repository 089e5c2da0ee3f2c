"""`python -m mirror_training.film_scene FOOTAGE …`: a scene from footage whose poses are known.

`mirror film make` begins with a clip and finds the poses; where they are known, as of a drawn character, the
footage is there already and `python -m mirror_training.film` has learned from it.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mirror_core.errors import MirrorError, UsageError
from mirror_effects.film.scene import PREVIEW, default_scenes_folder, load_scene
from mirror_training.film.footage import POSES
from mirror_training.film_scene.assembly import Naming, assemble, install
from mirror_training.film_scene.preview import pieces_to_show, write_preview
from mirror_training.film_scene.training import trained_model, training_report

__all__ = ["main"]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mirror_training.film_scene", description=__doc__)
    parser.add_argument("footage", type=Path, help="folder with frames, background.png and poses.npz")
    parser.add_argument("--training", type=Path, required=True, help="folder that the training wrote into")
    parser.add_argument("--name", required=True, help="of the scene: small letters, digits, underscores")
    parser.add_argument("--title", default="", help="for people; else the name")
    parser.add_argument("--licence", required=True, help="of the footage")
    parser.add_argument("--consent", required=True, help="who is seen and has agreed, or that nobody is seen")
    parser.add_argument("--size", choices=("fast", "full"), default="fast", help="of the training")
    parser.add_argument("--no-keras", action="store_true", help="leave out the network for hosts with a GPU")
    parser.add_argument("--scenes", type=Path, help="folder of scenes; else the user's own")
    return parser


def _frames_per_second(footage: Path) -> float:
    try:
        with np.load(footage / POSES, allow_pickle=False) as stored:
            return round(1 / float(np.median(np.diff(stored["times"]))), 3)
    except (OSError, KeyError, ValueError) as error:
        raise UsageError(f"{footage / POSES} holds no poses with times: name a folder of footage.") from error


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the scene; 0, or 1 with a sentence on what was wrong."""
    given = _parser().parse_args(arguments)
    naming = Naming(given.name, given.title or given.name, given.licence, given.consent)
    try:
        fps = _frames_per_second(given.footage)
        model = trained_model(given.training, given.size)
        if model is None:
            raise UsageError(f"{given.training} holds no finished training: run mirror_training.film first.")
        report = training_report(given.training)
        with tempfile.TemporaryDirectory() as work:
            folder = Path(work) / given.name
            parts = {"footage": given.footage, "model": model, "fps": fps}
            assemble(folder, naming, **parts, quality=None, for_gpu=not given.no_keras)
            place = load_scene(folder)
            pieces = pieces_to_show(report, len(place.movement().times), fps)
            write_preview(folder / PREVIEW, place, given.footage, pieces, lambda *_: None)
            print(install(folder, given.scenes or default_scenes_folder()))
    except MirrorError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
