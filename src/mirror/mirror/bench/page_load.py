"""What many browsers cost the mirror: the same graph with nobody and with twenty on its Live page."""

from __future__ import annotations

import json
import subprocess
import sys

from mirror.bench.page_visitors import ARRIVED
from mirror.bench.pipelines import Setup, running_pipeline
from mirror_core.errors import MirrorError

__all__ = ["VISITORS", "measure_page_load"]

VISITORS = 20
VISIT = "from mirror.bench.page_visitors import main; main()"
REPORT_S = 1.5  # nodes tell their figures once a second
LEAVE_S = 30.0
SETUP = Setup("page load", web=True)


def measure_page_load(seconds: float) -> dict[str, float]:
    """Measure for so many seconds with nobody and as long with twenty browsers, on the same machine.

    Returns:
        `page_load_<n>_shown_hz`, `_p50_ms`, `_p99_ms`, `_cpu_percent` for n = 0 and 20 browsers, and what
        those saw: `page_load_pictures_hz` (the median one), `page_load_slowest_hz`, `page_load_updates_hz`.

    Raises:
        MirrorError: if the browsers did not come.
    """
    with running_pipeline(SETUP) as measure:
        url = measure.page
        results = {0: measure(seconds)}
        words = ["-c", VISIT, url, str(VISITORS), str(seconds + REPORT_S)]
        with subprocess.Popen([sys.executable, *words], stdout=subprocess.PIPE, text=True) as visitors:
            try:
                assert visitors.stdout is not None
                if visitors.stdout.readline().strip() != ARRIVED:
                    raise MirrorError("The browsers of the measurement could not use the page.")
                results[VISITORS] = measure(seconds)
                output, _ = visitors.communicate(timeout=LEAVE_S)
            finally:
                visitors.kill()
    found = {}
    for count, result in results.items():
        found[f"page_load_{count}_shown_hz"] = result.shown_hz
        found[f"page_load_{count}_p50_ms"] = result.p50_ms
        found[f"page_load_{count}_p99_ms"] = result.p99_ms
        found[f"page_load_{count}_cpu_percent"] = result.cpu_percent
    return found | {f"page_load_{name}": value for name, value in json.loads(output).items()}
