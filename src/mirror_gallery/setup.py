"""Package mirror_gallery: Stored faces: capture, consent, store."""

from setuptools import find_packages, setup

PACKAGE = "mirror_gallery"

setup(
    name=PACKAGE,
    version="0.1.0",
    description="Stored faces: capture, consent, store",
    license="Apache-2.0",
    maintainer="Mirror developers",
    maintainer_email="mirror@example.org",
    packages=find_packages(exclude=["test"]),
    package_data={PACKAGE: ["py.typed", "data/presets/*.mirrorface"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{PACKAGE}"]),
        (f"share/{PACKAGE}", ["package.xml"]),
    ],
    install_requires=["setuptools"],
    zip_safe=False,
    entry_points={"console_scripts": ["gallery_node = mirror_gallery.gallery_node:main"]},
)
