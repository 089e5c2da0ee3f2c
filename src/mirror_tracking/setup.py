"""Installs mirror_tracking as a ROS 2 Python package."""

from setuptools import find_packages, setup

PACKAGE = "mirror_tracking"

setup(
    name=PACKAGE,
    version="0.1.0",
    packages=find_packages(exclude=["test", "tools"]),
    package_data={PACKAGE: ["py.typed", "data/*.npy", "data/*.npz", "data/unmask*"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (f"share/{PACKAGE}", ["package.xml"]),
    ],
    install_requires=["setuptools"],
    zip_safe=False,
    maintainer="Mirror developers",
    maintainer_email="maintainers@users.noreply.github.com",
    description="Faces and bodies in the picture: detection, points, stable ids, smoothing, head pose.",
    license="Apache-2.0",
    entry_points={
        "console_scripts": [
            "bodies_node = mirror_tracking.bodies_node:main",
            "faces_node = mirror_tracking.faces_node:main",
            "gestures_node = mirror_tracking.gestures_node:main",
        ]
    },
)
