"""`python -m mirror_training.film SCENE --out FOLDER`: train where Keras is but no built workspace."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from mirror_core.errors import MirrorError
from mirror_training.film.design import SIZES
from mirror_training.film.recipe import Recipe, recipe_of
from mirror_training.film.run import run

__all__ = ["main"]


def _parser() -> argparse.ArgumentParser:
    usual = Recipe()
    parser = argparse.ArgumentParser(prog="python -m mirror_training.film", description=__doc__)
    parser.add_argument("scene", type=Path, help="folder with frames and poses.npz")
    parser.add_argument("--out", type=Path, required=True, help="folder of the checkpoint and of the result")
    parser.add_argument(
        "--size", choices=list(SIZES), default="fast", help="fast: 256², CPU; full: 512², GPU"
    )
    parser.add_argument("--minutes", type=float, help="time to spend; without it the recipe's epochs decide")
    parser.add_argument("--epochs", type=int, help="largest number of epochs")
    parser.add_argument("--batch", type=int, help="windows per step")
    parser.add_argument("--features", default=usual.features, help=".keras file for the perceptual loss")
    parser.add_argument("--workers", type=int, default=usual.workers, help="processes that make windows")
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--still", action="store_true", help="without the frame made before, to compare")
    parser.add_argument(
        "--rival", nargs=2, action="append", metavar=("NAME", "FILE"), help="a .keras file to measure beside"
    )
    return parser


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the training; 0, or 1 with a sentence on what was wrong."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    given = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s")
    recipe = recipe_of(given.size)
    changes = {name: getattr(given, name) for name in ("minutes", "epochs", "batch")}
    changes = {name: value for name, value in changes.items() if value is not None}
    design = replace(recipe.design, temporal=not given.still)
    try:
        recipe = replace(
            recipe,
            design=design,
            features=given.features,
            workers=given.workers,
            seed=given.seed,
            **changes,
        )
        result = run(given.scene, given.out, recipe, {name: Path(file) for name, file in given.rival or ()})
    except MirrorError as error:
        print(error, file=sys.stderr)
        return 1
    for name, score in result.evaluation.scores.items():
        print(f"{name}: SSIM {score.moving.ssim:.3f}, flicker {score.flicker:.2f}")
    print(f"{given.out}: {', '.join(file.name for file in result.files)}")
    if result.problem:
        print(result.problem, file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
