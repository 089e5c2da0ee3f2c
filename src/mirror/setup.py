"""Install mirror as an ament_python package, with the launch files and the configuration of the whole tree.

`launch` and `config` beside this file are links to the folders at the top of the repository: data files must
lie under the package, or `colcon build --symlink-install` would write outside its build folder.
"""

from pathlib import Path

from setuptools import find_packages, setup

NAME = "mirror"
HERE = Path(__file__).resolve().parent  # colcon runs a link to this file from its build folder


def data_folder(folder: str) -> list[tuple[str, list[str]]]:
    """Return the data_files entries for all files of a folder, subfolders included."""
    entries: dict[str, list[str]] = {}
    for path in sorted((HERE / folder).rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            relative = path.relative_to(HERE)
            entries.setdefault(f"share/{NAME}/{relative.parent}", []).append(str(relative))
    return list(entries.items())


setup(
    name=NAME,
    version="0.1.0",
    description="The whole mirror: launch files, configuration, graph table, container and command.",
    maintainer="Mirror developers",
    maintainer_email="maintainers@users.noreply.github.com",
    license="Apache-2.0",
    packages=find_packages(exclude=["test", "test.*"]),
    package_data={NAME: ["py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
        *data_folder("launch"),
        *data_folder("config"),
    ],
    install_requires=["setuptools"],
    zip_safe=False,
    entry_points={
        "console_scripts": [
            "mirror = mirror.command:main",
            "container = mirror.container:main",
        ],
        "mirror.sources": [
            "bench = mirror.bench.source:BenchSource",
            "bench_masked = mirror.bench.source:MaskedBenchSource",
        ],
    },
)
