"""Install mirror_robot as an ament_python package."""

from setuptools import find_packages, setup

NAME = "mirror_robot"

setup(
    name=NAME,
    version="0.1.0",
    description="Robots at the mirror: a head that mirrors the person, and faces as REP-155 has them.",
    maintainer="Mirror developers",
    maintainer_email="maintainers@users.noreply.github.com",
    license="Apache-2.0",
    packages=find_packages(exclude=["test", "test.*"]),
    package_data={NAME: ["py.typed"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
        (f"share/{NAME}/urdf", ["urdf/mirror_head.urdf"]),
    ],
    install_requires=["setuptools"],
    zip_safe=False,
    entry_points={
        "console_scripts": [
            "head_model_node = mirror_robot.head_model_node:main",
            "hri_node = mirror_robot.hri_node:main",
            "mimic_node = mirror_robot.mimic_node:main",
        ]
    },
)
