"""`mirror bench`: latencies and stage times beside their baselines, measured in one run."""

from mirror.bench.report import run_bench

__all__ = ["run_bench"]
