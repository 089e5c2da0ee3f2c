"""The draft of a model card, from a training's report: what is known is filled in, the rest asked for."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["write_card"]

GROUPS_LAST = ("colour", "grey")


def write_card(file: Path, report: Mapping[str, Any]) -> Path:
    """Write it as Markdown.

    Args:
        file: where.
        report: as `unmask_run` makes it.
    """
    recipe, design = report["recipe"], report["recipe"]["design"]
    photographs = report["photographs"]
    lines = [
        "# Model card: unmask (draft)",
        "",
        "| | |",
        "|---|---|",
        *(
            f"| file | `{name}`, LiteRT, {numbers['bytes']:,.0f} bytes |"
            for name, numbers in report["litert"].items()
        ),
        "| task | what the face beneath a medical mask may look like, and where the mask is |",
        f"| input | float32 [1, {design['side']}, {design['side']}, 3]: the face laid upright into a square, "
        "BGR, 0 … 1 (`mirror_tracking.unmask_input`) |",
        f"| output | float32 [1, {design['side']}, {design['side']}, 4]: colour and alpha, 0 … 1 |",
        f"| network | {design['architecture']} U-Net, {report['parameters']:,} parameters, filters "
        f"{', '.join(map(str, design['filters']))}, kernels {', '.join(map(str, design['kernels']))} |",
        f"| mask from | {report['mask_share']:.3f} of the square |",
        "",
        "What it shows is a guess: the face of nobody in particular that fits what is seen. It must not be "
        "used to recognise anybody, nor as evidence of what somebody looks like.",
        "",
        "## Data",
        "",
        f"{photographs['train']:,} photographs of {report['people']['train']:,} people to learn from, "
        f"{photographs['validation']:,} to watch, {photographs['test']:,} to measure on; "
        "nobody is in two parts. Masks are drawn (docs/medical_masks.md). "
        "To be written: which collections, their licences, whom they leave out.",
        "",
        "## Training",
        "",
        f"{report['seconds_trained'] / 60:.1f} minutes, {report['epochs']} epochs, {report['steps']:,} steps "
        f"of {recipe['batch']} pairs, {report['precision']}, loss {recipe['loss']}, largest rate "
        f"{recipe['learning_rate']:g}, seed {recipe['seed']}; {report['date']}. To be written: the machine.",
        "",
        "## Numbers",
        "",
        "On people that were not trained on; means.",
        "",
        "| way | masks, photographs | pictures | SSIM beneath it | PSNR | L1 | SSIM of face | PSNR | L1 |",
        "|---|---|---|---|---|---|---|---|---|",
        *_rows(report["test"]),
        "",
        f"Masks told from bare faces on the same people: {report['detection']['accuracy']:.1%} (found "
        f"{report['detection']['found']:.1%}, false {report['detection']['false']:.1%}).",
        "",
        "| LiteRT file | mean difference, grey levels | worst picture | alpha |",
        "|---|---|---|---|",
        *(
            f"| `{name}` | {numbers['mean']:.3f} | {numbers['worst']:.3f} | {numbers['alpha']:.4f} |"
            for name, numbers in report["litert"].items()
            if "mean" in numbers
        ),
        "",
        "## Where it fails",
        "",
        "To be written: look at test.jpg and at real masks (`mirror evaluate unmask`); say what is wrong.",
        "",
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def _rows(test: Mapping[str, Any]) -> list[str]:
    rows = []
    for method, groups in test.items():
        for group in sorted(groups, key=lambda name: (name != "all", name in GROUPS_LAST, name)):
            score = groups[group]
            numbers = [
                f"{part['ssim']:.3f} | {part['psnr_db']:.1f} | {part['l1']:.1f}"
                for part in (score["masked"], score["face"])
            ]
            rows.append(f"| {method} | {group} | {score['pictures']} | {' | '.join(numbers)} |")
    return rows
