"""Install mirror_inspection as an ament_python package."""

from setuptools import find_packages, setup

NAME = "mirror_inspection"

setup(
    name=NAME,
    version="0.1.0",
    description="Looking into the running graph: its health in plain words, and all of it in Foxglove.",
    maintainer="Mirror developers",
    maintainer_email="maintainers@users.noreply.github.com",
    license="Apache-2.0",
    packages=find_packages(exclude=["test", "test.*"]),
    package_data={NAME: ["py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
    ],
    install_requires=["setuptools"],
    zip_safe=False,
    entry_points={
        "console_scripts": [
            "foxglove_node = mirror_inspection.foxglove_node:main",
            "health_node = mirror_inspection.health_node:main",
        ]
    },
)
