"""Install mirror_effects as an ament_python package."""

from setuptools import Extension, find_packages, setup

NAME = "mirror_effects"

setup(
    name=NAME,
    version="0.1.0",
    description="Effects on the mirror's picture: plugin interface, live stack, built-in effects.",
    maintainer="Mirror developers",
    maintainer_email="maintainers@users.noreply.github.com",
    license="Apache-2.0",
    packages=find_packages(exclude=["test", "test.*"]),
    package_data={
        NAME: [
            "py.typed",
            "texts/*.toml",
            "data/*.npy",
            "data/*.tflite",
            "data/masks/*.webp",
            "data/scenes/*/*",
        ]
    },
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
    ],
    # A plain C library in an extension's clothes; without a compiler numpy does its work.
    ext_modules=[
        Extension(
            f"{NAME}._mesh_fill", ["mirror_effects/mesh_fill.c"], extra_compile_args=["-O3"], optional=True
        )
    ],
    install_requires=["setuptools"],
    zip_safe=False,
    entry_points={
        "console_scripts": ["effects_node = mirror_effects.effects_node:main"],
        "mirror.effects": [
            "caricature = mirror_effects.caricature:CaricatureEffect",
            "delay = mirror_effects.delay:DelayEffect",
            "deform = mirror_effects.deform:DeformEffect",
            "expression = mirror_effects.expression:ExpressionEffect",
            "film = mirror_effects.film_effect:FilmEffect",
            "landmarks = mirror_effects.landmarks:LandmarksEffect",
            "mask = mirror_effects.mask:MaskEffect",
            "none = mirror_effects.plain:PlainEffect",
            "swap = mirror_effects.swap:SwapEffect",
            "then_and_now = mirror_effects.then_and_now:ThenAndNowEffect",
            "unmask = mirror_effects.unmask:UnmaskEffect",
            "wear_mask = mirror_effects.wear_mask:WearMaskEffect",
        ],
    },
)
