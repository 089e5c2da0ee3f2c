"""Stored faces: guided capture, consent, and the store; the node beside them is thin."""
