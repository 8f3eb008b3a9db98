"""Where this repository is."""

from pathlib import Path

TREE = Path(__file__).parents[1]
