"""The web page's parameters."""

from __future__ import annotations

from dataclasses import dataclass

from mirror_core.errors import ParameterError
from mirror_core.parameters import parameter
from mirror_web.access_address import is_host_name
from mirror_web.language import checked_language

__all__ = ["WebParameters"]

LONGEST_NAME = 64  # characters; what the mood log takes as a mirror's name, too


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
    name: str = parameter(
        "", "Name of this mirror, which stands at the top of the page and in its title; empty: Mirror."
    )
    pair_local: bool = parameter(
        False,
        "Whether browsers of this machine itself have to be paired, too, as where visitors can use it.",
    )
    public_name: str = parameter(
        "",
        "Name by which phones reach the page, such as mirror.example.org; empty: its address.",
        live=False,
    )
    https: bool = parameter(
        False,
        "Encrypt the page (TLS): with certificate and certificate_key, else with a certificate made here.",
        live=False,
    )
    certificate: str = parameter(
        "", "File with the page's certificate and its chain (PEM); empty: made here.", live=False
    )
    certificate_key: str = parameter("", "File with the certificate's key (PEM).", live=False)

    def __post_init__(self) -> None:
        checked_language(self.language)
        if len(self.name) > LONGEST_NAME or not self.name.isprintable():
            raise ParameterError(
                f"name = {self.name[:80]!r} is refused: allowed are up to {LONGEST_NAME} printable "
                "characters."
            )
        if self.public_name and not is_host_name(self.public_name):
            raise ParameterError(
                f"public_name = {self.public_name} is refused: allowed is a name such as mirror.example.org, "
                "or an address, without http:// and port."
            )
