"""Robots at the mirror: a head that mirrors the person's expression, and faces as REP-155 has them."""
