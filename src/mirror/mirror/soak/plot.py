"""The picture of a soak: memory, descriptors, threads and latency over the frames that were shown."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from mirror.soak.run import SoakResult
from mirror.soak.trends import PER_FRAMES, round_latencies, theil_sen

__all__ = ["draw_soak"]

SIZE_INCHES = (10.0, 9.0)
DPI = 110
READING, TREND, WARM_UP = "#2a6f97", "#c1121f", "#e9ecef"


def draw_soak(result: SoakResult, path: Path) -> None:
    """Write the picture as PNG.

    Args:
        result: of a soak.
        path: of the file.
    """
    import matplotlib

    matplotlib.use("Agg")
    from matplotlib import pyplot

    samples = (*result.warm_up, *result.samples)
    frames = np.array([sample.frames for sample in samples]) / 1000
    rows = (
        ("memory of its own (anonymous) [MB]", [sample.usage.anonymous_mb for sample in samples], True),
        ("resident memory (RSS) [MB]", [sample.usage.rss_mb for sample in samples], True),
        ("descriptors", [float(sample.usage.descriptors) for sample in samples], False),
        ("threads", [float(sample.usage.threads) for sample in samples], False),
        ("latency p50 [ms]", [sample.p50_ms for sample in samples], False),
    )
    figure, axes = pyplot.subplots(len(rows), 1, sharex=True, figsize=SIZE_INCHES, layout="constrained")
    begin = len(result.warm_up)
    for axis, (title, values, has_trend) in zip(axes, rows, strict=True):
        axis.axvspan(0, result.plan.warm_up_frames / 1000, color=WARM_UP)
        axis.plot(frames, values, color=READING, linewidth=0.8)
        axis.set_title(title, loc="left", fontsize=10)
        axis.grid(alpha=0.3)
        if has_trend and len(values) - begin > 1:
            after, kept = frames[begin:], np.array(values[begin:])
            slope = theil_sen(after.tolist(), kept.tolist())
            line = np.median(kept) + slope * (after - np.median(after))
            label = f"{slope * PER_FRAMES / 1000:+.2f} MB per {PER_FRAMES:,} frames"
            axis.plot(after, line, color=TREND, linewidth=1.4, label=label)
            axis.legend(loc="upper left", fontsize=9)
    at, latencies = round_latencies(result.samples)
    axes[-1].plot(np.array(at) / 1000, latencies, "o", color=TREND, markersize=4, label="median of a round")
    axes[-1].legend(loc="upper left", fontsize=9)
    axes[-1].set_xlabel("frames shown, in thousands (grey: warm-up)")
    figure.savefig(path, dpi=DPI)
    pyplot.close(figure)
