"""This project as a user gets it: a wheel in a virtual environment of its own, with the dependencies of this one."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from tests.tree import TREE


def build_wheel(folder: Path) -> Path:
    """Build the wheel; nothing is downloaded."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=TREE, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """Install it into folder/.venv; returns the folder of its programs."""
    place = folder / ".venv"
    venv.create(place, symlinks=True)
    programs = place / "bin"
    command = [
        *(sys.executable, "-m", "uv", "pip", "install", "--quiet", "--offline", "--no-deps"),
        *("--python", str(programs / "python"), str(wheel)),
    ]
    subprocess.run(command, check=True, capture_output=True)
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(place), "platbase": str(place)}))
    # The dependencies, but not this checkout: a path in a .pth file brings no .pth files of its own.
    (packages / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    return programs


SHADOWS = ("components", "envs", "gitops", "kube", "policies")


def shadow(folder: Path) -> None:
    """Give a folder packages of the names that this project uses; importing one of them is an error."""
    for name in SHADOWS:
        package = folder / name
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(f"raise RuntimeError('{name} of the user was imported')\n")
