"""Install mirror_camera as an ament_python package."""

from setuptools import find_packages, setup

NAME = "mirror_camera"

setup(
    name=NAME,
    version="0.1.0",
    description="The mirror's camera: V4L2, clips and streams, folders of pictures, the demo reel.",
    maintainer="Mirror developers",
    maintainer_email="maintainers@users.noreply.github.com",
    license="Apache-2.0",
    packages=find_packages(exclude=["test", "test.*", "tools", "tools.*"]),
    package_data={NAME: ["py.typed", "data/*.png"]},
    data_files=[
        ("share/ament_index/resource_index/packages", [f"resource/{NAME}"]),
        (f"share/{NAME}", ["package.xml"]),
    ],
    install_requires=["setuptools"],
    zip_safe=False,
    entry_points={
        "console_scripts": ["camera_node = mirror_camera.camera_node:main"],
        "mirror.sources": [
            "bag = mirror_camera.bag:BagSource",
            "demo = mirror_camera.demo:DemoSource",
            "images = mirror_camera.images:ImagesSource",
            "ros = mirror_camera.ros_topic:RosTopicSource",
            "v4l2 = mirror_camera.v4l2:V4l2Source",
            "video = mirror_camera.video:VideoSource",
        ],
    },
)
