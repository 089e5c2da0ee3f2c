"""dlib's network in a process of its own: there it holds up no frame, and its faults end nothing else.

The parent writes the number of pictures as one byte and the pictures, the child answers with their numbers.
The child's first line says "ready", or why not. It ends when its input does, so also with its parent.
"""

from __future__ import annotations

import os
import select
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from mirror_core.errors import ModelError
from mirror_gallery.dlib_network import CHIP_PX, EMBEDDING_SIZE, DlibNetwork, require_installed

__all__ = ["NetworkProcess"]

CHIP_BYTES = CHIP_PX * CHIP_PX * 3
READY = b"ready"
NICENESS = 10  # the mirror goes first
START_S, ANSWER_S = 60.0, 30.0  # after which a child is taken to hang
END_S = 5.0  # that it gets to end
MOST_AT_ONCE = 255


class NetworkProcess:
    """The network, in a child process that starts with the first face. Thread-safe.

    Args:
        command: starts the child; tests hand in their own.

    Raises:
        ModelError: if dlib or the network is not installed.
    """

    def __init__(self, command: Sequence[str] | None = None) -> None:
        if command is None:
            require_installed()
        self._command = list(command or (sys.executable, "-m", "mirror_gallery.network_process"))
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._closed = False

    def describe(self, chips: Sequence[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """See `DlibNetwork.describe`; at most 255 pictures.

        Raises:
            ModelError: if the child ended or hangs; the next call starts another one.
        """
        if not 1 <= len(chips) <= MOST_AT_ONCE:
            raise ModelError(f"The network takes 1 … {MOST_AT_ONCE} pictures at once, not {len(chips)}.")
        request = bytes([len(chips)]) + b"".join(np.ascontiguousarray(chip).tobytes() for chip in chips)
        if len(request) != 1 + len(chips) * CHIP_BYTES:
            raise ModelError(f"The network takes pictures of {CHIP_PX} × {CHIP_PX} pixels.")
        with self._lock:
            child = self._started()
            try:
                self._write(child, request)
                answer = self._read(child, len(chips) * EMBEDDING_SIZE * 4, ANSWER_S)
            except (OSError, TimeoutError, EOFError) as error:
                self._end()
                why = str(error) or "it ended"
                raise ModelError(f"dlib's process failed ({why}); another one is started.") from error
        return np.frombuffer(answer, np.float32).reshape(-1, EMBEDDING_SIZE)

    def close(self) -> None:
        """End the child; a call in progress ends with a ModelError."""
        self._closed = True
        child = self._child
        if child is not None:
            child.terminate()
        with self._lock:
            self._end()

    def _started(self) -> subprocess.Popen[bytes]:
        if self._closed:
            raise ModelError("dlib's process was ended.")
        if self._child is not None and self._child.poll() is None:
            return self._child
        self._end()
        # A session of its own: Ctrl-C is for the parent, whose end ends the child too.
        child = subprocess.Popen(
            self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True, bufsize=0
        )
        self._child = child
        try:
            said = self._read_line(child)
        except (OSError, TimeoutError, EOFError) as error:
            self._end()
            raise ModelError(f"dlib's process does not start ({str(error) or 'it ended'}).") from error
        if said != READY:
            self._end()
            raise ModelError(said.decode(errors="replace"))
        return child

    def _write(self, child: subprocess.Popen[bytes], data: bytes) -> None:
        assert child.stdin is not None
        left = memoryview(data)
        while left:  # a signal may interrupt a long write
            left = left[os.write(child.stdin.fileno(), left) :]

    def _read_line(self, child: subprocess.Popen[bytes]) -> bytes:
        line, until_s = b"", time.monotonic() + START_S
        while not line.endswith(b"\n"):
            line += self._read(child, 1, until_s - time.monotonic())
        return line.rstrip(b"\n")

    def _read(self, child: subprocess.Popen[bytes], size: int, within_s: float) -> bytes:
        assert child.stdout is not None
        until_s, data = time.monotonic() + within_s, b""
        while len(data) < size:
            left_s = until_s - time.monotonic()
            if left_s <= 0 or not select.select([child.stdout], [], [], left_s)[0]:
                raise TimeoutError(f"no answer for {within_s:.0f} s")
            part = os.read(child.stdout.fileno(), size - len(data))
            if not part:
                raise EOFError
            data += part
        return data

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        for stream in (child.stdin, child.stdout):
            if stream is not None:
                stream.close()
        try:
            child.wait(END_S)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def serve(network: DlibNetwork, requests: BinaryIO, answers: BinaryIO) -> None:
    """Answer until there are no more requests."""
    while count := requests.read(1):
        size = count[0] * CHIP_BYTES
        data = requests.read(size)
        if len(data) < size:
            return
        chips = np.frombuffer(data, np.uint8).reshape(-1, CHIP_PX, CHIP_PX, 3)
        answers.write(network.describe(list(chips)).astype(np.float32).tobytes())
        answers.flush()


def main() -> None:
    """The child."""
    os.nice(NICENESS)
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints does not get between the answers
    try:
        network = DlibNetwork()
    except ModelError as error:
        answers.write(str(error).encode() + b"\n")
        answers.flush()
        return
    answers.write(READY + b"\n")
    answers.flush()
    serve(network, sys.stdin.buffer, answers)


if __name__ == "__main__":
    main()
