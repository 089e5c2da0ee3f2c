"""What showing the face beneath a mask costs, and a network of Mask2Face's size in the same runtime."""

from __future__ import annotations

import importlib
import itertools
import time
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mirror.bench.lite_writer import parameter_count
from mirror.bench.people import FRAME_NS, demo_people
from mirror.bench.reference_unet import MASK2FACE, Layout, reference_unet
from mirror.bench.timing import median_ms, paced
from mirror_core.errors import ModelError
from mirror_core.faces import Face
from mirror_core.frame import Image, read_only
from mirror_core.tracing import Quantiles
from mirror_effects import Scene
from mirror_effects.unmask import UnmaskEffect, UnmaskParameters
from mirror_effects.unmask_light import lit_like_the_skin_around
from mirror_effects.unmasking import Look, Steadier, Unmasker
from mirror_effects.wear_mask import WearMaskEffect
from mirror_tracking.both_sides import BothSides
from mirror_tracking.mask_reading import load_card
from mirror_tracking.unmask_files import MODEL_FILES, card_file, load_unmask_model, model_file

__all__ = ["measure_unmasking"]

COUNTS = (1, 4)  # people
THREADS = (1, 2)
SHARES = len(MODEL_FILES) * len(THREADS) + 2 * len(COUNTS) + 1  # measurements of one length
FEWEST = 20  # calls in each
FEWEST_OF_REFERENCE = 3  # it takes about a second
ANSWER_S = 60.0  # for loading the network and the first answer, on a machine that does much else
FRAME_S = FRAME_NS * 1e-9
MILLION = 1e6


def measure_unmasking(seconds: float, reference: Layout = MASK2FACE) -> dict[str, float]:
    """Measure for about `seconds`, and some seconds more for the reference network.

    Args:
        seconds: in all.
        reference: layout of the network to compare with.

    Returns:
        Medians in milliseconds at 1280 × 720, of people with a drawn mask:

        - `unmask_<precision>_<n>_threads_ms`: one look at one face, as the effect has it, from both sides:
          cutting the square out, the network twice, the light of the skin around, and the running mean. It
          happens beside the frame path.
        - `unmask_<n>_ms`, `unmask_<n>_p99_ms`: what `apply` takes in the frame path for one and for four
          faces at 60 Hz, while the network looks without a pause; `unmask_<n>_at_rest_ms` while it does not.
        - `unmask_<n>_answers_hz`: how often a second all of them were looked at meanwhile.
        - `unmask_side_px`, `unmask_million_parameters`; `reference_…` likewise, with `reference_ms` for one
          picture (float32 weights, two threads) and `reference_over_unmask`, that over one look with the
          effect's own settings (int8, two threads).

    Raises:
        ModelError: where the network is missing, or takes a mask for none.
    """
    share = seconds / SHARES
    people = {count: _masked_people(count) for count in COUNTS}
    looking = _looking(*people[1], share)
    figures = dict(looking)
    for count, (picture, faces) in people.items():
        figures |= _frame_path(f"unmask_{count}", picture, faces, share)
    card, content = load_card(card_file()), model_file("float16").read_bytes()
    figures |= {"unmask_side_px": card.side, "unmask_million_parameters": parameter_count(content) / MILLION}
    figures |= _reference(reference, share)
    usual = UnmaskParameters()
    figures["reference_over_unmask"] = figures["reference_ms"] / looking[_key(usual.precision, usual.threads)]
    return figures


def _masked_people(count: int) -> tuple[Image, tuple[Face, ...]]:
    picture, faces = demo_people(count)
    effect = WearMaskEffect()
    masked = effect.apply(read_only(picture), Scene(0, faces))
    effect.close()
    return read_only(masked), faces


def _key(precision: str, threads: int) -> str:
    return f"unmask_{precision}_{threads}_thread{'s' if threads > 1 else ''}_ms"


def _looking(picture: Image, faces: tuple[Face, ...], seconds: float) -> dict[str, float]:
    card, smoothing_s = load_card(card_file()), UnmaskParameters().smoothing
    figures = {}
    for precision, threads in itertools.product(MODEL_FILES, THREADS):
        model = BothSides(load_unmask_model(precision, threads))
        steadier = Steadier(card, smoothing_s)
        stamps = itertools.count(0, FRAME_NS)

        def look(model: Any = model, steadier: Steadier = steadier, stamps: Any = stamps) -> None:
            at = Look.at(picture, faces[0].track_id, faces[0].landmarks, model.side)
            colour, alpha = model.look(at.square)
            steadier.add(next(stamps), at, lit_like_the_skin_around(at.square, colour, alpha), alpha)

        figures[_key(precision, threads)] = median_ms(look, seconds, FEWEST)
    return figures


def _frame_path(name: str, picture: Image, faces: tuple[Face, ...], seconds: float) -> dict[str, float]:
    effect, canvas = UnmaskEffect(), picture.copy()
    effect.parameters = UnmaskParameters(rate=240.0)  # the network is not to pause by itself
    try:
        scene = Scene(FRAME_NS, faces)
        effect.apply(canvas, scene)
        unmasker = _answered(effect, faces)
        before, begin = unmasker.answers, time.monotonic()
        beside = Quantiles(100_000)
        for stamp_ns in _frames(seconds, scene.stamp_ns):
            scene = replace(scene, stamp_ns=stamp_ns)
            canvas[:] = picture
            with beside.measure():
                effect.apply(canvas, scene)
        unmasker.wait(ANSWER_S)
        answers_hz = (unmasker.answers - before) / (time.monotonic() - begin)
        scene = replace(
            scene, faces_are_stale=True
        )  # at late faces, and no later ones, it does not look again
        at_rest = Quantiles(100_000)
        for _ in _frames(seconds, scene.stamp_ns):
            canvas[:] = picture
            with at_rest.measure():
                effect.apply(canvas, scene)
    finally:
        effect.close()
    return {
        f"{name}_ms": beside.p50 * 1e3,
        f"{name}_p99_ms": beside.p99 * 1e3,
        f"{name}_at_rest_ms": at_rest.p50 * 1e3,
        f"{name}_answers_hz": answers_hz,
    }


def _answered(effect: UnmaskEffect, faces: tuple[Face, ...]) -> Unmasker:
    """What looks for the effect, once it has seen a mask on every face."""
    unmasker = effect.unmasker
    if unmasker is None or not unmasker.wait(ANSWER_S):
        raise ModelError(f"The unmasking network did not answer within {ANSWER_S:.0f} s.")
    found = unmasker.found()
    if any(found[face.track_id] is None for face in faces):
        raise ModelError("The unmasking network takes a drawn mask for none: there is nothing to measure.")
    return unmasker


def _frames(seconds: float, stamp_ns: int) -> Iterator[int]:
    """The stamps of frames at 60 Hz, for so long but at least FEWEST; waits for each."""
    return (stamp_ns + number * FRAME_NS for number in paced(FRAME_S, seconds, FEWEST))


def _reference(layout: Layout, seconds: float) -> dict[str, float]:
    interpreter_class = importlib.import_module("ai_edge_litert.interpreter").Interpreter
    content = reference_unet(layout)
    count = parameter_count(content)
    interpreter = interpreter_class(model_content=content, num_threads=max(THREADS))
    interpreter.allocate_tensors()
    place = interpreter.get_input_details()[0]["index"]
    picture = _noise(layout.side)

    def run() -> None:
        interpreter.set_tensor(place, picture)
        interpreter.invoke()

    return {
        "reference_side_px": layout.side,
        "reference_million_parameters": count / MILLION,
        "reference_ms": median_ms(run, seconds, FEWEST_OF_REFERENCE),
    }


def _noise(side: int) -> NDArray[np.float32]:
    return np.random.default_rng(1).random((1, side, side, 3), np.float32)
