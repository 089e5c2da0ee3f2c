"""Faces in the picture: detection, 478-point mesh, stable ids, smoothing, head pose."""
