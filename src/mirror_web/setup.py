"""Package mirror_web: The web page of the mirror."""

from setuptools import find_packages, setup

PACKAGE = "mirror_web"

setup(
    name=PACKAGE,
    version="0.1.0",
    description="The web page of the mirror",
    license="Apache-2.0",
    maintainer="Mirror developers",
    maintainer_email="mirror@example.org",
    packages=find_packages(exclude=["test"]),
    package_data={PACKAGE: ["py.typed", "static/*", "texts/*"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (f"share/{PACKAGE}", ["package.xml"]),
    ],
    install_requires=["setuptools"],
    zip_safe=False,
    entry_points={"console_scripts": ["web_node = mirror_web.web_node:main"]},
)
