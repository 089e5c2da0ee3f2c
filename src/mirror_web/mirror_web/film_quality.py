"""The report on a film clip, and how well a figure is drawn, in sentences of the page's language."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mirror_web.catalogue import Texts

__all__ = ["quality_lines", "score_lines"]

TEXTS, LIMB_NAMES, REASONS = Texts("film_quality"), Texts("film_limbs"), Texts("film_left_out")
SOON = 0.01  # shares below it are not told


def quality_lines(values: Mapping[str, Any]) -> list[str]:
    """What a clip is worth, a sentence each; what would make it better comes last.

    Args:
        values: `mirror_training.film_scene.quality.Quality` as JSON; words that it lacks are left out.
    """
    from mirror_training.film_scene import quality as q

    try:
        used, frames, fps = int(values["used"]), int(values["frames"]), float(values["fps"])
        background, missing = dict(values["background"]), dict(values["missing"])
        said = [
            TEXTS["used"].format(used=used, frames=frames, seconds=f"{used / fps:.0f}"),
            TEXTS["body"].format(percent=f"{100 * float(values['coverage']):.0f}"),
        ]
        left_out = {why: int(count) for why, count in dict(values["left_out"]).items() if count}
        if left_out:
            reasons = ", ".join(f"{REASONS.get(_key(why), why)} {count}" for why, count in left_out.items())
            said.append(TEXTS["left_out"].format(reasons=reasons))
        said.append(TEXTS["still" if background["still"] else "not_still"])
        if used < q.GOOD_FRAMES:
            said.append(TEXTS["short"].format(seconds=f"{q.GOOD_FRAMES / fps:.0f}"))
        if float(values["coverage"]) < q.LEAST_COVERAGE:
            said.append(TEXTS["rarely"])
        if float(background["shaking"]) > q.SHAKING * float(values["side"]):
            said.append(TEXTS["shaking"])
        if float(background["unseen"]) > q.UNSEEN:
            said.append(TEXTS["unseen"].format(percent=f"{100 * float(background['unseen']):.0f}"))
        if float(values["others"]) > q.OFTEN_OTHERS:
            said.append(TEXTS["others"].format(percent=f"{100 * float(values['others']):.0f}"))
        if used and used / max(1, int(values["runs"])) / fps < q.MANY_CUTS_S:
            said.append(TEXTS["torn"])
        rarely = [limb for limb, share in missing.items() if float(share) >= q.OFTEN_MISSING]
    except (KeyError, TypeError, ValueError, ZeroDivisionError):
        return [TEXTS["unreadable"]]
    if rarely:
        limbs = ", ".join(LIMB_NAMES.get(_key(limb), limb) for limb in rarely)
        said.append(TEXTS["limbs"].format(limbs=limbs))
    return said


def score_lines(scores: Mapping[str, Any]) -> list[str]:
    """How well a figure is drawn on frames that were kept aside, a sentence each; empty where nobody knows.

    Args:
        scores: "test" of a training's report.
    """
    try:
        ways = dict(scores["as they are"])
        film = ways["film"]
        likeness, flicker = float(film["moving"]["ssim"]), float(film["flicker"])
        nearest = ways.get("nearest frame")
        said = [TEXTS["score"].format(percent=f"{100 * likeness:.0f}", flicker=f"{flicker:.1f}")]
        if nearest is not None:
            rival, jumps = float(nearest["moving"]["ssim"]), float(nearest["flicker"])
            key = "better" if likeness > rival else "no_better"
            said.append(TEXTS[key].format(percent=f"{100 * rival:.0f}", flicker=f"{jumps:.1f}"))
    except (KeyError, TypeError, ValueError):
        return []
    return said


def _key(words: str) -> str:
    return words.replace(" ", "_")
