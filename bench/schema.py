"""Processor seconds to check objects by their schema, a line a run: python -m bench.schema FILE COUNT RUNS."""

from __future__ import annotations

import json
import sys
import time
from itertools import cycle, islice
from pathlib import Path

from kube.schema.check import check_object
from kube.schema.index import NEWEST, index


def main(file: Path, count: int, runs: int) -> None:
    """Check the objects of a file in turn until they are so many; raises RuntimeError if there is a fault."""
    objects = list(islice(cycle(json.loads(file.read_text())), count))
    for _ in range(runs):
        start = time.process_time()
        faults = [fault for each in objects for fault in check_object(each, index(NEWEST))]
        print(time.process_time() - start)
        if faults:
            raise RuntimeError(faults[0].message)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))
