"""Package mirror_display: The window on the mirror."""

from setuptools import find_packages, setup

PACKAGE = "mirror_display"

setup(
    name=PACKAGE,
    version="0.1.0",
    description="The window on the mirror",
    license="Apache-2.0",
    maintainer="Mirror developers",
    maintainer_email="mirror@example.org",
    packages=find_packages(exclude=["test"]),
    package_data={PACKAGE: ["py.typed", "texts/*.toml"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (f"share/{PACKAGE}", ["package.xml"]),
    ],
    install_requires=["setuptools"],
    zip_safe=False,
    entry_points={
        "console_scripts": ["display_node = mirror_display.display_node:main"],
        "mirror.widgets": [
            "clock = mirror_display.widgets.clock:ClockWidget",
            "date = mirror_display.widgets.date:DateWidget",
            "greeting = mirror_display.widgets.greeting:GreetingWidget",
            "mood_week = mirror_display.widgets.mood_week:MoodWeekWidget",
        ],
    },
)
