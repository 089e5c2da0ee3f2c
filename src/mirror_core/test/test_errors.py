"""An error's text is one line for a person, whatever a bad input brought into it."""

from __future__ import annotations

from mirror_core.errors import LONGEST, ShapeError, UsageError


def test_a_usual_sentence_stays_as_it_is() -> None:
    sentence = "strength = 7.0 is refused:  allowed is 0.0 … 1.0, or 10\u00a0000 ü."
    assert str(UsageError(sentence)) == sentence
    assert f"{ShapeError(sentence)}" == sentence


def test_lines_and_terminal_codes_of_a_quoted_name_are_written_out() -> None:
    error = UsageError("The file a\n[ERROR] forged\x1b[2J\u202e.txt cannot be read.")
    assert str(error) == r"The file a\n[ERROR] forged\x1b[2J\u202e.txt cannot be read."


def test_what_is_quoted_at_length_is_cut_in_its_middle() -> None:
    text = str(UsageError(f"The encoding {'x' * 100_000} is refused; convert it first."))
    assert text.startswith("The encoding xxx")
    assert text.endswith("xxx is refused; convert it first.")
    assert len(text) == LONGEST
