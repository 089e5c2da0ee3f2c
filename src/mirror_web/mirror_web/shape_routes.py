"""The shape model as the browser draws it: the mean face, one step for each component, and the mesh."""

from __future__ import annotations

import asyncio
import base64
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from mirror_core.errors import MirrorError
from mirror_tracking.shape_model import shared_shape_model
from mirror_tracking.topology import (
    HOLE_TRIANGLES,
    INNER_LIPS,
    LEFT_BROW,
    LEFT_EYE,
    MESH_TRIANGLES,
    OUTER_LIPS,
    RIGHT_BROW,
    RIGHT_EYE,
)

__all__ = ["model_content", "shape_route"]

LINES = (RIGHT_EYE, LEFT_EYE, OUTER_LIPS, INNER_LIPS, RIGHT_BROW, LEFT_BROW)
EYE_TRIANGLES = 28  # of HOLE_TRIANGLES, the first ones; the others are the mouth's


def _text(values: NDArray[Any]) -> str:
    """Little-endian float32 as base64."""
    return base64.b64encode(np.asarray(values, "<f4").tobytes()).decode("ascii")


@cache
def model_content() -> dict[str, Any]:
    """What the browser gets: points as base64 of float32 [468 × 3], in the model's units."""
    model = shared_shape_model()
    steps = model.components * model.deviations[:, None, None]
    return {
        "mean": _text(model.mean),
        "steps": [_text(step) for step in steps],
        "triangles": {
            "skin": MESH_TRIANGLES.tolist(),
            "eye": HOLE_TRIANGLES[:EYE_TRIANGLES].tolist(),
            "mouth": HOLE_TRIANGLES[EYE_TRIANGLES:].tolist(),
        },
        "lines": [
            loop.tolist() for loop in (RIGHT_EYE, LEFT_EYE, OUTER_LIPS, INNER_LIPS, RIGHT_BROW, LEFT_BROW)
        ],
        "eyes": [RIGHT_EYE.tolist(), LEFT_EYE.tolist()],
    }


def shape_route() -> BaseRoute:
    """The route /shape/model.json."""

    async def model(_: Request) -> Response:
        try:
            content = await asyncio.to_thread(model_content)
        except MirrorError as error:
            return JSONResponse({"error": str(error)}, 503)
        return JSONResponse(content)

    return Route("/shape/model.json", model)
