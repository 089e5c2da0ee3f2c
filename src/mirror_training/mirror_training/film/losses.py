"""What the film's networks are told of their mistakes, as named and weighted terms of a sum.

The picture that counts is the one that is seen: the network's colours over the still background. Where the
figure truly is, colours are learned whether or not the alpha knows it yet.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mirror_effects.film.composer import ALPHA_HIGH, ALPHA_LOW
from mirror_training.film.discriminators import feature_matching, least_squares
from mirror_training.film.network import Networks, seen_by
from mirror_training.film.recipe import Recipe
from mirror_training.mood_network import require_keras
from mirror_training.unmask_losses import features_apart, ssim

__all__ = ["Objectives", "composed_tensor"]

LEAST = 1e-5  # of a probability, and its distance from 1

Tensor = Any
Terms = dict[str, Tensor]


def composed_tensor(background: Tensor, output: Tensor, alpha: Tensor = 0.0) -> Tensor:
    """`mirror_effects.film.composer.composed` for tensors in 0 … 1, seen at least as an alpha says."""
    ops = require_keras().ops
    seen = ops.clip((output[..., 3:4] - ALPHA_LOW) / (ALPHA_HIGH - ALPHA_LOW), 0.0, 1.0)
    return background + ops.maximum(seen, alpha) * (output[..., :3] - background)


class Objectives:
    """The sums of each stage.

    Args:
        recipe: the weights.
        networks: generator and global generator.
        discriminators: as `build_discriminators` makes them.
        alpha_is_true: whether the footage's alpha is.
        features: a network from pictures to a list of features (`inner_layers`); None: no perceptual term.

    Each sum takes a step's arrays by name, uint8 but for `own`: pose, previous, before, frame, background
    [n, h, w, 3], alpha [n, h, w, 1], own float32 [n, 1, 1, 1], 1 where `previous` is the network's own frame.
    """

    def __init__(
        self,
        recipe: Recipe,
        networks: Networks,
        discriminators: Any,
        alpha_is_true: bool,
        features: Any = None,
    ) -> None:
        self._recipe, self._networks, self._discriminators = recipe, networks, discriminators
        self._alpha_weight = recipe.alpha_weight * (1.0 if alpha_is_true else recipe.guessed_alpha)
        self._features = features
        self._ops = require_keras().ops

    def _numbers(self, arrays: Mapping[str, Tensor]) -> Terms:
        ops = self._ops
        found = {name: ops.cast(array, "float32") for name, array in arrays.items()}
        return {name: array if name == "own" else array / 255 for name, array in found.items()}

    def _of_picture(self, output: Tensor, frame: Tensor, alpha: Tensor, background: Tensor) -> Terms:
        ops, recipe = self._ops, self._recipe
        result = composed_tensor(background, output, alpha)
        apart = ops.mean(ops.abs(result - frame)) + 1 - ops.mean(ssim(result, frame))
        said = ops.clip(output[..., 3:4], LEAST, 1 - LEAST)
        entropy = -(alpha * ops.log(said) + (1 - alpha) * ops.log(1 - said))
        return {"picture": recipe.picture_weight * apart, "alpha": self._alpha_weight * ops.mean(entropy)}

    def coarse(self, arrays: Mapping[str, Tensor]) -> Terms:
        """Of the global generator alone, at half the side."""
        ops, known = self._ops, self._numbers(arrays)

        def half(picture: Tensor) -> Tensor:
            return ops.average_pool(picture, 2, 2, data_format="channels_last")

        seen = seen_by(self._recipe.design.temporal, known["pose"], known["previous"])
        output = self._networks.coarse(seen, training=True)
        frame, alpha, background = (half(known[name]) for name in ("frame", "alpha", "background"))
        return self._of_picture(ops.cast(output, "float32"), frame, alpha, background)

    def picture(self, arrays: Mapping[str, Tensor]) -> Terms:
        """Of the whole generator, without discriminators."""
        known = self._numbers(arrays)
        return self._generated(known)[0]

    def _generated(self, known: Terms) -> tuple[Terms, Tensor]:
        """The terms without discriminators, and the picture that is seen."""
        ops, recipe = self._ops, self._recipe
        seen = seen_by(recipe.design.temporal, known["pose"], known["previous"])
        output = ops.cast(self._networks.generator(seen, training=True), "float32")
        background = known["background"]
        terms = self._of_picture(output, known["frame"], known["alpha"], background)
        shown = composed_tensor(background, output)
        if recipe.design.temporal and recipe.flicker_weight:
            strange = (shown - known["previous"]) - (known["frame"] - known["before"])
            terms["flicker"] = recipe.flicker_weight * ops.mean(known["own"] * ops.abs(strange))
        if self._features is not None:
            apart = features_apart(self._features, shown, known["frame"])
            terms["perceptual"] = recipe.perceptual_weight * ops.mean(apart)
        return terms, shown

    def game(self, arrays: Mapping[str, Tensor]) -> Terms:
        """Of both players; the term of the one does not move the weights of the other."""
        ops, recipe = self._ops, self._recipe
        known = self._numbers(arrays)
        terms, shown = self._generated(known)
        condition = [known["pose"], known["previous"]] if recipe.design.temporal else [known["pose"]]
        made = ops.concatenate([*condition, shown], axis=-1)
        true = ops.concatenate([*condition, known["frame"]], axis=-1)
        judged = self._discriminators(ops.concatenate([true, ops.stop_gradient(made)], axis=0))
        parts = [[ops.split(layer, 2, axis=0) for layer in one] for one in judged]
        of_true, of_made = ([[layer[number] for layer in one] for one in parts] for number in (0, 1))
        terms["discriminator"] = 0.5 * (least_squares(of_true, 1.0) + least_squares(of_made, 0.0))
        believed = self._discriminators(made, frozen=True)
        terms["adversarial"] = recipe.adversarial_weight * least_squares(believed, 1.0)
        terms["matching"] = recipe.matching_weight * feature_matching(believed, of_true)
        return terms
