"""What lets somebody in is hidden in every text that is shown or kept."""

from __future__ import annotations

import pytest

from mirror_core.credentials import without_credentials
from mirror_core.diagnostics import Level, NodeHealth


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://me:p/w@rd@host/faces is gone", "postgresql://***@host/faces is gone"),
        ("s3://key:secret@bucket/a, s3://bucket/b", "s3://***@bucket/a, s3://bucket/b"),
        ("postgresql:///faces?user=a&password=hush&x=1", "postgresql:///faces?user=a&password=***&x=1"),
        (
            "http://192.0.2.7:8080/pair?code=abc-_123 not found",
            "http://192.0.2.7:8080/pair?code=*** not found",
        ),
        ("Cookie: a=b; mirror_session=abc-_123; c=d", "Cookie: a=b; mirror_session=***; c=d"),
        ("https://host/x?api_key='abc'", "https://host/x?api_key=***"),
        ("the code=3 of a process", "the code=3 of a process"),
        ("http://host/page?decode=yes", "http://host/page?decode=yes"),
        ("nothing to hide: a@b.example", "nothing to hide: a@b.example"),
    ],
)
def test_what_lets_somebody_in_is_hidden(text, shown):
    assert without_credentials(text) == shown


def test_diagnostics_tell_no_secret_whatever_a_node_says():
    health = NodeHealth()
    health.set_condition("store", Level.ERROR, "postgresql://me:hush@host/faces is gone.")
    health.counters["page"] = lambda: "http://192.0.2.7/pair?code=hush"
    report = health.report()
    assert report.message == "postgresql://***@host/faces is gone."
    assert report.values["page"] == "http://192.0.2.7/pair?code=***"
    assert "hush" not in str(report)
