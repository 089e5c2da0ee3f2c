"""`mirror soak`: a long, quick run of the whole mirror, and whether it grows or slows down meanwhile."""

from mirror.soak.report import run_soak

__all__ = ["run_soak"]
