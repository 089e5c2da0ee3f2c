"""Install mirror_mood as an ament_python package."""

from setuptools import find_packages, setup

NAME = "mirror_mood"

setup(
    name=NAME,
    version="0.1.0",
    description="Moods: what a face expresses, with an honest unsure.",
    maintainer="Mirror developers",
    maintainer_email="maintainers@users.noreply.github.com",
    license="Apache-2.0",
    packages=find_packages(exclude=["test", "test.*"]),
    package_data={NAME: ["py.typed", "data/*.tflite", "data/*.json", "data/*.npz"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
    ],
    install_requires=["setuptools"],
    zip_safe=False,
    entry_points={
        "console_scripts": [
            "mood_log_node = mirror_mood.mood_log_node:main",
            "mood_node = mirror_mood.mood_node:main",
        ]
    },
)
