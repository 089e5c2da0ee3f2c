"""The draft of a scene's model card, from a training's report: what is known is filled in, the rest asked."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

__all__ = ["write_card"]


def write_card(file: Path, report: Mapping[str, Any]) -> Path:
    """Write it as Markdown.

    Args:
        file: where.
        report: as `mirror_training.film.run` makes it.
    """
    recipe, design = report["recipe"], report["recipe"]["design"]
    side = design["side"]
    inputs = f"pose map float32 [1, {side}, {side}, 3] (`mirror_effects.film.pose_map`)"
    if design["temporal"]:
        inputs += f" and the frame made before [1, {side}, {side}, 3], BGR"
    lines = [
        f"# Model card: film scene {report['scene']} (draft)",
        "",
        "| | |",
        "|---|---|",
        *(
            f"| file | `{name}`, LiteRT, {numbers['bytes']:,.0f} bytes |"
            for name, numbers in report["litert"].items()
        ),
        "| task | draws the scene's figure in any pose, over its still background |",
        f"| input | {inputs}, 0 … 1 |",
        f"| output | float32 [1, {side}, {side}, 4]: colour, BGR, and alpha, 0 … 1 |",
        f"| network | pix2pixHD's arrangement, {report['parameters']:,} parameters, filters "
        f"{', '.join(map(str, design['filters']))}, {design['blocks']} + {design['local_blocks']} residual "
        f"blocks, {design['normalisation']} normalisation |",
        "",
        "It draws this one figure and nothing else. Whoever's likeness it has must have agreed to that.",
        "",
        "## Data",
        "",
        f"A clip of {report['frames']['all']:,} frames: {report['frames']['train']:,} to learn from, "
        f"{report['frames']['held']:,} in {len(report['test']['pieces'])} pieces to measure on, the rest in "
        f"gaps between; a pose in {report['frames']['with_pose']:,}. The figure's alpha "
        f"{'came with it' if report['alpha_is_true'] else 'is what differs from the background'}. "
        "To be written: whose clip, its licence or the consent of who is seen.",
        "",
        "## Training",
        "",
        f"{report['seconds_trained'] / 60:.1f} minutes, {report['epochs']} epochs, {report['steps']:,} steps "
        f"of {recipe['batch']} windows, {report['precision']}, seed {recipe['seed']}; {report['date']}. "
        f"The global generator alone until {recipe['coarse_until']:.0%} of the time, discriminators from "
        f"{recipe['game_from']:.0%} on. To be written: the machine.",
        "",
        "## Numbers",
        "",
        "On the pieces kept aside, each frame from the one made before. Moving area: the figure and a little "
        "around it. L1 and flicker in grey levels; flicker is the mean of |(made_t − made_{t−1}) − (true_t − "
        "true_{t−1})| in the moving area.",
        "",
        "| way | poses | frames | SSIM, moving area | PSNR | L1 | SSIM, whole frame | PSNR | L1 | flicker |",
        "|---|---|---|---|---|---|---|---|---|---|",
        *_rows(report["test"]),
        "",
        "| LiteRT file | difference, grey levels | worst frame | alpha | played | last frames |",
        "|---|---|---|---|---|---|",
        *(
            f"| `{name}` | {numbers['mean']:.3f} | {numbers['worst']:.3f} | {numbers['alpha']:.4f} | "
            f"{numbers['played']:.3f} | {numbers['end']:.3f} |"
            for name, numbers in report["litert"].items()
            if "mean" in numbers
        ),
        "",
        "## Where it fails",
        "",
        "To be written: look at test.jpg and play the scene; say what is wrong.",
        "",
    ]
    file.write_text("\n".join(lines), encoding="utf-8")
    return file


def _rows(test: Mapping[str, Any]) -> list[str]:
    rows = []
    for poses in ("as they are", "with noise"):
        for way, score in test[poses].items():
            numbers = [
                f"{part['ssim']:.3f} | {part['psnr_db']:.1f} | {part['l1']:.1f}"
                for part in (score["moving"], score["whole"])
            ]
            rows.append(
                f"| {way} | {poses} | {score['frames']} | {' | '.join(numbers)} | {score['flicker']:.2f} |"
            )
    return rows
