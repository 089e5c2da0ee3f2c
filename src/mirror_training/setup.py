"""Install mirror_training as an ament_python package."""

from setuptools import find_packages, setup

NAME = "mirror_training"

setup(
    name=NAME,
    version="0.1.0",
    description="Data and recipes of every model that the mirror ships.",
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
)
