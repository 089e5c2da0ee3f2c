"""TensorBoard's logs without TensorFlow: numbers by epoch, for `tensorboard --logdir FOLDER`."""

from __future__ import annotations

import importlib
import importlib.util
import logging
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

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
        values = [self._summary.Value(tag=tag, simple_value=value) for tag, value in numbers.items()]
        event = self._event(wall_time=time.time(), step=step, summary=self._summary(value=values))
        self._writer.add_event(event)
        self._writer.flush()

    def close(self) -> None:
        if self._writer is not None:
            self._writer.close()
