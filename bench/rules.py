"""Seconds that all rules take on the objects of a file, a line a run: python -m bench.rules FILE WHOLE RUNS."""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime
from pathlib import Path

from bench.roots import ENVIRONMENT
from policies.check import check
from policies.context import Context, Tier


def main(file: Path, whole: str, runs: int) -> None:
    """Judge several times, and print the seconds of each time; raises RuntimeError if there is a finding."""
    manifests = json.loads(file.read_text())
    context = Context(environment=ENVIRONMENT, tier=Tier.TEST, today=datetime.now(tz=UTC).date())
    for _ in range(runs):
        start = time.perf_counter()
        found = check(manifests, context, complete=whole == "complete")
        print(time.perf_counter() - start)
        if found:
            raise RuntimeError(found[0].message)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
