"""Moods: a face's expression, read with an explicit "unsure"."""
