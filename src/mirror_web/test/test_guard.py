"""Only this page gets the mirror's picture, no other web site."""

from __future__ import annotations

import socket

import pytest

from mirror_web.guard import is_own_name, refusal


@pytest.mark.parametrize(
    "host", ["127.0.0.1:8080", "localhost", "LOCALHOST:8080", "[::1]:8080", "192.168.1.7:8080"]
)
def test_addresses_and_localhost_are_this_machine(host):
    assert is_own_name(host)


def test_the_machines_own_name_is_accepted():
    assert is_own_name(f"{socket.gethostname()}:8080")


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:8080", "", "localhost.evil.example"]
)
def test_foreign_names_that_lead_here_are_not(host):
    assert not is_own_name(host)


@pytest.mark.parametrize(
    ("headers", "allowed"),
    [
        ({"host": "127.0.0.1:8080"}, True),
        ({"host": "127.0.0.1:8080", "origin": "http://127.0.0.1:8080"}, True),
        ({"host": "127.0.0.1:8080", "origin": "http://evil.example"}, False),
        ({"host": "127.0.0.1:8080", "origin": "http://127.0.0.1:9999"}, False),  # another server here
        ({"host": "127.0.0.1:8080", "origin": "null"}, False),  # a sandboxed frame
        ({"host": "evil.example"}, False),
        ({"host": "127.0.0.1", "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}, False),
        ({"host": "127.0.0.1", "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}, True),
        ({"host": "127.0.0.1", "sec-fetch-site": "same-origin", "sec-fetch-mode": "no-cors"}, True),
    ],
)
def test_requests_from_other_sites_are_refused(headers, allowed):
    assert (refusal(headers) is None) == allowed
