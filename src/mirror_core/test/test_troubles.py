"""Lasting troubles: known from what stores and the camera really say, the graver one first."""

from __future__ import annotations

import errno
import sqlite3

import pytest

from mirror_core.store.failures import database_failure, disk_failure
from mirror_core.troubles import TOO_DARK, lasting_trouble


def full_database() -> str:
    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return str(database_failure(error, "The mood log /data/moods.sqlite"))


@pytest.mark.parametrize(
    ("sentences", "key"),
    [
        ([], ""),
        (["Running.", "The camera is off."], ""),
        (["Running.", f"{TOO_DARK} Another sentence."], "too_dark"),
        ([full_database()], "disk_full"),
        (
            [str(disk_failure(OSError(errno.ENOSPC, "No space"), "A picture cannot be written to /data"))],
            "disk_full",
        ),
        ([TOO_DARK, full_database()], "disk_full"),
    ],
)
def test_what_nodes_say_tells_the_trouble(sentences, key):
    assert lasting_trouble(sentences) == key
