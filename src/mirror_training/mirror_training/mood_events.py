"""TensorBoard's logs without TensorFlow: numbers and pictures by epoch, for `tensorboard --logdir FOLDER`."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mirror_core.frame import Image
from mirror_training.opencv import cv2

__all__ = ["EventLog"]

logger = logging.getLogger("mirror.training")


class EventLog:
    """Writes numbers where TensorBoard reads them; does nothing where TensorBoard is not installed.

    Args:
        folder: where the log goes; made if it does not exist.
    """

    def __init__(self, folder: Path) -> None:
        self._writer: Any = None
        if importlib.util.find_spec("tensorboard") is None:
            logger.info("TensorBoard is not installed: the numbers stand only in the log and the checkpoint.")
            return
        module = importlib.import_module("tensorboard.summary.writer.event_file_writer")
        self._event = importlib.import_module("tensorboard.compat.proto.event_pb2").Event
        self._summary = importlib.import_module("tensorboard.compat.proto.summary_pb2").Summary
        self._writer = module.EventFileWriter(str(folder))

    def write(self, step: int, numbers: Mapping[str, float]) -> None:
        """Write numbers of a step."""
        if self._writer is None:
            return
        self._add(step, [self._summary.Value(tag=tag, simple_value=value) for tag, value in numbers.items()])

    def show(self, step: int, pictures: Mapping[str, Image]) -> None:
        """Write pictures uint8 [h, w, 3], BGR, of a step."""
        if self._writer is None:
            return
        values = []
        for tag, picture in pictures.items():
            encoded = cv2.imencode(".png", picture)[1].tobytes()
            height, width = picture.shape[:2]
            image = self._summary.Image(
                height=height, width=width, colorspace=3, encoded_image_string=encoded
            )
            values.append(self._summary.Value(tag=tag, image=image))
        self._add(step, values)

    def _add(self, step: int, values: list[Any]) -> None:
        event = self._event(wall_time=time.time(), step=step, summary=self._summary(value=values))
        self._writer.add_event(event)
        self._writer.flush()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
