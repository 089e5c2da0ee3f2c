"""The bench's rows of two hosts where they cannot be made: a sentence, and no figures."""

from __future__ import annotations

import os

import pytest

pytest.importorskip("rclpy", reason="ROS 2 is not installed")

from mirror.bench import two_hosts as making
from mirror.bench.network import measure_network
from mirror_core.errors import MirrorError


def test_without_root_it_says_so_and_the_bench_goes_on(monkeypatch, capsys):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert measure_network(1.0) == {}
    assert "not measured: Network namespaces need root" in capsys.readouterr().err


def test_what_was_begun_is_taken_away_where_the_cable_cannot_be_laid(monkeypatch, tmp_path):
    calls = tmp_path / "calls"
    ip = tmp_path / "ip"
    ip.write_text(f'#!/bin/sh\necho "$@" >> {calls}\ncase "$1" in link) echo no veth >&2; exit 2;; esac\n')
    ip.chmod(0o755)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    with pytest.raises(MirrorError, match="cannot be made here: no veth"), making.two_hosts():
        pass
    done = calls.read_text().splitlines()
    made = [line.split()[-1] for line in done if line.startswith("netns add")]
    assert len(made) == 2
    assert [line.split()[-1] for line in done if line.startswith("netns del")] == made
