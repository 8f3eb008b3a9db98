"""Completion in a real shell: `eval "$(envs --show-completion)"` as a person would, then the tabulator."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from envs.cli.main import VERBS
from tests.tree import TREE

pytestmark = pytest.mark.slow


VARIABLES = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


@pytest.fixture(scope="module")
def installed() -> str:
    """Give what bash evaluates once in each session."""
    done = subprocess.run(
        ["bash", "--norc", "-c", "envs --show-completion"],
        env=VARIABLES,
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout


def complete(installed: str, *words: str) -> list[str]:
    """Complete the last word of a line in bash."""
    script = (
        f"{installed}\n"
        f"COMP_WORDS=(envs {' '.join(repr(word) for word in words)})\n"
        f"COMP_CWORD={len(words)}\n"
        "_envs_completion envs\n"
        'printf "%s\\n" "${COMPREPLY[@]}"\n'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script],
        cwd=TREE,
        env=VARIABLES,
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_all_verbs_are_completed(installed: str) -> None:
    """In the order of the help."""
    assert complete(installed, "") == [*VERBS]


def test_a_started_verb_is_completed(installed: str) -> None:
    """From its first letters."""
    assert complete(installed, "re") == [verb for verb in VERBS if verb.startswith("re")] != []


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("show", "prod", "--ex"), ["--explain"]),
        (("render", "--"), ["--root", "--out", "--check", "--help"]),
        (("list", "--format", ""), ["text", "json"]),
        (("--v",), ["--version"]),
    ],
)
def test_options_and_their_values_are_completed(
    installed: str, words: tuple[str, ...], expected: list[str]
) -> None:
    """Those of the verb on the line."""
    assert set(complete(installed, *words)) >= set(expected)


def test_completing_a_verb_imports_none() -> None:
    """Each tabulator starts the program once, and people wait for it."""
    program = (
        "import sys\nfrom envs.cli.main import main\nsys.argv[0] = 'envs'\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "print([name for name in sys.modules if name.startswith('envs.cli.') and name != 'envs.cli.main'])\n"
    )
    variables = {"_ENVS_COMPLETE": "complete_bash", "COMP_WORDS": "envs\nre", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=TREE,
        env={**os.environ, **variables},
        check=True,
        capture_output=True,
        text=True,
    )
    assert done.stdout.splitlines()[-1] == "[]"
    assert {"render", "remove"} <= {*done.stdout.split()}
