"""The web page's parameters."""

from __future__ import annotations

from dataclasses import dataclass

from mirror_core.parameters import parameter
from mirror_web.language import checked_language

__all__ = ["WebParameters"]


@dataclass(frozen=True)
class WebParameters:
    """Where the page is served, in which language, and how its picture is sent."""

    host: str = parameter(
        "127.0.0.1",
        "Address to serve at; 127.0.0.1 is this machine only, 0.0.0.0 the whole network.",
        live=False,
    )
    port: int = parameter(
        8080, "First port to try; 0 takes any free one.", minimum=0, maximum=65535, live=False
    )
    stream_width: int = parameter(
        640, "Largest width of the page's picture in pixels.", minimum=16, maximum=3840
    )
    stream_height: int = parameter(
        360, "Largest height of the page's picture in pixels.", minimum=16, maximum=2160
    )
    stream_fps: float = parameter(30.0, "Most pictures a second sent to the page.", minimum=1.0, maximum=60.0)
    jpeg_quality: int = parameter(80, "JPEG quality of the page's picture.", minimum=10, maximum=100)
    mirrored: bool = parameter(True, "Swap left and right in the page's picture, as a mirror does.")
    language: str = parameter(
        "",
        "Language of the page where none was chosen on it, such as en or de; empty: the browser's own.",
    )

    def __post_init__(self) -> None:
        checked_language(self.language)
