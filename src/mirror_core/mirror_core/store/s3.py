"""Objects in an S3 bucket: the file system behind `s3://bucket/prefix?endpoint=…` URLs."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from s3fs import S3FileSystem

from mirror_core.errors import UsageError

if TYPE_CHECKING:
    from fsspec import AbstractFileSystem

__all__ = ["open_s3"]

ARGUMENTS = {  # option of the URL → argument of s3fs
    "endpoint": "endpoint_url",
    "access_key_id": "key",
    "secret_access_key": "secret",
    "session_token": "token",
}
REGION = "region"
CONNECT_TIMEOUT_S = 5
READ_TIMEOUT_S = 20
ATTEMPTS = 2  # of each request, and as often again by s3fs


def open_s3(url: str, what: str) -> tuple[AbstractFileSystem, str, str]:
    """The file system of an S3 URL. Nothing is sent yet.

    Args:
        url: `s3://bucket/prefix`, with the options `endpoint`, `region`, `access_key_id`,
            `secret_access_key` and `session_token` after a `?`, percent-encoded. What is not given comes
            from where AWS's own tools look for it: the variables `AWS_ENDPOINT_URL`, `AWS_DEFAULT_REGION`,
            `AWS_ACCESS_KEY_ID`, …, `~/.aws`, and the machine's role.
        what: names the URL at the beginning of a sentence: "The pictures' URL".

    Returns:
        The file system, the path of the prefix in it, and its name for messages, without credentials.

    Raises:
        UsageError: if the URL is not of this form.
    """
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    unknown = sorted(set(options) - {REGION, *ARGUMENTS})
    if not parts.netloc or "@" in parts.netloc or unknown:
        allowed = ", ".join([REGION, *ARGUMENTS])
        raise UsageError(
            f"{what} must be s3://bucket/prefix?option=value, with the options {allowed}"
            f"{f', not {unknown[0]}' if unknown else ''}."
        )
    filesystem = S3FileSystem(
        **{ARGUMENTS[option]: value for option, value in options.items() if option in ARGUMENTS},
        client_kwargs={"region_name": options[REGION]} if REGION in options else {},
        config_kwargs={
            "connect_timeout": CONNECT_TIMEOUT_S,
            "read_timeout": READ_TIMEOUT_S,
            "retries": {"total_max_attempts": ATTEMPTS, "mode": "standard"},
        },
        use_listings_cache=False,  # other mirrors write there too
    )
    filesystem.retries = ATTEMPTS
    prefix = parts.path.strip("/")
    path = f"{parts.netloc}/{prefix}" if prefix else parts.netloc
    return filesystem, path, f"s3://{path}"
