"""What leaves the machine, told from settings, and how addresses are shown without their credentials."""

from __future__ import annotations

from pathlib import Path

import pytest

from mirror_gallery.consent import Consent, Scope
from mirror_web.catalogue import Texts, languages, spoken
from mirror_web.faces_testing import FakeFaces
from mirror_web.parameters import WebParameters
from mirror_web.privacy_control import (
    Destination,
    Reach,
    masked,
    network_destination,
    served_destination,
    stored_destination,
)
from mirror_web.privacy_page import sent_words, stored_people
from mirror_web.shell import PageContext
from mirror_web.stream import FrameBroadcaster
from mirror_web.testing import FakeControl


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("postgresql://me:se/c@ret@host/name", "postgresql://***@host/name"),
        (
            "postgresql://host/name?password=hush&sslmode=require",
            "postgresql://host/name?password=***&sslmode=require",
        ),
        ("s3://bucket/prefix?aws_secret_access_key=hush", "s3://bucket/prefix?aws_secret_access_key=***"),
        (f"{Path.home()}/faces.sqlite", "~/faces.sqlite"),
        ("s3://bucket/prefix", "s3://bucket/prefix"),
    ],
)
def test_credentials_and_the_users_folder_are_not_shown(address, shown):
    assert masked(address) == shown


@pytest.mark.parametrize(
    ("url", "reach"),
    [
        (None, Reach.UNKNOWN),
        ("", Reach.INSIDE),
        ("/data/faces.sqlite", Reach.INSIDE),
        ("sqlite:////data/faces.sqlite", Reach.INSIDE),
        ("file:///data", Reach.INSIDE),
        ("postgresql://me:hush@localhost/faces", Reach.INSIDE),
        ("postgresql+psycopg://127.0.0.1:5432/faces", Reach.INSIDE),
        ("postgresql:///faces?host=/var/run/postgresql", Reach.INSIDE),
        ("postgresql:///faces?host=db.example.org", Reach.OUTSIDE),
        ("postgresql://db.example.org/faces", Reach.OUTSIDE),
        ("s3://bucket/prefix", Reach.OUTSIDE),
        ("postgresql://[broken/faces", Reach.OUTSIDE),
    ],
)
def test_where_something_is_stored(url, reach):
    assert stored_destination("gallery_database", url).reach is reach


def test_an_upload_without_an_address_is_off():
    assert stored_destination("mood_export", "", Reach.OFF) == Destination("mood_export", Reach.OFF)


@pytest.mark.parametrize(
    ("host", "reach"),
    [
        (None, Reach.OFF),
        ("127.0.0.1", Reach.INSIDE),
        ("::1", Reach.INSIDE),
        ("localhost", Reach.INSIDE),
        ("0.0.0.0", Reach.OUTSIDE),
        ("", Reach.OUTSIDE),  # all addresses
        ("192.168.1.4", Reach.OUTSIDE),
    ],
)
def test_who_can_look_at_what_is_served(host, reach):
    assert served_destination("page", host).reach is reach


@pytest.mark.parametrize(
    ("environment", "reach"),
    [
        ({"ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST"}, Reach.INSIDE),
        ({"ROS_AUTOMATIC_DISCOVERY_RANGE": "OFF"}, Reach.INSIDE),
        ({"ROS_LOCALHOST_ONLY": "1"}, Reach.INSIDE),
        ({"ROS_AUTOMATIC_DISCOVERY_RANGE": "LOCALHOST", "ROS_STATIC_PEERS": "gpu.local"}, Reach.OUTSIDE),
        ({"ROS_AUTOMATIC_DISCOVERY_RANGE": "SUBNET"}, Reach.OUTSIDE),
        ({}, Reach.OUTSIDE),
    ],
)
def test_whether_other_machines_can_hear_the_graph(environment, reach):
    assert network_destination(environment).reach is reach


def test_what_leaves_the_machine_in_a_sentence():
    inside, outside = Destination("page", Reach.INSIDE), Destination("foxglove", Reach.OUTSIDE, "0.0.0.0")
    assert sent_words((inside,)) == "Nothing leaves this machine."
    assert sent_words((inside, outside)).startswith("One thing leaves")
    assert sent_words((outside, outside)).startswith("2 things leave")
    assert sent_words(()).startswith("What is sent is not known yet")


def test_every_destination_has_its_words_for_every_reach():
    places, reaches = Texts("privacy_places"), Texts("privacy_reach")
    for language in languages():
        with spoken(language):
            for key in places:
                assert all(reaches[f"{key}_{reach}"] for reach in Reach)


def test_the_faces_of_people_are_listed_without_the_presets():
    faces = FakeFaces()
    for number in range(60):
        faces.store(f"preset {number:02}", preset=True)
    for number in range(60):
        faces.store(f"somebody {number:02}", Consent(Scope.THIS_VISIT))
    context = PageContext(WebParameters(port=0), FrameBroadcaster(), FakeControl(), faces)
    people, more = stored_people(context)
    assert [face.name for face in people] == [f"somebody {number:02}" for number in range(60)]
    assert more == 0
