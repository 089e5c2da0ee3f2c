"""The list of pages."""

from __future__ import annotations

import pytest

from mirror_core.errors import UsageError
from mirror_web import shell
from mirror_web.shell import pages, register_page


@pytest.fixture
def empty(monkeypatch):
    monkeypatch.setattr(shell, "_pages", {})


def test_pages_stand_in_the_order_of_registration(empty):
    register_page("/", "Live", "videocam", lambda context: None)
    register_page("/mood", "Mood", "mood", lambda context: None)
    assert [(page.path, page.title) for page in pages()] == [("/", "Live"), ("/mood", "Mood")]


def test_a_path_is_given_once(empty):
    register_page("/mood", "Mood", "mood", lambda context: None)
    with pytest.raises(UsageError, match="exists already"):
        register_page("/mood", "Other", "mood", lambda context: None)


def test_a_path_begins_with_a_slash(empty):
    with pytest.raises(UsageError, match="slash"):
        register_page("mood", "Mood", "mood", lambda context: None)
