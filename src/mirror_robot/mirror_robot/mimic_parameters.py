"""Parameters of the mimic node."""

from __future__ import annotations

from dataclasses import dataclass

from mirror_core.parameters import parameter
from mirror_robot.joint_motion import FASTEST_RESPONSE
from mirror_robot.joints import OWN_HEAD, parse_joints

__all__ = ["MimicParameters"]


@dataclass(frozen=True)
class MimicParameters:
    """How a robot's head follows the nearest person."""

    rate: float = parameter(30.0, "Joint states a second.", minimum=1.0, maximum=200.0)
    mirrored: bool = parameter(
        True,
        "Move as a looking glass would show the person; false: left does what the person's left does.",
    )
    response: float = parameter(
        15.0,
        "How quickly joints follow, in 1/s: a small movement is done to 90 % after 3.9 divided by this.",
        minimum=1.0,
        maximum=FASTEST_RESPONSE,
    )
    rest_after_s: float = parameter(
        2.0, "Seconds without a person after which the head goes back to rest.", minimum=0.0, maximum=600.0
    )
    learn_rest: bool = parameter(
        True, "Learn how each person looks at rest, so that low brows are not taken for a frown."
    )
    joints: tuple[str, ...] = parameter(
        (OWN_HEAD,),
        "The robot's joints, each as words name= unit= lower= upper= speed= acceleration= and, where wanted, "
        "gain= and offset=, e.g. 'name=neck unit=head_yaw lower=-1 upper=1 speed=2 acceleration=10'; "
        f"{OWN_HEAD}: the head of urdf/mirror_head.urdf.",
    )

    def __post_init__(self) -> None:
        parse_joints(self.joints)
