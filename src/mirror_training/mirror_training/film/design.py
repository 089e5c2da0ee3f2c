"""The numbers of the film's networks, and the two sizes that are kept ready."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from mirror_core.errors import UsageError

__all__ = ["FAST", "FULL", "NORMALISATIONS", "SIZES", "Design"]

NORMALISATIONS = ("batch", "instance")


@dataclass(frozen=True, slots=True)
class Design:
    """What the generator and its discriminators are like.

    Attributes:
        side: of the square picture in pixels.
        temporal: whether the generator sees the frame that it made before.
        filters: channels of the global generator at a half of the side, a quarter, …; two or more.
        blocks: its residual blocks, at the smallest size.
        local_blocks: residual blocks of the local enhancer, at half the side.
        head_filters: channels at full side, where each is dear.
        front: size of the first convolutions, odd, pixels.
        end: size of the last convolution, odd, pixels.
        labels: whether the pose map's parts are told apart (`pose_labels`) before anything is learned.
        skips: whether what the global generator saw on its way down is added on its way up.
        normalisation: a name of NORMALISATIONS. Batch normalisation disappears into the convolutions when
            the network is converted; instance normalisation, which pix2pixHD has, does not.
        discriminators: how many, each at half the side of the one before.
        discriminator_filters: channels of their first layer, doubled by each of the next.
        discriminator_layers: layers that halve the picture.

    Raises:
        UsageError: on what is not allowed.
    """

    side: int = 256
    temporal: bool = True
    filters: tuple[int, ...] = (24, 48, 96, 160, 192)
    blocks: int = 4
    local_blocks: int = 2
    head_filters: int = 12
    front: int = 5
    end: int = 3
    labels: bool = True
    skips: bool = True
    normalisation: str = "batch"
    discriminators: int = 2
    discriminator_filters: int = 16
    discriminator_layers: int = 3

    def __post_init__(self) -> None:
        if self.normalisation not in NORMALISATIONS:
            raise UsageError(
                f"normalisation = {self.normalisation} is refused: allowed is {' | '.join(NORMALISATIONS)}."
            )
        if len(self.filters) < 2 or min(*self.filters, self.head_filters, self.discriminator_filters) < 1:
            raise UsageError("The film's network needs two or more filters, each of one channel or more.")
        if min(self.blocks, self.local_blocks) < 0 or min(self.discriminators, self.discriminator_layers) < 1:
            raise UsageError(
                "A film network has no negative blocks, and one or more discriminators and layers."
            )
        for name, size in (("front", self.front), ("end", self.end)):
            if size not in range(1, 10, 2):
                raise UsageError(f"{name} = {size} is refused: allowed are 1, 3, 5, 7 and 9.")
        least = self.least_side
        if self.side < least or self.side % least:
            raise UsageError(f"side = {self.side} is refused: these numbers need a multiple of {least}.")

    @property
    def least_side(self) -> int:
        """What sides of pictures have to be a multiple of, in pixels."""
        return int(2 ** max(len(self.filters), self.discriminators + self.discriminator_layers - 1))


FAST: Final = Design()
"""For two CPU cores, in int8."""

FULL: Final = Design(
    side=512,
    filters=(64, 128, 256, 512, 1024),
    blocks=9,
    local_blocks=3,
    head_filters=32,
    front=7,
    end=7,
    skips=False,
    normalisation="instance",
    discriminator_filters=64,
)
"""For a GPU: pix2pixHD's own numbers (Wang et al., CVPR 2018)."""

SIZES: Final = {"fast": FAST, "full": FULL}
