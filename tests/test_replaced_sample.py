"""The sample can be replaced: a copy of this repository with other environments passes lint and its tests."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from tests.command import commit, git, make_repository
from tests.tree import TREE

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("replaced sample")]

# Only tests that read the environments of this repository can tell; all others bring roots of their own, and
# would take a minute more to show nothing.
READS_OWN_ROOTS = re.compile(r'\bROOTS\b|TREE / (name|"(README|environments|rendered))')
PROGRAMS = ("envs", "lint-imports", "mypy", "pytest", "ruff")


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a copy of what Git knows of this repository, with a `.venv` that finds the copy's own code."""
    folder = make_repository(tmp_path_factory.mktemp("copies") / "web-shop")
    for name in git(TREE, "ls-files", "--cached", "--others", "--exclude-standard").splitlines():
        if (TREE / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(TREE / name, folder / name)
    if (TREE / ".mypy_cache").is_dir():  # mypy reads it where it fits, and takes a tenth of the time
        shutil.copytree(TREE / ".mypy_cache", folder / ".mypy_cache")
    _make_environment(folder)
    commit(folder)
    run(folder, ".venv/bin/envs", "init", "--app", "till", "--replace")
    commit(folder)
    return folder


def _make_environment(folder: Path) -> None:
    """Make `.venv` as `make setup` would, without installing anything again."""
    place = folder / ".venv"
    venv.create(place, symlinks=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(place), "platbase": str(place)}))
    (packages / "copy.pth").write_text(f"{folder}\n{sysconfig.get_path('purelib')}\n")
    for name in PROGRAMS:
        program = Path(sys.executable).with_name(name)
        if program.read_bytes().startswith(b"#!"):
            rest = program.read_text().partition("\n")[2]
            (place / "bin" / name).write_text(f"#!{place}/bin/python\n{rest}")
            (place / "bin" / name).chmod(0o755)
        else:
            (place / "bin" / name).symlink_to(program)
    (place / "ready").touch()


def run(folder: Path, *command: str) -> str:
    """Run a program that must end well, as a person would in that folder; returns what it printed."""
    done = subprocess.run(command, cwd=folder, check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert done.returncode == 0, done.stdout.decode()
    return done.stdout.decode()


def test_no_word_of_the_sample_is_left(copy: Path) -> None:
    names = git(copy, "grep", "--files-with-matches", "--ignore-case", "guestbook").splitlines()

    assert [name for name in names if not name.startswith(("CHANGELOG", "tests/"))] == []


def test_lint_passes(copy: Path) -> None:
    run(copy, "make", "lint")


def test_the_tests_that_read_the_environments_of_the_repository_pass(copy: Path) -> None:
    files = [
        str(path.relative_to(copy))
        for path in sorted((copy / "tests").rglob("test_*.py"))
        if path.name != Path(__file__).name and READS_OWN_ROOTS.search(path.read_text())
    ]

    words = ("-q", "-n", "0", "-m", "not slow and not engine and not api and not ready and not node")
    printed = run(copy, ".venv/bin/pytest", *words, *files)

    assert len(files) >= 5
    assert "skipped" not in printed
