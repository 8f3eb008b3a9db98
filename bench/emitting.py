"""Seconds that writing a root's objects as YAML takes, a line a run: python -m bench.emitting ROOT WAY RUNS."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from bench.objects import objects
from kube.yaml.write import to_yaml


class _FastDumper(yaml.CSafeDumper):
    """PyYAML with libyaml, taught to write our texts with origins as texts."""


class _PlainDumper(yaml.SafeDumper):
    """PyYAML in Python, taught the same."""


def _text(dumper: yaml.representer.SafeRepresenter, value: str) -> yaml.ScalarNode:
    return dumper.represent_str(str(value))


def _number(dumper: yaml.representer.SafeRepresenter, value: int) -> yaml.ScalarNode:
    return dumper.represent_int(int(value))


for _dumper in (_FastDumper, _PlainDumper):
    _dumper.add_multi_representer(str, _text)
    _dumper.add_multi_representer(int, _number)

WAYS: dict[str, Callable[[dict[str, Any]], str]] = {
    "ours": to_yaml,
    "libyaml": lambda item: str(yaml.dump(item, Dumper=_FastDumper, sort_keys=False)),
    "python": lambda item: str(yaml.dump(item, Dumper=_PlainDumper, sort_keys=False)),
}


def main(root: Path, way: str, runs: int) -> None:
    """Render once, write in one way several times, and print the seconds of each time."""
    made, write = objects(root), WAYS[way]
    for _ in range(runs):
        start = time.perf_counter()
        for item in made:
            write(item)
        print(time.perf_counter() - start)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]))
