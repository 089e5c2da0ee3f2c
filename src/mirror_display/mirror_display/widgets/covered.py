"""In which regions something else stands for a moment, so that no widget is drawn there."""

from __future__ import annotations

from mirror_display.hud import HudState
from mirror_display.presence import Rest
from mirror_display.stage import StageView
from mirror_display.widget_places import REGIONS

__all__ = ["covered_regions"]

BOTTOM = frozenset(region for region in REGIONS if region.startswith("bottom"))


def covered_regions(hud: HudState, stage: StageView) -> frozenset[str]:
    """The names of these regions.

    Args:
        hud: the texts over the picture.
        stage: what stands over or in place of it.
    """
    is_told = stage.first_start is not None or stage.link is not None or hud.help_shown
    if is_told or stage.rest is not Rest.AWAKE:
        return frozenset(REGIONS)
    covered = set[str]()
    if hud.hints or stage.carousel is not None or stage.bar_shown or stage.trouble:
        covered |= BOTTOM
    if hud.effect:
        covered.add("bottom_centre")
    if hud.statistics:
        covered.add("bottom_left")
    if hud.notice or hud.toast is not None:
        covered.add("top_centre" if hud.has_picture else "middle_centre")
    return frozenset(covered)
