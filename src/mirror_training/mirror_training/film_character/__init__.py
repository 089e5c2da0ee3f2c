"""A film character that belongs to this project: a detective under a street lamp, with a known skeleton.

    from mirror_training.film_character import Choreography, render

    frame = render(Choreography(seed=1, seconds=60).state(12.0), 256, 12.0)

Everything is drawn by numpy and OpenCV from this package's code: no picture, model or film is used.
"""

from mirror_training.film_character.angles import BodyState
from mirror_training.film_character.choreography import Choreography
from mirror_training.film_character.clips import ClipSettings, Poses, clip, read_poses, write_clip
from mirror_training.film_character.film_look import grain
from mirror_training.film_character.renderer import RenderedFrame, Renderer, render
from mirror_training.film_character.strip import strip

__all__ = [
    "BodyState",
    "Choreography",
    "ClipSettings",
    "Poses",
    "RenderedFrame",
    "Renderer",
    "clip",
    "grain",
    "read_poses",
    "render",
    "strip",
    "write_clip",
]
