"""The set-up scripts, the Makefile and the requirement files, without network; a stub stands for colcon."""

from __future__ import annotations

import importlib.util
import re
import shutil
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parent.parent
LISTS = ("base", "ros", "dev")
PLAIN = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/nonexistent", "LANG": "C.UTF-8"}


def load(script: str) -> ModuleType:
    """Import a Python script that has no .py ending."""
    loader = SourceFileLoader(f"script_{script}", str(ROOT / "scripts" / script))
    spec = importlib.util.spec_from_loader(loader.name, loader)
    assert spec is not None
    module = importlib.util.module_from_spec(spec)
    loader.exec_module(module)
    return module


def pins(name: str) -> dict[str, str]:
    """Return the pinned version of each package of a list, by canonical name."""
    found = {}
    for line in (ROOT / "requirements" / f"{name}.txt").read_text().splitlines():
        requirement, _, marker = line.partition("#")[0].strip().partition(";")
        if requirement and "==" not in marker:  # not those of one kind of machine alone
            package, _, version = requirement.partition("==")
            found[re.sub(r"[-_.]+", "-", package.partition("[")[0]).lower()] = version
    return found


def bash(command: str, cwd: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run a bash command in an otherwise plain environment."""
    return subprocess.run(
        ["/bin/bash", "-c", command],
        cwd=cwd,
        env={**PLAIN, **environment},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def executable(path: Path, text: str) -> Path:
    """Write a script that can be run."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A small workspace with the real scripts, a stub for colcon that logs its arguments, and one package."""
    root = tmp_path / "tree"
    shutil.copytree(ROOT / "scripts", root / "scripts")
    shutil.copytree(ROOT / "vendor", root / "vendor")
    shutil.copy(ROOT / "Makefile", root)
    executable(
        root / ".venv/bin/python",
        '#!/bin/bash\necho "$*" >>colcon.calls\nmkdir -p install\n'
        "echo 'export BUILT=yes:$UNSET' >install/setup.bash\n",
    )
    (root / ".venv/made.stamp").write_text("made\n")
    package = root / "src/thing"
    (package / "thing").mkdir(parents=True)
    (package / "package.xml").write_text("<package/>")
    (package / "thing/module.py").write_text("VALUE = 1\n")
    (root / "launch").mkdir()
    (root / "config").mkdir()
    return root


def builds(tree: Path) -> list[str]:
    """Run scripts/build and return all calls of colcon so far."""
    result = bash("scripts/build", tree)
    assert result.returncode == 0, result.stderr
    return (tree / "colcon.calls").read_text().splitlines()


# --- requirement files


@pytest.mark.parametrize("name", LISTS)
def test_every_requirement_is_pinned(name: str) -> None:
    assert all(re.fullmatch(r"\d[\w.]*", version) for version in pins(name).values())
    assert len(pins(name)) > 10


def test_what_recognises_people_needs_nothing_else_and_is_in_no_other_list() -> None:
    assert pins("recognise").keys() == {"dlib-bin", "face-recognition-models"}
    assert not any(pins("recognise").keys() & pins(name).keys() for name in LISTS)


def test_a_package_stands_in_one_list_only() -> None:
    base, ros, dev = (set(pins(name)) for name in LISTS)
    assert not base & ros
    assert not base & dev
    assert not ros & dev


def test_packages_that_break_the_mirror_are_not_locked() -> None:
    locked = {package for name in LISTS for package in pins(name)}
    assert not locked & {"jax", "jaxlib", "tensorflow", "lark", "opencv-python", "opencv-python-headless"}
    assert "lark-parser" in locked
    assert int(pins("base")["setuptools"].split(".")[0]) < 80
    assert pins("base")["numpy"].startswith("1.")


def test_lock_follows_extras_and_markers_but_not_what_is_never_imported() -> None:
    lock = load("lock")
    packages = {
        "mediapipe": {"requires_dist": ["jax", "absl-py", "winonly; sys_platform == 'win32'"]},
        "absl-py": {},
        "ros-rclpy": {"requires_dist": ["rmw; extra == 'fastrtps'", "absl_py"]},
        "rmw": {},
    }
    direct = lock.direct_requirements("# head\nmediapipe==1  # word\nros-rclpy[fastrtps]==2\n")
    assert lock.reached(direct, packages) == {
        "mediapipe": set(),
        "absl-py": {"mediapipe", "ros-rclpy"},
        "ros-rclpy": set(),
        "rmw": {"ros-rclpy"},
    }


def test_lock_leaves_out_what_is_for_another_kind_of_machine() -> None:
    text = 'a==1; platform_machine == "nowhere"\na==2; platform_machine != "nowhere"  # word\nb==3\n'
    assert [str(each.specifier) for each in load("lock").direct_requirements(text)] == ["==2", "==3"]


def test_lock_keeps_the_hand_written_part_and_the_pins() -> None:
    lock = load("lock")
    text = f"# The transitive part is written.\n\n# direct\na==1 # word\n\n{lock.TRANSITIVE}\nb==2  # a\n"
    assert lock.split(text) == ("# The transitive part is written.\n\n# direct\na==1 # word\n", ["b==2"])


# --- the wheels


def test_patch_names_the_real_include_folders_once_and_again_when_numpy_moves(tmp_path: Path) -> None:
    patch = load("patch_wheels").patch
    cmake = tmp_path / "share/std_msgs/cmake/export.cmake"
    cmake.parent.mkdir(parents=True)
    wheel = "/opt/python/cp311-cp311"
    numpy = "lib/python3.11/site-packages/numpy"
    cmake.write_text(f'DIRS "${{p}}/include;{wheel}/include/python3.11;{wheel}/{numpy}/_core/include"\n')

    assert patch(tmp_path, "/usr/include/python3.11", f"/venv/{numpy}/core/include") == 1
    assert cmake.read_text() == f'DIRS "${{p}}/include;/usr/include/python3.11;/venv/{numpy}/core/include"\n'
    assert patch(tmp_path, "/usr/include/python3.11", f"/venv/{numpy}/core/include") == 0
    assert patch(tmp_path, "/usr/include/python3.11", f"/venv/{numpy}/_core/include") == 1
    assert f"/venv/{numpy}/_core/include" in cmake.read_text()


@pytest.mark.parametrize("shell", ["sh", "bash"])
def test_local_setup_chains_the_environment_once(tree: Path, shell: str) -> None:
    assert bash("scripts/write_local_setup", tree).returncode == 0
    twice = f". .venv/local_setup.{shell} && . .venv/local_setup.{shell}"
    result = bash(f"{twice} && echo $AMENT_PREFIX_PATH $CMAKE_PREFIX_PATH $ROS_DISTRO $PATH", tree)
    venv = tree / ".venv"
    assert result.stdout.split() == [str(venv), str(venv), "kilted", f"{venv}/bin:{PLAIN['PATH']}"]


# --- what the system must have


def test_python_of_another_version_gets_one_sentence_with_the_way_out(tmp_path: Path) -> None:
    old = executable(tmp_path / "python3", "#!/bin/sh\necho 3.9\n")
    result = bash("scripts/check_system", ROOT, PYTHON=str(old))
    assert result.returncode == 1
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    assert "is Python 3.9; the mirror needs 3.11 or 3.12" in result.stderr


def test_without_a_fitting_python_the_command_that_installs_it_is_named(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    for name in ("python3", "python3.11", "python3.12"):
        executable(tools / name, "#!/bin/sh\necho 3.13\n")
    for name in ("dirname", "grep"):
        (tools / name).symlink_to(f"/usr/bin/{name}")
    text = (ROOT / "scripts/check_system").read_text().replace("python3 /usr/bin/python3\n", "python3\n")
    copy = executable(tmp_path / "scripts/check_system", text)
    shutil.copy(ROOT / "scripts/common.sh", copy.parent)
    result = bash(f"/bin/bash {copy}", tmp_path, PATH=str(tools))
    assert result.returncode == 1
    assert "sudo apt-get install python3 python3-venv python3-dev" in result.stderr
    assert "python3 is 3.13" in result.stderr


def test_each_missing_system_package_is_named_with_one_install_command(tmp_path: Path) -> None:
    tools = tmp_path / "bin"
    tools.mkdir()
    for name in ("dirname", "readlink", "grep"):
        (tools / name).symlink_to(f"/usr/bin/{name}")
    executable(tools / "ldconfig", "#!/bin/sh\necho libglib-2.0.so.0\n")
    python = executable(
        tools / "python3",
        '#!/bin/sh\ncase "$2" in *version_info*) echo 3.12 ;; *ensurepip*) exit 1 ;; esac\n',
    )
    result = bash("/bin/bash scripts/check_system", ROOT, PATH=str(tools), PYTHON=str(python))
    assert result.returncode == 1
    assert "sudo apt-get install -y build-essential make python3-venv libgl1\n" in result.stderr
    assert re.search(r"libgl1 +for OpenCV", result.stderr)
    assert "libglib" not in result.stderr


def test_a_system_with_everything_prints_the_python_to_use() -> None:
    result = bash("scripts/check_system", ROOT, PYTHON=sys.executable)
    if result.returncode:
        pytest.skip(f"this system lacks packages: {result.stderr}")
    assert result.stdout.strip() == sys.executable


# --- set-up


def test_setup_refuses_a_path_with_a_space_an_unknown_option_and_another_ros(
    tree: Path, tmp_path: Path
) -> None:
    spaced = tmp_path / "my tree"
    shutil.copytree(tree / "scripts", spaced / "scripts")
    result = bash("scripts/setup", spaced)
    assert result.returncode == 1
    assert "holds a space" in result.stderr

    result = bash("scripts/setup --fast", tree)
    assert result.returncode == 1
    assert "'--fast' is not known" in result.stderr

    (tmp_path / "humble/share/rclpy").mkdir(parents=True)
    result = bash("scripts/setup", tree, ROS_DISTRO="humble", AMENT_PREFIX_PATH=str(tmp_path / "humble"))
    assert result.returncode == 1
    assert "ROS 2 humble is sourced, and the mirror supports jazzy and kilted" in result.stderr


def test_what_recognises_people_is_installed_when_asked_for_and_kept(tree: Path) -> None:
    shutil.copytree(ROOT / "requirements", tree / "requirements")
    (tree / ".venv/made.stamp").write_text(f"folder {tree}\nROS wheels\nPython found\n")
    for name in ("base", "ros"):  # as if they were installed already
        bash(f"sha256sum <requirements/{name}.txt >.venv/{name}.stamp", tree)

    def installs(command: str) -> list[str]:
        (tree / "colcon.calls").write_text("")
        result = bash(command, tree)
        assert result.returncode == 0, result.stderr
        return [call for call in (tree / "colcon.calls").read_text().splitlines() if "pip install" in call]

    assert installs("scripts/setup") == []
    (call,) = installs("scripts/setup --recognise")
    assert call.endswith("--no-deps -r requirements/recognise.txt")
    assert installs("scripts/setup") == []
    with (tree / "requirements/recognise.txt").open("a") as file:
        file.write("# another version\n")
    (call,) = installs("scripts/setup")  # once asked for, it is kept up to date
    assert call.endswith("-r requirements/recognise.txt")


def test_only_an_installation_outside_the_tree_counts_as_sourced_ros(tree: Path, tmp_path: Path) -> None:
    (tree / ".venv/share/rclpy").mkdir(parents=True)
    (tmp_path / "ros/share/rclpy").mkdir(parents=True)
    ask = ". scripts/common.sh; echo [$(sourced_ros)]"
    ours = f"{tree}/install/thing:{tree}/.venv"
    assert bash(ask, tree, ROS_DISTRO="kilted", AMENT_PREFIX_PATH=ours).stdout == "[]\n"
    theirs = f"{ours}:{tmp_path}/ros"
    assert bash(ask, tree, ROS_DISTRO="jazzy", AMENT_PREFIX_PATH=theirs).stdout == "[jazzy]\n"
    assert bash(ask, tree).stdout == "[]\n"


def test_a_failing_step_shows_its_last_lines_and_ends(tree: Path) -> None:
    result = bash(". scripts/common.sh; step 'Trying' bash -c 'echo why; exit 3'; echo never", tree)
    assert result.returncode == 1
    assert "never" not in result.stdout
    assert "why\n" in result.stderr
    assert '"Trying" failed' in result.stderr


# --- build


def test_build_runs_again_only_when_something_it_reads_changes(tree: Path) -> None:
    assert len(builds(tree)) == 1
    assert len(builds(tree)) == 1

    (tree / "src/thing/thing/module.py").write_text("VALUE = 2\n")
    assert len(builds(tree)) == 1, "linked Python needs no build"

    (tree / "src/thing/package.xml").write_text("<package format='3'/>")
    assert len(builds(tree)) == 2

    (tree / "launch/full.launch.py").write_text("")
    assert len(builds(tree)) == 3, "a new launch file is to be installed"

    (tree / "launch/full.launch.py").write_text("# edited\n")
    assert len(builds(tree)) == 3, "an installed launch file is linked"


def test_build_runs_again_after_a_failure(tree: Path) -> None:
    good = (tree / ".venv/bin/python").read_text()
    executable(tree / ".venv/bin/python", "#!/bin/bash\necho broken.cpp >&2\nexit 1\n")
    result = bash("scripts/build", tree)
    assert result.returncode == 1
    assert "broken.cpp" in result.stderr
    executable(tree / ".venv/bin/python", good)
    assert len(builds(tree)) == 1


def test_a_vendored_package_is_built_only_where_ros_lacks_it(tree: Path, tmp_path: Path) -> None:
    assert "--base-paths src vendor/tf2_msgs " in builds(tree)[0]

    (tmp_path / "ros/share/tf2_msgs").mkdir(parents=True)
    (tmp_path / "ros/share/tf2_msgs/package.xml").touch()
    (tree / ".venv/build.stamp").unlink()
    assert bash("scripts/build", tree, AMENT_PREFIX_PATH=str(tmp_path / "ros")).returncode == 0
    assert "--base-paths src --event" in (tree / "colcon.calls").read_text().splitlines()[-1]


# --- environment


def test_environment_sets_private_defaults_and_keeps_what_the_user_set(tree: Path) -> None:
    builds(tree)
    show = "echo $BUILT $ROS_AUTOMATIC_DISCOVERY_RANGE; command -v python"
    result = bash(f"set -euo pipefail; . scripts/environment.sh; {show}; [[ $- == *u* ]]", tree)
    assert result.returncode == 0, result.stderr
    assert result.stdout.split() == [
        "yes:",
        "LOCALHOST",
        str(tree / ".venv/bin/python"),
    ]
    result = bash(
        f". scripts/environment.sh; {show}",
        tree,
        ROS_AUTOMATIC_DISCOVERY_RANGE="SUBNET",
    )
    assert result.stdout.split()[1] == "SUBNET"


def test_environment_before_the_first_build_says_what_to_run(tree: Path) -> None:
    result = bash(". scripts/environment.sh || echo refused", tree)
    assert result.stdout == "refused\n"
    assert "run `make build`" in result.stderr


# --- make


def test_make_hands_over_arguments_with_spaces_whole(tree: Path) -> None:
    executable(tree / "scripts/setup", "#!/bin/sh\n")
    executable(tree / "scripts/run", '#!/bin/sh\nprintf "<%s>" "$@"\n')
    result = bash("""make run ARGS="camera:=video path:='my clip.mp4'" """, tree)
    assert result.stdout == "<mirror><run><camera:=video><path:=my clip.mp4>"


def test_make_without_a_target_lists_every_target(tree: Path) -> None:
    listed = set(re.findall(r"^  make (\w+)", bash("make", tree).stdout, flags=re.MULTILINE))
    assert listed == {
        "help",
        "run",
        "test",
        "check",
        "format",
        "docs",
        "bench",
        "soak",
        "fuzz",
        "audit",
        "build",
        "clean",
    }


def test_make_test_fails_when_a_step_fails(tree: Path) -> None:
    for name in ("setup", "test_system_packages", "test"):
        executable(tree / f"scripts/{name}", "#!/bin/sh\n")
    executable(tree / "scripts/check", "#!/bin/sh\nexit 1\n")
    assert bash("make test", tree).returncode != 0


# --- the built workspace


@pytest.mark.parametrize("folder", ["launch", "config"])
def test_the_built_workspace_carries_every_launch_and_config_file(folder: str) -> None:
    share = ROOT / "install/mirror/share/mirror"
    if not share.is_dir():
        pytest.skip("the workspace is not built here; `make build` builds it")
    files = {path.name for path in (ROOT / folder).glob("*.*")}
    assert files
    assert files <= {path.name for path in (share / folder).iterdir()}
