"""What a report hides, and what it leaves as it is."""

from __future__ import annotations

import pytest

from mirror.discretion import Discretion

HIDE = Discretion(["Ada Lovelace", "Zoë", "X"], "/home/ada", "ada", "attic")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("postgresql://ada:s3cret@db/faces", "postgresql://***@db/faces"),
        (
            "url=postgresql+psycopg://u:a/b@c@db:5432/x?y=1 next",
            "url=postgresql+psycopg://***@db:5432/x?y=1 next",
        ),
        ("rtsp://admin@10.0.0.5/stream", "rtsp://***@10.0.0.5/stream"),
        ("https://mirror.example/page is fine", "https://mirror.example/page is fine"),
        ("MIRROR_S3_SECRET_KEY=abc/+def", "MIRROR_S3_SECRET_KEY=***"),
        ("MIRROR_KEY=abc_-def=", "MIRROR_KEY=***"),
        ("password: 'two words' kept", "password: *** kept"),
        ('{"api_key": "123", "rate": 5}', '{"api_key": ***, "rate": 5}'),
        ("s3://bucket?token=abc&region=eu", "s3://bucket?token=***&region=eu"),
        ("secret:=xyz", "secret:=***"),
        ("key AKIAIOSFODNN7EXAMPLE used", "key *** used"),
        ("Ada Lovelace wears zoë's face; adamant", "(a person) wears (a person)'s face; adamant"),
        ("/home/ada/.ros/log and /home/adam", "~/.ros/log and /home/adam"),
        ("ada@attic: X marks", "(user)@(host): X marks"),
        ("tokens p50 [ms]: 3; the key C; passed: 5", "tokens p50 [ms]: 3; the key C; passed: 5"),
    ],
)
def test_texts(text: str, expected: str) -> None:
    assert HIDE.text(text) == expected


def test_configurations_keep_their_shape() -> None:
    content = {
        "/**/gallery": {
            "ros__parameters": {"database_url": "postgresql://u:pw@db/x", "rate": 5.0, "on": True}
        },
        "/**/effects": {
            "ros__parameters": {"film.take": "Ada", "effects": ["mask", "swap"], "db_password": "pw"}
        },
        "/**/web": {"ros__parameters": {"token": "", "secret": None}},
    }
    assert HIDE.values(content) == {
        "/**/gallery": {
            "ros__parameters": {"database_url": "postgresql://***@db/x", "rate": 5.0, "on": True}
        },
        "/**/effects": {
            "ros__parameters": {"film.take": "***", "effects": ["mask", "swap"], "db_password": "***"}
        },
        "/**/web": {"ros__parameters": {"token": "", "secret": None}},
    }


def test_ordinary_words_are_no_names() -> None:
    assert Discretion(login="root", host="localhost").text("the root of localhost") == "the root of localhost"
