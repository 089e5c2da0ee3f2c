"""Fakes for tests of the scene maker, shipped so that others can use them too.

- `write_toy_film`: a film of the striped figure of `film.toy_clip`; `ToyFinder` knows its poses.
- `write_plain_model`: a film model that needs no training; `plain_trainer` gives it out as a training's.
"""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from mirror_core.frame import Image
from mirror_effects.film.pose_map import draw
from mirror_training.film.export import FLOAT16, INT8
from mirror_training.film.footage import Footage, open_footage
from mirror_training.film.recipe import Recipe
from mirror_training.film.split import split_clip
from mirror_training.film.toy_clip import FPS, toy_background, toy_figure, toy_pose
from mirror_training.film_scene.pose_finder import Found
from mirror_training.film_scene.training import CARD, KERAS_FILE, REPORT
from mirror_training.opencv import cv2

__all__ = ["ToyFinder", "plain_trainer", "write_plain_model", "write_toy_film"]

DIFFERS = 45.0  # grey levels of a figure's stripes off the background, after compression


def write_toy_film(
    file: Path, count: int, side: int = 96, *, empty: range = range(0), other_place: range = range(0)
) -> Path:
    """Write a film.

    Args:
        file: .avi or .mp4.
        count: of frames, 25 a second.
        side: of the picture in pixels.
        empty: frames without the figure.
        other_place: frames before another background, between cuts.
    """
    form = "mp4v" if file.suffix == ".mp4" else "MJPG"
    writer = cv2.VideoWriter(str(file), cv2.VideoWriter.fourcc(*form), float(FPS), (side, side))
    assert writer.isOpened()
    still = toy_background(side)
    for number in range(count):
        picture, alpha = (still, np.zeros((side, side), np.uint8))
        if number not in empty:
            picture, alpha = toy_figure(toy_pose(number, side), side)
        if number in other_place:
            share = (alpha / np.float32(255))[..., None]
            mixed = picture - (1 - share) * still + (1 - share) * (255 - still)
            picture = np.clip(np.rint(mixed), 0, 255).astype(np.uint8)
        writer.write(picture)
    writer.release()
    return file


class ToyFinder:
    """Finds the figure of `write_toy_film`: where something differs from the background, it is there.

    Args:
        side: of the pictures in pixels.
    """

    def __init__(self, side: int) -> None:
        self._still = toy_background(side).astype(np.float32)

    def reset(self) -> None:
        """It remembers nothing."""

    def find(self, picture: Image, time_s: float) -> Found | None:
        """The pose of the frame at a time, the film's beginning being at 1 s."""
        apart = np.abs(picture.astype(np.float32) - self._still).max(axis=2)
        if np.percentile(apart, 97) < DIFFERS:
            return None
        side = len(picture)
        pose = toy_pose(round((time_s - 1.0) * FPS), side)
        return Found(pose, np.where(draw(pose, side, side)[..., 0] > 0, 255, 0).astype(np.uint8))


def write_plain_model(file: Path, side: int) -> None:
    """Write a LiteRT film model of one convolution: the map's own colours where the map has a part."""
    schema = importlib.import_module("ai_edge_litert.schema_py_generated")
    flatbuffers = importlib.import_module("flatbuffers")
    weights = np.zeros((4, 1, 1, 3), np.float32)
    weights[range(3), 0, 0, range(3)] = 1.0
    weights[3, 0, 0, 0] = 100.0  # the lowest part's level makes the alpha whole
    arrays = [weights, np.zeros(4, np.float32)]
    shapes = ([1, side, side, 3], [1, side, side, 3], [4, 1, 1, 3], [4], [1, side, side, 4])
    names = ("pose", "previous", "weights", "bias", "output")
    model, graph = schema.ModelT(), schema.SubGraphT()
    model.buffers = [schema.BufferT()]
    graph.tensors = []
    for number, (name, shape) in enumerate(zip(names, shapes, strict=True)):
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = name, shape, schema.TensorType.FLOAT32, 0
        if number in (2, 3):
            tensor.buffer = len(model.buffers)
            buffer = schema.BufferT()
            buffer.data = np.frombuffer(arrays[number - 2].tobytes(), np.uint8)
            model.buffers.append(buffer)
        graph.tensors.append(tensor)
    operator, options, code = schema.OperatorT(), schema.Conv2DOptionsT(), schema.OperatorCodeT()
    options.strideW = options.strideH = options.dilationWFactor = options.dilationHFactor = 1
    operator.opcodeIndex, operator.inputs, operator.outputs = 0, [0, 2, 3], [4]
    operator.builtinOptionsType, operator.builtinOptions = schema.BuiltinOptions.Conv2DOptions, options
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CONV_2D
    code.version = 1
    graph.inputs, graph.outputs, graph.operators = [0, 1], [4], [operator]
    model.version, model.operatorCodes, model.subgraphs = 3, [code], [graph]
    builder = flatbuffers.Builder(1 << 12)
    builder.Finish(model.Pack(builder), b"TFL3")
    file.write_bytes(bytes(builder.Output()))


def plain_trainer(footage: Path, folder: Path, recipe: Recipe, rivals: Mapping[str, Path]) -> str:
    """Read the footage as a training does, split it, and write a plain model as its result."""
    side = recipe.design.side
    read: Footage = open_footage(footage, side, folder / "prepared")
    split = split_clip([int(shot) for shot in read.shots], recipe.splitting)
    for name in (FLOAT16, INT8):
        write_plain_model(folder / name, side)
    (folder / KERAS_FILE).write_bytes(b"")
    pieces = [[piece.start, piece.stop - 1] for piece in split.held]
    report = {"scene": footage.name, "test": {"pieces": pieces}, "rivals": sorted(rivals)}
    (folder / CARD).write_text("# Model card\n", encoding="utf-8")
    (folder / REPORT).write_text(json.dumps(report), encoding="utf-8")
    return ""
