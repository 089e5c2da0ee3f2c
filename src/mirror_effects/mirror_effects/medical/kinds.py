"""The kinds of masks: how each is cut, what holds it, what it is made of."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["KINDS", "Cut", "Disc", "Kind"]

Knots = tuple[tuple[float, float], ...]
"""(share of the half width, 0 the middle … 1 the side; degrees of elevation), in order."""


@dataclass(frozen=True, slots=True)
class Cut:
    """The outline and the volume of a mask, in directions from the head's middle (see `head`).

    Attributes:
        top, bottom: the edges.
        half_width: degrees of azimuth of the side edge at the top, half-way down, at the bottom.
        rounding: radius of the corners as a share of the height.
        stand_off_m: between the skin (or the taut surface) and the mask's outer side.
        taut: 0 clings to the skin … 1 is stretched over nose, cheeks and chin.
        pinch: how much less taut the upper edge is, beside the nose.
        dome_m, ridge_m: further out in the middle, as a dome or along a vertical fold.
    """

    top: Knots
    bottom: Knots
    half_width: tuple[float, float, float]
    rounding: float = 0.06
    stand_off_m: float = 0.003
    taut: float = 1.0
    pinch: float = 0.5
    dome_m: float = 0.0
    ridge_m: float = 0.0


@dataclass(frozen=True, slots=True)
class Disc:
    """A round part that stands out from a mask: a filter or a valve.

    Attributes:
        azimuth, elevation: degrees, where it sits.
        axis: azimuth and elevation of where it points.
        radius_m: of its face.
        length_m: from the mask to its face.
        taper: radius at the mask over that of the face.
        look: "filter", "canister" or "valve".
    """

    azimuth: float
    elevation: float
    axis: tuple[float, float]
    radius_m: float
    length_m: float
    taper: float
    look: str


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of mask.

    Attributes:
        name: how people ask for it.
        meaning: in words.
        cut: its shape.
        fastening: "ears" (loops around the ears) or "head" (bands around the head).
        band_m: width of a loop or band.
        material: who paints it, a key of `painter.MATERIALS`.
        colours: its own colours as "#rrggbb", the commonest first, each with a weight.
        band_colour: of loops or bands, "#rrggbb"; empty: the mask's own.
        gloss: 0 dull … 1 shiny.
        discs: its round parts.
        printed: how readily it has a pattern, when masks are drawn by lot: 0 never … 1 as often as asked.
        valve_at: where a valve sits if it has one and it is no disc of its own: (s, t), radius in metres;
            None where it never has.
    """

    name: str
    meaning: str
    cut: Cut
    fastening: str
    band_m: float
    material: str
    colours: tuple[tuple[str, float], ...]
    band_colour: str = ""
    gloss: float = 0.0
    discs: tuple[Disc, ...] = ()
    printed: float = 0.0
    valve_at: tuple[float, float, float] | None = None


_ALL = (
    Kind(
        "surgical",
        "pleated, with ear loops",
        Cut(
            top=((0.0, 34.5), (0.22, 31.5), (0.5, 26.0), (1.0, 18.0)),
            bottom=((0.0, -49.0), (0.35, -46.5), (0.7, -38.0), (1.0, -25.0)),
            half_width=(67.0, 66.0, 62.0),
            rounding=0.03,
            pinch=0.55,
        ),
        "ears",
        0.0032,
        "pleated",
        (("#a9cbe0", 5.0), ("#eef0f0", 3.0), ("#7fbfb6", 1.5), ("#2c2e32", 2.0), ("#e8b9c4", 0.7)),
        band_colour="#f2f2f0",
        gloss=0.20,
        printed=0.3,
    ),
    Kind(
        "n95",
        "stiff cup with a nose clip, with bands around the head",
        Cut(
            top=((0.0, 34.5), (0.3, 31.5), (0.62, 23.0), (1.0, 4.0)),
            bottom=((0.0, -52.0), (0.35, -48.0), (0.7, -36.0), (1.0, -8.0)),
            half_width=(58.0, 60.0, 55.0),
            rounding=0.0,
            stand_off_m=0.005,
            pinch=0.6,
            dome_m=0.010,
        ),
        "head",
        0.0060,
        "cup",
        (("#f1efe9", 6.0), ("#dfe4e6", 2.0), ("#c7d6df", 1.0), ("#2b2d30", 0.6)),
        band_colour="#e3c44b",
        valve_at=(0.0, 0.60, 0.0155),
    ),
    Kind(
        "kn95",
        "folded, with a vertical ridge and ear loops",
        Cut(
            top=((0.0, 34.5), (0.25, 31.5), (0.55, 25.5), (1.0, 13.0)),
            bottom=((0.0, -52.0), (0.3, -48.5), (0.65, -37.0), (1.0, -15.0)),
            half_width=(66.0, 65.0, 61.0),
            rounding=0.03,
            pinch=0.45,
            ridge_m=0.013,
        ),
        "ears",
        0.0036,
        "folded",
        (("#f3f3f1", 5.0), ("#27292d", 3.0), ("#a9adb1", 1.0), ("#c4d4e4", 0.8), ("#e4c8c9", 0.6)),
        gloss=0.12,
        printed=0.4,
        valve_at=(0.38, 0.52, 0.0145),
    ),
    Kind(
        "cloth",
        "sewn of two pieces, with ear loops",
        Cut(
            top=((0.0, 33.0), (0.25, 29.5), (0.55, 24.0), (1.0, 14.0)),
            bottom=((0.0, -50.0), (0.3, -47.5), (0.6, -38.0), (0.8, -25.0), (1.0, -6.0)),
            half_width=(80.0, 80.0, 77.0),
            rounding=0.05,
            stand_off_m=0.002,
            taut=0.9,
            pinch=0.7,
            ridge_m=0.003,
        ),
        "ears",
        0.0045,
        "sewn",
        (
            ("#2b2c30", 5.0),
            ("#4b4f57", 2.0),
            ("#32425f", 1.5),
            ("#e9e7e1", 1.5),
            ("#7d2f35", 1.0),
            ("#c8a7a0", 1.0),
            ("#5f6d52", 0.8),
        ),
        gloss=0.22,
        printed=1.0,
    ),
    Kind(
        "respirator",
        "half mask of rubber with two filters, with bands around the head",
        Cut(
            top=((0.0, 33.0), (0.35, 27.0), (0.7, 13.0), (1.0, -2.0)),
            bottom=((0.0, -45.0), (0.4, -42.0), (0.75, -32.0), (1.0, -14.0)),
            half_width=(46.0, 49.0, 42.0),
            rounding=0.10,
            stand_off_m=0.006,
            pinch=0.75,
            dome_m=0.007,
        ),
        "head",
        0.0110,
        "rubber",
        (("#8d949b", 4.0), ("#4a5560", 2.0), ("#5d7f93", 1.5), ("#2f3236", 2.0)),
        band_colour="#34373b",
        gloss=0.35,
        discs=(
            Disc(-35.0, -10.0, (-48.0, -12.0), 0.036, 0.023, 0.96, "filter"),
            Disc(35.0, -10.0, (48.0, -12.0), 0.036, 0.023, 0.96, "filter"),
            Disc(0.0, -9.0, (0.0, -12.0), 0.017, 0.009, 1.05, "valve"),
        ),
    ),
    Kind(
        "gas",
        "gas-mask style: large and of black rubber with a canister, with bands around the head",
        Cut(
            top=((0.0, 35.5), (0.25, 32.5), (0.6, 26.0), (1.0, 15.0)),
            bottom=((0.0, -51.0), (0.4, -47.0), (0.75, -38.0), (1.0, -20.0)),
            half_width=(66.0, 66.0, 60.0),
            rounding=0.10,
            stand_off_m=0.007,
            pinch=0.5,
            dome_m=0.005,
        ),
        "head",
        0.0140,
        "rubber",
        (("#24262a", 6.0), ("#3a3f3a", 2.0), ("#4d4a3c", 1.0)),
        band_colour="#1f2023",
        gloss=0.5,
        discs=(
            Disc(0.0, -13.0, (0.0, -24.0), 0.035, 0.036, 0.86, "canister"),
            Disc(-40.0, 0.0, (-50.0, 2.0), 0.018, 0.010, 1.1, "valve"),
            Disc(40.0, 0.0, (50.0, 2.0), 0.018, 0.010, 1.1, "valve"),
        ),
    ),
)

KINDS: dict[str, Kind] = {kind.name: kind for kind in _ALL}
"""Name → kind."""
