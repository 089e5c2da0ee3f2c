"""For tests with bad input: how many are tried, damaged files, odd values, and the promise that all hold.

A test is derandomised and quick unless $HYPOTHESIS_PROFILE is `long` (`make fuzz`): then inputs are many and
random, and $MIRROR_FUZZ_RECORD names a folder in which each process leaves how many it tried.
"""

from __future__ import annotations

import atexit
import json
import os
import resource
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from mirror_core.errors import MirrorError

__all__ = ["LONG", "damaged", "fuzz", "json_values", "odd_numbers", "odd_texts", "promised"]

PROFILE_VARIABLE, RECORD_VARIABLE, EXAMPLES_VARIABLE = (
    "HYPOTHESIS_PROFILE",
    "MIRROR_FUZZ_RECORD",
    "MIRROR_FUZZ_EXAMPLES",
)
LONG = os.environ.get(PROFILE_VARIABLE, "") == "long"
"""Whether many random inputs are tried."""
LONG_EXAMPLES = 5000
LONGEST_SENTENCE = 1000  # characters; more is no sentence for a person
MOST_GROWTH_MB = 1500  # of the process's peak memory, for one input
KILOBYTE_MB = 1024

_counts: dict[str, Counter[str]] = defaultdict(Counter)


def fuzz(examples: int = 30, share: float = 1.0) -> settings:
    """Settings of a test.

    Args:
        examples: inputs that the quick, derandomised run tries.
        share: of the long run's inputs, for slow targets.
    """
    most = int(os.environ.get(EXAMPLES_VARIABLE, str(LONG_EXAMPLES)))
    return settings(
        max_examples=max(int(most * share), 1) if LONG else examples,
        derandomize=not LONG,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )


@contextmanager
def promised(target: str, *allowed: type[Exception]) -> Iterator[None]:
    """One bad input: it is taken, or refused in one sentence by an error of Mirror's own.

    Args:
        target: names what is tried, for the figures.
        allowed: kinds of errors; default: any `MirrorError`.

    Raises:
        AssertionError: if memory grew too much, or the error says nothing to a person.
    """
    expected = allowed or (MirrorError,)
    before_mb = _peak_mb()
    counts = _counts[target]
    counts["tried"] += 1
    try:
        try:
            yield
        except expected as error:
            counts["refused"] += 1
            text = str(error)
            assert text.strip(), f"{target}: {type(error).__name__} says nothing."
            assert not any(c in "\n\r\x1b\x00" for c in text), f"{target}: more than one line: {text!r}"
            assert len(text) <= LONGEST_SENTENCE, f"{target}: {len(text)} characters are no sentence."
        growth_mb = _peak_mb() - before_mb
        assert growth_mb <= MOST_GROWTH_MB, f"{target}: one input took {growth_mb:.0f} MB."
    except BaseException:
        counts["failed"] += 1
        raise


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KILOBYTE_MB


def _write_counts() -> None:
    folder = os.environ.get(RECORD_VARIABLE, "")
    if folder and _counts:
        path = Path(folder) / f"{os.getpid()}.json"
        path.write_text(
            json.dumps({name: dict(counts) for name, counts in _counts.items()}), encoding="utf-8"
        )


atexit.register(_write_counts)


@st.composite
def damaged(draw: Any, content: bytes) -> bytes:
    """A file with something wrong: cut off, bytes changed, a piece gone, doubled, or filled with one byte."""
    data = bytearray(content)
    for _ in range(draw(st.integers(1, 4))):
        if not data:
            break
        at = draw(st.integers(0, len(data) - 1))
        span = min(draw(st.sampled_from((1, 1, 1, 2, 4, 16, 256))), len(data) - at)
        kind = draw(
            st.sampled_from(("change", "change", "flip", "cut", "remove", "double", "fill", "insert"))
        )
        if kind == "change":
            data[at : at + span] = draw(st.binary(min_size=span, max_size=span))
        elif kind == "flip":
            data[at] ^= 1 << draw(st.integers(0, 7))
        elif kind == "cut":
            del data[at:]
        elif kind == "remove":
            del data[at : at + span]
        elif kind == "double":
            data[at:at] = data[at : at + span]
        elif kind == "fill":
            data[at : at + span] = bytes([draw(st.sampled_from((0, 0x7F, 0x80, 0xFF)))]) * span
        else:
            data[at:at] = draw(st.binary(max_size=64))
    return bytes(data)


def odd_numbers() -> st.SearchStrategy[float]:
    """Numbers that programs stumble over: not finite, huge, tiny, negative."""
    return st.one_of(
        st.sampled_from(
            (0.0, -0.0, -1.0, 1e-45, 1e30, -1e30, 3.4e38, float("nan"), float("inf"), float("-inf"))
        ),
        st.floats(width=32),
    )


def odd_texts() -> st.SearchStrategy[str]:
    """Texts that programs stumble over: empty, long, ways out of a folder, control characters."""
    return st.one_of(
        st.sampled_from(
            (
                *(
                    "",
                    " ",
                    ".",
                    "..",
                    "../../etc/passwd",
                    "/etc/passwd",
                    "a/b",
                    "\\\\host\\share",
                    "C:\\x",
                    "~root",
                ),
                *(
                    "\x00",
                    "a\x00b",
                    "\n",
                    "\u202eabc",
                    "\ud7ff",
                    "nan",
                    "1e999",
                    "-",
                    "--help",
                    "%s%n",
                    "{0}",
                ),
                *("{}", "[]", "null", "'; DROP TABLE faces; --", "<script>alert(1)</script>", "🙂" * 40),
                "x" * 5000,
            )
        ),
        st.text(max_size=40),
    )


def json_values(leaves: st.SearchStrategy[Any] | None = None) -> st.SearchStrategy[Any]:
    """Whatever JSON or YAML may hold where something else was expected."""
    plain = leaves if leaves is not None else st.none() | st.booleans() | odd_texts()
    numbers = st.integers(-(2**70), 2**70) | st.floats()
    return st.recursive(
        plain | numbers,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(odd_texts(), inner, max_size=3),
        max_leaves=6,
    )
