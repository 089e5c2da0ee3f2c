"""The documentation fits the code: generated parts, links, pictures, commands, arguments, the example."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from importlib.metadata import EntryPoint
from pathlib import Path

import cv2
import numpy as np
import pytest
import yaml

from mirror_core.faces import Roi
from mirror_core.parameters import specs_of
from mirror_core.testing import synthetic_face
from mirror_effects import Scene
from mirror_effects.registry import find_effects

pytest.importorskip("rclpy", reason="ROS 2 is not installed")
pytest.importorskip("mirror_msgs", reason="mirror_msgs is not built: run colcon build first")

from mirror.bench.bars import SETUPS
from mirror.command import app
from mirror.graph import GRAPHS
from mirror.pictures import PAGES, SHEETS, WINDOWS, window_picture
from mirror.reference import documents
from mirror.reference.documents import BLOCK, example_effect
from mirror.reference.figures import complete_results, figures_tables, stages_table
from mirror.reference.nodes import Topic, described_nodes, parse_description, parse_topics

ROOT = Path(__file__).resolve().parent.parent
MEASURED = ("figures", "stages")  # taken over from a run of the bench on some machine: not reproducible
LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|href)=\"([^\"]+)\"")
README = (ROOT / "README.md").read_text("utf-8")
PAGES_OF_DOCS = [
    path
    for pattern in ("*.md", "docs/*.md", "docs/effects/*.md")
    for path in sorted(ROOT.glob(pattern))
    if not path.name.startswith(".")
]


def without_measured(text: str) -> str:
    """The text without what was measured."""
    return BLOCK.sub(lambda match: match[1] if match["what"] in MEASURED else match[0], text)


def code_blocks(text: str, language: str) -> list[str]:
    """The contents of all fenced blocks of a language."""
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.DOTALL | re.MULTILINE)


def heading_anchors(text: str) -> set[str]:
    """The anchors that a page's headings make."""
    titles = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.DOTALL | re.MULTILINE), re.M)
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}


def example_module(folder: Path, monkeypatch: pytest.MonkeyPatch) -> EntryPoint:
    """The README's effect as an installed module, under the entry point of the README's pyproject.toml."""
    project = tomllib.loads(code_blocks(README, "toml")[0])
    ((name, value),) = project["project"]["entry-points"]["mirror.effects"].items()
    (module,) = project["tool"]["setuptools"]["py-modules"]
    (folder / f"{module}.py").write_text(example_effect(), "utf-8")
    monkeypatch.syspath_prepend(folder)
    monkeypatch.delitem(sys.modules, module, raising=False)
    return EntryPoint(name, value, "mirror.effects")


# ---- what is generated


@pytest.mark.parametrize("path", sorted(documents(ROOT)), ids=str)
def test_a_generated_part_is_what_the_code_says(path):
    there = (ROOT / path).read_text("utf-8") if (ROOT / path).is_file() else ""
    wanted = documents(ROOT)[path]
    assert without_measured(there) == without_measured(wanted), f"{path} has drifted: run scripts/reference"


def test_every_parameter_of_every_node_and_effect_is_documented():
    text = (ROOT / "docs/parameters.md").read_text("utf-8")
    for node in described_nodes("full"):
        section = text.partition(f"\n## {node.spec.name}\n")[2].partition("\n## ")[0]
        assert [s.name for s in specs_of(node.config) if f"| `{s.name}` |" not in section] == []
    for name, effect in find_effects([]).effects.items():
        assert [s.name for s in specs_of(effect.Parameters) if f"| `{name}.{s.name}` |" not in text] == []


def test_every_effect_has_a_page_with_what_it_does():
    for name in find_effects([]).effects:
        page = (ROOT / "docs/effects" / f"{name}.md").read_text("utf-8")
        assert page.startswith(f"# {name}\n")
        assert f"<!-- generated: effect-parameters {name} -->" in page


def test_a_description_is_taken_apart_into_purpose_topics_and_remarks():
    purpose, remarks, topics = parse_description(
        """The test node: image in, faces out.

        Subscribed: camera/image_raw (sensor_msgs/Image, only while needed), info (sensor_msgs/CameraInfo),
        both at times. Published: /tf (tf2_msgs/TFMessage, frame face_<id>). It is quick.
        """
    )
    assert purpose == "The test node: image in, faces out."
    assert remarks == "It is quick."
    assert topics["Subscribed"] == (
        Topic("camera/image_raw", "sensor_msgs/Image", "only while needed"),
        Topic("info", "sensor_msgs/CameraInfo", "both at times"),
    )
    assert topics["Published"] == (Topic("/tf", "tf2_msgs/TFMessage", "frame face_<id>"),)


def test_a_topic_without_a_message_type_is_refused():
    with pytest.raises(ValueError, match=r"moods \(as they come\): the message type must come first"):
        parse_topics("moods (as they come)")


def test_the_drawing_joins_the_nodes_by_their_topics():
    nodes = {node.spec.name: node for node in described_nodes("full")}
    assert {t.name for t in nodes["camera"].published} == {
        "camera/image_raw",
        "camera/image_raw/compressed",
        "camera/camera_info",
        "/clock",
    }
    assert {t.name for t in nodes["effects"].subscribed} == {
        "camera/image_raw",
        "faces",
        "bodies",
        "moods",
        "gallery/state",
    }
    assert {t.name for t in nodes["display"].subscribed} == {
        "image",
        "camera/image_raw",
        "faces",
        "bodies",
        "gestures",
        "health",
        "gallery/captures",
        "gallery/state",
        "moods",
    }
    drawn = (ROOT / "docs/pictures/graph_full.svg").read_text("utf-8")
    topics = {t.name for node in nodes.values() for t in (*node.subscribed, *node.published)}
    for word in (*nodes, *(topics - {"/diagnostics"})):
        assert f">{word}</text>" in drawn


def test_angle_brackets_stay_text():
    nodes = (ROOT / "docs/nodes.md").read_text("utf-8")
    assert r"frame face_\<id> in the camera's optical frame" in nodes


def results_of(names: list[str]) -> dict:
    """What the bench writes, with made-up figures."""
    pipeline = {
        "p50_ms": 4.25,
        "p99_ms": 9.5,
        "shown_hz": 59.9,
        "dropped": 2,
        "sent": 480,
        "cpu_percent": 91.2,
    }
    pipeline |= {"rss_mb": 412.6, "first_picture_s": None, "stages_ms": {"faces mesh": 2.125}}
    return {
        "machine": {"cores": 2, "system": "Linux-6", "python": "3.11.7"},
        "pipelines": dict.fromkeys(names, pipeline),
        "algorithms": {"total_ms": 3.5, "total_p99_ms": 7.0, "stages_ms": {"track": 3.0}},
        "bars": [{"what": "frames dropped", "measured": 2, "limit": 0, "at_most": True, "held": False}],
    }


def test_measured_figures_are_taken_over(tmp_path):
    path = tmp_path / "results.json"
    path.write_text(json.dumps(results_of([setup.name for setup in SETUPS])))
    results = complete_results(path)
    text = figures_tables(results)
    assert "Measured on 2 cores, Linux-6, Python 3.11.7." in text
    assert "| composed, 60 Hz | 4.2 | 9.5 | 59.9 | 2 of 480 | 91 | 413 | – |" in text
    assert "| frames dropped | 2.00 | ≤ 0 | missed |" in text
    assert "| composed: faces mesh | 2.12 |" in stages_table(results)
    assert "| alone: track | 3.00 |" in stages_table(results)


def test_a_run_of_some_measurements_only_leaves_the_published_figures_alone(tmp_path):
    (tmp_path / "bench").mkdir()
    (tmp_path / "bench/results.json").write_text(json.dumps(results_of([SETUPS[0].name])))
    block = "<!-- generated: figures -->\n\nearlier figures\n\n<!-- end generated -->\n"
    (tmp_path / "README.md").write_text(block)
    assert documents(tmp_path)[Path("README.md")] == block


# ---- what is written by hand


@pytest.mark.parametrize("page", PAGES_OF_DOCS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_and_picture_of_a_page_exists(page):
    missing = []
    for match in LINK.finditer(page.read_text("utf-8")):
        target = match[1] or match[2]
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        path = (page.parent / file).resolve() if file else page
        anchors = heading_anchors(path.read_text("utf-8")) if anchor and path.is_file() else {anchor}
        if not path.exists() or anchor not in anchors:
            missing.append(target)
    assert missing == []


def test_every_make_target_that_is_named_exists():
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
    for page in PAGES_OF_DOCS:
        spans = "\n".join(re.findall(r"`+[^`]+`+", page.read_text("utf-8")))
        assert set(re.findall(r"\bmake ([a-z]+)", spans)) <= targets, page.name


def test_every_script_that_is_named_exists():
    for page in PAGES_OF_DOCS:
        for script in re.findall(r"\bscripts/([a-z_.]+[a-z])", page.read_text("utf-8")):
            assert (ROOT / "scripts" / script).is_file(), f"scripts/{script} in {page.name}"


def test_every_subcommand_of_mirror_that_is_named_exists():
    known = {(command.callback.__name__, "") for command in app.registered_commands if command.callback}
    for group in app.registered_groups:
        known |= {
            (group.name, command.name or command.callback.__name__)
            for command in group.typer_instance.registered_commands
        }
    groups = {name for name, below in known if below}
    for page in PAGES_OF_DOCS:
        for name, below in re.findall(
            r"`mirror ([a-z][a-z0-9]*)(?: ([a-z][a-z-]*))?", page.read_text("utf-8")
        ):
            is_group = name in groups and not below
            is_known = (name, below if name in groups else "") in known
            assert is_group or is_known, f"{page.name}: mirror {name} {below}"


def test_every_launch_argument_that_is_named_exists():
    known = {argument.name for graph in GRAPHS.values() for argument in graph.arguments}
    for page in PAGES_OF_DOCS:
        assert set(re.findall(r"([a-z_]+):=", page.read_text("utf-8"))) - known <= {"name"}, page.name


def test_the_readme_makes_every_launch_argument_known_that_there_is():
    for argument in GRAPHS["full"].arguments:
        assert f"| `{argument.name}:=` |" in README


def test_the_arguments_of_the_examples_are_accepted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("clip.mp4").touch()
    Path("photos").mkdir()
    Path("my.yaml").touch()
    examples = [
        line for line in re.findall(r"^make run ARGS=\"(.*?)\"", README, re.M) if "spotlight" not in line
    ]
    assert len(examples) >= 9
    for example in examples:
        words = example.split()
        graph = GRAPHS["full" if ":=" in words[0] else words.pop(0)]
        values = dict(word.split(":=", 1) for word in words)
        assert graph.plan(values).nodes[0].name == "camera"


def test_the_parameters_of_the_examples_exist():
    configs = {node.spec.name: node.config for node in described_nodes("full")}
    effects = find_effects([]).effects
    examples = re.findall(r"ros2 param (?:set|describe) /mirror/(\w+) (\S+)(?: \"?([^\"`\s]+))?", README)
    assert len(examples) >= 4
    for node, name, _ in examples:
        group, _, field = name.rpartition(".")
        if group == "spotlight":
            continue
        config = effects[group].Parameters if group else configs[node]
        assert field in {spec.name for spec in specs_of(config)}, name
    for block in code_blocks(README, "yaml"):
        for node, content in yaml.safe_load(block).items():
            config = configs[node.rpartition("/")[2]]
            assert set(content["ros__parameters"]) <= {spec.name for spec in specs_of(config)}


def test_the_files_that_the_readme_names_lie_where_it_says():
    profile = re.search(r"share/mirror/(config/\S+\.xml)", README)
    assert profile is not None
    assert (ROOT / profile[1]).is_file()
    for name in re.findall(r"pip install .*-r (\S+)", README):
        assert (ROOT / name).is_file()


# ---- the example effect


def test_the_readmes_effect_is_that_of_the_docstring():
    assert example_effect() + "\n" in code_blocks(README, "python")
    assert len([line for line in example_effect().splitlines() if line.strip()]) <= 20


def test_the_readmes_effect_is_found_and_draws_around_each_face(tmp_path, monkeypatch):
    plugin = example_module(tmp_path, monkeypatch)
    registry = find_effects([plugin])
    assert registry.problems == ()
    effect = registry.effects["spotlight"]()
    effect.parameters = effect.Parameters(radius=1.0)
    face = synthetic_face()
    black = np.zeros((720, 1280, 3), np.uint8)
    black.flags.writeable = False
    drawn = effect.apply(black, Scene(0, (face,)))
    roi: Roi = face.roi
    expected = cv2.circle(
        black.copy(), tuple(map(int, roi.centre)), int(roi.height), (0, 220, 255), 3, cv2.LINE_AA
    )
    assert np.array_equal(drawn, expected)
    assert drawn.any()
    assert not black.any()


# ---- pictures


def test_every_picture_that_can_be_made_is_there_and_none_else():
    made = {f"{name}.jpg" for name in (*WINDOWS, *SHEETS)} | {f"{name}.png" for name in PAGES}
    made |= {f"graph_{name}.svg" for name in (*GRAPHS, "running")}
    assert {path.name for path in (ROOT / "docs/pictures").iterdir()} == made


def test_the_published_picture_is_what_the_window_shows(monkeypatch):
    monkeypatch.setenv("SDL_VIDEODRIVER", "dummy")
    published = cv2.imread(str(ROOT / "docs/pictures/landmarks.jpg"))
    shown = window_picture(WINDOWS["landmarks"])
    assert shown.shape == published.shape
    # Landmarks may move by a fraction of a pixel on another processor, and JPEG is not exact.
    difference = cv2.absdiff(cv2.GaussianBlur(shown, (9, 9), 0), cv2.GaussianBlur(published, (9, 9), 0))
    assert difference.mean() < 1.0
    assert np.percentile(difference, 99.5) < 24


def test_an_unknown_picture_is_refused_in_one_sentence():
    answer = subprocess.run(
        [sys.executable, "-m", "mirror.pictures", "nonsense"], capture_output=True, text=True, check=False
    )
    assert answer.returncode != 0
    assert "nonsense is not a picture: allowed are landmarks" in answer.stderr
    assert "Traceback" not in answer.stderr
