"""Where this repository is, the roots in it, and a root for tests that need a whole one."""

from pathlib import Path

from tools.roots import roots

TREE = Path(__file__).parents[1]
ROOTS = roots(TREE)
"""Its own environments, whatever they are, and the examples: tests expect of them what holds for every root."""
SAMPLE = TREE / "tests" / "sample"
"""Apps of all kinds in qa, e2e and prod, with values that tests know."""
