"""What the character does in the film: short scenes, as film people call beats, each with its own chances."""

from __future__ import annotations

from collections.abc import Callable

from mirror_training.film_character.angles import SIDES
from mirror_training.film_character.arm_poses import POSES, reach
from mirror_training.film_character.director import STAGE_M, Director

__all__ = ["ARM_BEATS", "LEG_BEATS", "Beat"]

Beat = Callable[[Director], None]
"""Enters movements and lets the director's time pass until the next beat may begin."""


def _go(director: Director, seconds: float, hold: tuple[float, float] = (0.3, 1.0)) -> None:
    """Wait for a movement and hold its end."""
    director.now += seconds
    director.wait(*hold)


def _other(side: str) -> str:
    return "right" if side == "left" else "left"


# ---- arms and head


def _stand(d: Director) -> None:
    """Stands at ease and shifts the weight."""
    d.relax()
    d.trunk(list=d.between(-5, 5), bend_side=d.between(-4, 4))
    _go(d, d.head(d.between(-15, 15), d.between(-4, 8), d.between(-5, 5)), (0.8, 1.8))


def _look_around(d: Director) -> None:
    sign = 1.0 if d.rng.random() < 0.5 else -1.0
    for _ in range(int(d.rng.integers(2, 4))):
        turn = sign * d.between(20, 62)
        d.trunk(twist=0.35 * turn, bend=d.between(-3, 8))
        _go(d, d.head(turn, d.between(-18, 16), d.between(-6, 6)), (0.3, 0.9))
        sign = -sign
    _go(d, d.head(), (0.1, 0.4))


def _nod_and_shake(d: Director) -> None:
    for _ in range(int(d.rng.integers(2, 4))):
        _go(d, d.head(nod=d.between(14, 28), seconds=0.3), (0.0, 0.05))
        _go(d, d.head(nod=d.between(-12, 0), seconds=0.3), (0.0, 0.05))
    for sign in (1, -1, 1):
        _go(d, d.head(turn=sign * d.between(15, 35), seconds=0.35), (0.0, 0.05))
    _go(d, d.head(tilt=d.between(-26, 26)), (0.3, 0.8))
    _go(d, d.head(), (0.1, 0.3))


def _wave(d: Director) -> None:
    side = d.side()
    d.head(d.between(-20, 20), d.between(-8, 4), d.between(-8, 8))
    _go(d, d.arms(POSES["wave"][side]), (0.0, 0.2))
    for _ in range(int(d.rng.integers(2, 5))):
        for name in ("wave_out", "wave_in"):
            _go(d, d.arms(POSES[name][side], seconds=d.between(0.25, 0.40), spread=2.0), (0.0, 0.04))
    _go(d, d.relax(side), (0.1, 0.3))


def _arms_up(d: Director) -> None:
    """Hands up."""
    name = str(d.rng.choice(["surrender", "hand_up", "hand_up"]))
    d.head(nod=d.between(-22, 0))
    _go(d, d.both(name, spread=7.0), (0.5, 1.3))
    _go(d, d.relax(), (0.1, 0.3))


def _one_arm_up(d: Director) -> None:
    side = d.side()
    d.trunk(bend_side=d.between(-14, 14))
    _go(d, d.arms(POSES[str(d.rng.choice(["hand_up", "surrender", "stop"]))][side], spread=8.0), (0.5, 1.2))
    _go(d, d.relax(side), (0.1, 0.3))


def _arms_wide(d: Director) -> None:
    d.trunk(bend_side=d.between(-16, 16), twist=d.between(-20, 20))
    _go(d, d.both("wide", spread=9.0), (0.4, 1.0))
    if d.rng.random() < 0.5:
        _go(d, d.both("ahead", spread=5.0), (0.2, 0.6))
    _go(d, d.relax(), (0.1, 0.3))


def _cross_arms(d: Director) -> None:
    d.head(d.between(-25, 25), d.between(-5, 12), d.between(-10, 10))
    _go(d, d.both("crossed", spread=1.5), (1.0, 2.2))
    _go(d, d.relax(), (0.1, 0.3))


def _point(d: Director) -> None:
    side = d.side()
    name = str(d.rng.choice(["point_ahead", "point_aside", "point_up", "point_ahead"]))
    sign = 1.0 if side == "left" else -1.0
    d.head(
        sign * (45.0 if name == "point_aside" else d.between(-5, 15)), -12.0 if name == "point_up" else 0.0
    )
    d.trunk(twist=-sign * (14.0 if name == "point_ahead" else -8.0))
    _go(d, d.arms(POSES[name][side], spread=7.0), (0.5, 1.1))
    _go(d, d.relax(side), (0.1, 0.3))


def _tip_hat(d: Director) -> None:
    side = d.side()
    sign = 1.0 if side == "left" else -1.0
    _go(d, d.arms(POSES["hat"][side], spread=1.5), (0.1, 0.3))
    d.trunk(bend=d.between(4, 16))
    _go(
        d,
        d.head(-sign * d.between(0, 18), d.between(10, 22), sign * d.between(0, 8), seconds=0.5),
        (0.2, 0.7),
    )
    d.trunk()
    d.head()
    _go(d, d.relax(side), (0.1, 0.3))


def _think(d: Director) -> None:
    """A hand at the chin, before the eyes or at the ear, the other arm at rest or across."""
    side = d.side()
    sign = 1.0 if side == "left" else -1.0
    name = str(d.rng.choice(["chin", "over_eyes", "ear"]))
    other = str(d.rng.choice(["hanging", "hip", "heart"]))
    d.head(sign * d.between(-8, 20), d.between(-4, 14), sign * d.between(-4, 10))
    _go(d, d.arms(POSES[name][side], POSES[other][_other(side)], spread=2.5), (0.8, 1.8))
    _go(d, d.relax(), (0.1, 0.3))


def _hide_face(d: Director) -> None:
    d.head(nod=d.between(8, 20))
    d.trunk(bend=d.between(4, 18))
    _go(d, d.both("face", spread=2.0), (0.5, 1.1))
    d.trunk()
    d.head()
    _go(d, d.relax(), (0.1, 0.3))


def _hands_in_front(d: Director) -> None:
    for name in d.rng.permutation(["clasped", "ahead", "palm_up", "heart", "down_ahead", "fist", "stop"])[:3]:
        sides = SIDES if d.rng.random() < 0.6 else (d.side(),)
        d.head(d.between(-15, 15), d.between(0, 18))
        _go(d, d.arms(*(POSES[str(name)][side] for side in sides), spread=6.0), (0.3, 0.8))
    _go(d, d.relax(), (0.1, 0.3))


def _hands_on_hips(d: Director) -> None:
    name = str(d.rng.choice(["hip", "pocket", "behind"]))
    d.head(d.between(-30, 30), d.between(-8, 8), d.between(-6, 6))
    _go(d, d.both(name, spread=2.0), (0.8, 1.8))
    _go(d, d.relax(), (0.1, 0.3))


def _shrug(d: Director) -> None:
    d.head(tilt=d.between(-16, 16), nod=d.between(-6, 6))
    _go(d, d.both("shrug", spread=4.0), (0.4, 0.9))
    _go(d, d.relax(), (0.1, 0.3))


def _light_match(d: Director) -> None:
    """Both hands shelter a flame before the mouth; then one shakes the match out."""
    side = d.side()
    d.trunk(bend=d.between(3, 10))
    d.head(d.between(-8, 8), d.between(10, 18), d.between(-5, 5))
    _go(d, d.both("match", spread=0.6), (1.0, 2.0))
    d.head(d.between(-10, 10), d.between(-10, 0))
    _go(d, d.arms(POSES["palm_up"][side], seconds=0.45), (0.0, 0.1))
    _go(d, d.arms(POSES["down_ahead"][side], seconds=0.35), (0.1, 0.3))
    d.trunk()
    _go(d, d.relax(), (0.1, 0.3))


def _check_watch(d: Director) -> None:
    d.head(d.between(-4, 10), d.between(16, 28), d.between(-4, 6))
    d.trunk(bend=d.between(2, 8), twist=d.between(-6, 6))
    if d.rng.random() < 0.5:
        took = d.both("watch", spread=2.0)
    else:
        took = d.arms(POSES["watch"]["left"], POSES["hanging"]["right"], spread=2.0)
    _go(d, took, (0.8, 1.6))
    d.head(d.between(-35, 35), d.between(-6, 4))
    d.trunk()
    _go(d, d.relax(), (0.1, 0.3))


def _draw_collar(d: Director) -> None:
    _go(d, d.both("collar", spread=1.5), (0.1, 0.3))
    d.head(d.between(-10, 10), d.between(8, 16))
    d.trunk(bend=d.between(4, 10))
    _go(d, d.both("collar_drawn", seconds=0.45, spread=1.5), (0.3, 1.0))
    d.trunk()
    d.head()
    _go(d, d.relax(), (0.1, 0.3))


def _reach(d: Director) -> None:
    """Arms anywhere: the poses that nobody thought of."""
    for _ in range(int(d.rng.integers(3, 6))):
        sides = SIDES if d.rng.random() < 0.65 else (d.side(),)
        d.head(d.between(-35, 35), d.between(-15, 18), d.between(-12, 12))
        d.trunk(twist=d.between(-18, 18), bend=d.between(-6, 16), bend_side=d.between(-12, 12))
        _go(d, d.arms(*(reach(side, d.rng) for side in sides), spread=0.0), (0.0, 0.35))
    d.trunk()
    _go(d, d.relax(), (0.1, 0.3))


ARM_BEATS: dict[str, tuple[Beat, int]] = {
    "stand": (_stand, 2),
    "look around": (_look_around, 2),
    "nod and shake": (_nod_and_shake, 1),
    "wave": (_wave, 2),
    "arms up": (_arms_up, 2),
    "one arm up": (_one_arm_up, 1),
    "arms wide": (_arms_wide, 2),
    "cross arms": (_cross_arms, 1),
    "point": (_point, 2),
    "tip hat": (_tip_hat, 2),
    "think": (_think, 2),
    "hide face": (_hide_face, 1),
    "hands in front": (_hands_in_front, 2),
    "hands on hips": (_hands_on_hips, 2),
    "shrug": (_shrug, 1),
    "light match": (_light_match, 1),
    "check watch": (_check_watch, 1),
    "draw collar": (_draw_collar, 1),
    "reach": (_reach, 5),
}
"""Beats of arms and head by name, and how often each comes in a round."""


# ---- feet and trunk; they begin together with a beat of the arms and let no time pass themselves


def _stay(d: Director) -> None:
    d.trunk(list=d.between(-4, 4))


def _step_aside(d: Director) -> None:
    x, z, turn = d.where()
    goal = min(max(x + d.between(-0.45, 0.45), -STAGE_M[0]), STAGE_M[0])
    d.step(goal, z, turn)


def _step_forward(d: Director) -> None:
    x, _, turn = d.where()
    d.step(x, d.between(STAGE_M[1], STAGE_M[2]), turn)


def _go_somewhere(d: Director) -> None:
    d.step(d.between(-STAGE_M[0], STAGE_M[0]), d.between(STAGE_M[1], STAGE_M[2]), d.between(-60, 60))


def _turn(d: Director) -> None:
    x, z, turn = d.where()
    goal = d.between(20, 62) * (1.0 if turn <= 0 else -1.0)
    d.step(x, z, goal)


def _face_front(d: Director) -> None:
    x, z, _ = d.where()
    d.step(0.4 * x, z, d.between(-12, 12))


def _crouch(d: Director) -> None:
    drop = d.between(0.06, 0.24)
    d.trunk(drop=drop, tip=40.0 * drop, bend=d.between(4, 22))


def _sit(d: Director) -> None:
    """As onto a chair that is not there."""
    d.trunk(seconds=1.1, drop=d.between(0.26, 0.36), tip=d.between(16, 26), bend=d.between(10, 24))


def _bow(d: Director) -> None:
    d.trunk(tip=d.between(8, 26), bend=d.between(15, 48))


def _lean(d: Director) -> None:
    side = d.between(-1, 1)
    d.trunk(bend_side=24 * side, list=8 * side, bend=d.between(-14, 6), twist=d.between(-15, 15))


LEG_BEATS: dict[str, tuple[Beat, int]] = {
    "stay": (_stay, 6),
    "step aside": (_step_aside, 4),
    "step forward": (_step_forward, 3),
    "go somewhere": (_go_somewhere, 3),
    "turn": (_turn, 5),
    "face front": (_face_front, 5),
    "crouch": (_crouch, 2),
    "sit": (_sit, 2),
    "bow": (_bow, 2),
    "lean": (_lean, 3),
}
"""Beats of feet and trunk by name, and how often each comes in a round."""
