"""Rules that act on moods: who has been in which mood for how long, and what then happens.

A rule is one line of key=value words, so that it fits into a parameter file as it is:

    name=cheer mood=sad duration=4 cooldown=60 effects=deform deform.preset=cheery lasts=10

| key | meaning |
|---|---|
| `name` | what the rule is called in messages; letters, digits, - and _ |
| `mood` | angry, disgust, fear, happy, sad, surprise or neutral |
| `person` | gallery id of the only one it is for; `known`: anybody whom the mirror knows; left out: anybody |
| `duration` | seconds for which the mood must last, 0.5 … 3600; 3 if left out |
| `cooldown` | seconds in which the rule does nothing more for the same person, 0 … 86400; 60 if left out |
| `effects` | the stack to show then, names joined by +; left out: only the message is sent |
| `lasts` | seconds after which the earlier stack comes back, 1 … 3600; left out: it stays |
| `<effect>.<parameter>` | a parameter of an effect to set then |
"""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from mirror_core.errors import ParameterError
from mirror_core.moods import Mood, MoodLabel, MoodSet

__all__ = ["KNOWN", "Fired", "MoodRule", "RuleEngine", "parse_rule", "parse_rules"]

KNOWN = "known"  # in place of a person: anybody whom the mirror knows
NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
EFFECT_PARAMETER = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")
GAP_NS = 700_000_000  # a mood that is gone for no longer than this has lasted
FORGET_NS = 10_000_000_000  # somebody not seen for so long begins anew, but for the cooldown
BACKWARDS_NS = 1_000_000_000  # a stamp this much older than the newest begins everything anew
KEYS = ("name", "mood", "person", "duration", "cooldown", "effects", "lasts")
MOODS = tuple(label.word for label in MoodLabel)


@dataclass(frozen=True, slots=True)
class MoodRule:
    """One rule; see the module for what its parts mean.

    Attributes:
        name: in messages.
        mood: that it waits for.
        duration_s, cooldown_s: in seconds.
        person: gallery id, KNOWN, or empty for anybody.
        effects: the stack to show; empty to leave it.
        parameters: names with the effect's prefix → values as they were written.
        lasts_s: seconds until the earlier stack comes back; None where it stays.
    """

    name: str
    mood: MoodLabel
    duration_s: float = 3.0
    cooldown_s: float = 60.0
    person: str = ""
    effects: tuple[str, ...] = ()
    parameters: Mapping[str, str] = field(default_factory=dict)
    lasts_s: float | None = None

    @property
    def action(self) -> str:
        """What the rule asks for as in mirror_msgs/MoodEvent: "effect:deform deform.preset=cheery"."""
        words = [f"effect:{','.join(self.effects)}"] if self.effects else []
        return " ".join([*words, *(f"{name}={value}" for name, value in self.parameters.items())])

    def is_for(self, mood: Mood) -> bool:
        """Whether this is the mood, surely, of somebody for whom the rule is."""
        whom = not self.person or (bool(mood.person) if self.person == KNOWN else mood.person == self.person)
        return whom and not mood.unsure and mood.dominant == self.mood


@dataclass(frozen=True, slots=True, eq=False)
class Fired:
    """A rule has fired.

    Attributes:
        rule: which.
        mood: the newest mood of the person.
        duration_s: for how long it has lasted.
    """

    rule: MoodRule
    mood: Mood
    duration_s: float


def _refused(line: str, why: str) -> ParameterError:
    return ParameterError(f"The mood rule {line!r} is refused: {why}.")


def _seconds(line: str, words: Mapping[str, str], key: str, low: float, high: float) -> float | None:
    if key not in words:
        return None
    try:
        value = float(words[key])
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise _refused(line, f"{key}={words[key]}, allowed are {low:g} … {high:g} seconds")
    return value


def parse_rule(line: str) -> MoodRule:
    """Read one rule.

    Raises:
        ParameterError: one sentence that says what is wrong and what is allowed.
    """
    words: dict[str, str] = {}
    try:
        parts = shlex.split(line)
    except ValueError as error:
        raise _refused(line, "a quotation mark is not closed") from error
    for part in parts:
        key, is_given, value = part.partition("=")
        if not (is_given and value and (key in KEYS or EFFECT_PARAMETER.fullmatch(key))):
            raise _refused(
                line,
                f"{part!r} is no key=value with one of the keys {', '.join(KEYS)} or <effect>.<parameter>",
            )
        if key in words:
            raise _refused(line, f"{key} stands there twice")
        words[key] = value
    for key in ("name", "mood"):
        if key not in words:
            raise _refused(line, f"it has no {key}=")
    if not NAME.fullmatch(words["name"]):
        raise _refused(line, "its name may hold letters, digits, - and _, up to 64 of them")
    if words["mood"] not in MOODS:
        raise _refused(line, f"mood={words['mood']}, allowed are {', '.join(MOODS)}")
    effects = tuple(word for word in words.get("effects", "").split("+") if word)
    if len(set(effects)) < len(effects):
        raise _refused(line, "each effect may stand once")
    lasts_s = _seconds(line, words, "lasts", 1.0, 3600.0)
    if lasts_s is not None and not effects:
        raise _refused(line, "lasts= needs effects=, which it takes back")
    duration_s = _seconds(line, words, "duration", 0.5, 3600.0)
    cooldown_s = _seconds(line, words, "cooldown", 0.0, 86400.0)
    return MoodRule(
        name=words["name"],
        mood=MoodLabel[words["mood"].upper()],
        duration_s=3.0 if duration_s is None else duration_s,
        cooldown_s=60.0 if cooldown_s is None else cooldown_s,
        person=words.get("person", ""),
        effects=effects,
        parameters={key: value for key, value in words.items() if "." in key},
        lasts_s=lasts_s,
    )


def parse_rules(lines: Sequence[str]) -> tuple[MoodRule, ...]:
    """Read several rules; empty lines are left out.

    Raises:
        ParameterError: see `parse_rule`; or if two have the same name.
    """
    rules = tuple(parse_rule(line) for line in lines if line.strip())
    names = [rule.name for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise ParameterError(f"Two mood rules are called {name}: give each a name of its own.")
    return rules


@dataclass(slots=True)
class _Watch:
    """One rule and one face."""

    since_ns: int | None = None
    last_ns: int = 0


class RuleEngine:
    """Sees moods go by and says which rules fire; stamps are the only clock.

    Args:
        rules: in the order in which they fire when several are due at once.
    """

    def __init__(self, rules: Sequence[MoodRule] = ()) -> None:
        self.rules = tuple(rules)
        self._watches: dict[tuple[str, int], _Watch] = {}
        self._rests_until: dict[tuple[str, str], int] = {}
        self._newest_ns: int | None = None

    def reset(self) -> None:
        """Begin anew, cooldowns included."""
        self._watches.clear()
        self._rests_until.clear()
        self._newest_ns = None

    def update(self, moods: MoodSet) -> list[Fired]:
        """Take the moods of one frame.

        A mood has lasted where it was there without a gap of more than 0.7 s; `unsure` is a gap.
        """
        now = moods.stamp_ns
        if self._newest_ns is not None and now < self._newest_ns - BACKWARDS_NS:
            self.reset()
        self._newest_ns = max(now, self._newest_ns or 0)
        fired = []
        for rule in self.rules:
            for mood in moods.moods:
                if rule.is_for(mood) and self._is_due(rule, mood, now):
                    lasted_s = self._rest(rule, mood, now)
                    fired.append(Fired(rule, mood, lasted_s))
        self._forget(now)
        return fired

    def _is_due(self, rule: MoodRule, mood: Mood, now: int) -> bool:
        watch = self._watches.setdefault((rule.name, mood.track_id), _Watch())
        if watch.since_ns is None or now - watch.last_ns > GAP_NS:
            watch.since_ns = now
        watch.last_ns = max(now, watch.last_ns)
        rests_until = self._rests_until.get((rule.name, _whose(mood)), -1)
        return now >= rests_until and now - watch.since_ns >= rule.duration_s * 1e9

    def _rest(self, rule: MoodRule, mood: Mood, now: int) -> float:
        """The rule fires: let it rest; returns for how long the mood has lasted, in seconds."""
        watch = self._watches.pop((rule.name, mood.track_id))
        self._rests_until[rule.name, _whose(mood)] = now + int(rule.cooldown_s * 1e9)
        return (now - (watch.since_ns or now)) / 1e9

    def _forget(self, now: int) -> None:
        gone = [key for key, watch in self._watches.items() if now - watch.last_ns > FORGET_NS]
        for key in gone:
            del self._watches[key]
        over = [key for key, until in self._rests_until.items() if until <= now]
        for whose in over:
            del self._rests_until[whose]


def _whose(mood: Mood) -> str:
    """By whom a cooldown is kept: a known person keeps it with another track id."""
    return mood.person or f"track {mood.track_id}"
