"""The roots of this repository: what make targets, workflows and tests go over.

`python -m tools.roots` prints their folders, with --stacks the environments of each as JSON for a matrix of jobs.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from envs.config.load import load
from envs.config.reading.faults import ConfigurationError


def roots(tree: Path) -> list[Path]:
    """Find the folders with an `environments/` that has layers: the tree itself, then its examples by name."""
    folders = [tree, *sorted((tree / "examples").glob("*"))]
    return [folder for folder in folders if any((folder / "environments").glob("*.yaml"))]


def stacks(tree: Path) -> Iterator[dict[str, str]]:
    """Name each environment with its root, in the order of promotion; raises ConfigurationError."""
    for root in roots(tree):
        folder = root.relative_to(tree).as_posix()
        yield from ({"root": folder, "environment": name} for name in load(root).environments)


def main() -> None:
    """Print what is asked for; an empty list would let checks pass that check nothing, so it is an error."""
    tree = Path()
    if not roots(tree):
        sys.exit("there is no folder with environments/*.yaml here; `envs init` makes one")
    if sys.argv[1:] == ["--stacks"]:
        try:
            print(json.dumps([*stacks(tree)]))
        except ConfigurationError as error:
            sys.exit(error.report())
        return
    for root in roots(tree):
        print(root)


if __name__ == "__main__":
    main()
