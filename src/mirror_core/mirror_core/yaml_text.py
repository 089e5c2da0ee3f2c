"""YAML from anywhere, read within limits: whatever is wrong with it, the answer is one sentence."""

from __future__ import annotations

from typing import Any

import yaml

from mirror_core.errors import UsageError

__all__ = ["MOST_YAML_BYTES", "parse_yaml"]

MOST_YAML_BYTES = 2**20  # parameters and calibrations have some thousand; a megabyte takes seconds to read


class _PlainLoader(yaml.SafeLoader):
    """Without aliases: a few lines of them unfold into more than any memory holds, or into themselves.

    ROS's own reader of parameter files refuses them, too.
    """

    def compose_node(self, parent: Any, index: Any) -> Any:
        if self.check_event(yaml.events.AliasEvent):
            event = self.peek_event()  # type: ignore[no-untyped-call]
            raise yaml.composer.ComposerError(None, None, "it has aliases", event.start_mark)
        return super().compose_node(parent, index)


def parse_yaml(text: str) -> Any:
    """What a YAML text says.

    Raises:
        UsageError: if it is none, too long, or has aliases; the end of a sentence, such as "it is no YAML".
    """
    if len(text) > MOST_YAML_BYTES:
        raise UsageError(f"it is longer than {MOST_YAML_BYTES >> 20} MiB")
    try:
        return yaml.load(text, _PlainLoader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" at line {mark.line + 1}" if mark is not None else ""
        problem = getattr(error, "problem", None) or getattr(error, "reason", None) or "of characters"
        raise UsageError(f"it is no YAML ({problem}{place})") from error
    except RecursionError:
        raise UsageError("it is no YAML (nested too deeply)") from None
    except Exception as error:  # a date, a number or a tag that PyYAML does not check, such as 2001-99-99
        raise UsageError(f"it is no YAML (a value that is none: {error})") from error
