"""The image of the GitOps job without Docker: this machine's Python and Git, the locked packages, the program.

In: a name. Out: an image like that of the Dockerfile, made of other files.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path

from localkube.node.images import Image, Link, layer
from tests.tree import TREE

_UNUSED = {
    "__pycache__",
    "ensurepip",
    "idlelib",
    "lib2to3",
    "site-packages",
    "test",
    "tests",
    "tkinter",
}
FOLDERS = ("gitops", "kube", "policies")  # of the program
RUN = {  # how the image is run, as the Dockerfile says
    "Env": [
        "PATH=/usr/local/bin:/usr/bin",
        "PYTHONPATH=/opt/gitops",
        "PYTHONDONTWRITEBYTECODE=1",
        "PYTHONUNBUFFERED=1",
        "HOME=/tmp",
    ],
    "User": "65532:65532",
    "Entrypoint": ["python", "-m", "gitops"],
}
_PROGRAMS = ("/usr/bin/git", "/bin/sh", "/bin/cat")
Entries = dict[str, Path | bytes | Link]


def job_image(name: str) -> Image:
    """Build the image; its user has no right to write anything but /tmp."""
    packages = _packages()
    machine = _machine([path for path in packages.values() if isinstance(path, Path)])
    program = {
        f"opt/gitops/{path.relative_to(TREE)}": path
        for folder in FOLDERS
        for path in (TREE / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    layers = (layer(machine, folders={"tmp": 0o1777}), layer(packages), layer(dict(program)))
    return Image(name, layers, RUN)


def _machine(modules: Iterable[Path]) -> Entries:
    """Take Python, Git, a shell and every library that they and the modules load."""
    prefix = Path(sys.base_prefix)
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    library = prefix / "lib" / version
    python = (prefix / "bin" / version).resolve()
    helpers = Path(_output("git", "--exec-path"))
    files: Entries = {f"usr/local/lib/{version}/{path.relative_to(library)}": path for path in _used(library)}
    files |= {f"usr/local/bin/{version}": python, "usr/local/bin/python": Link(version)}
    files |= {f"usr/bin/{Path(program).name}": Path(program).resolve() for program in _PROGRAMS}
    files |= {
        str(helpers / helper).lstrip("/"): (helpers / helper).resolve()
        for helper in ("git-remote-http", "git-remote-https")
    }
    loaded = [path for path in files.values() if isinstance(path, Path)]
    for path in _libraries([*loaded, *modules]):
        files[_merged(path)] = path.resolve()
    files |= {link: Link(f"usr/{link}") for link in ("bin", "lib", "lib64")}
    files["etc/passwd"] = b"gitops:x:65532:65532::/tmp:/usr/sbin/nologin\n"
    files["etc/group"] = b"gitops:x:65532:\n"
    return files


def _used(library: Path) -> Iterator[Path]:
    for path in library.rglob("*"):
        parts = path.relative_to(library).parts
        if path.is_file() and not _UNUSED & set(parts) and not parts[0].startswith("config-"):
            yield path


def _packages() -> Entries:
    """Take the installed files of the packages that the image's lock names."""
    lock = (TREE / "gitops/requirements.lock").read_text(encoding="utf-8")
    found: Entries = {}
    for name in re.findall(r"^([A-Za-z0-9._-]+)==", lock, re.MULTILINE):
        try:
            files = distribution(name).files or ()
        except PackageNotFoundError:  # for another platform or Python
            continue
        for file in files:
            if ".." not in file.parts and "__pycache__" not in file.parts:
                found[f"opt/gitops/{file}"] = Path(str(file.locate()))
    return found


def _libraries(paths: Iterable[Path]) -> set[Path]:
    """Ask the loader which shared libraries these files need, itself included."""
    binaries = [str(path) for path in paths if _is_binary(path)]
    said = subprocess.run(["ldd", *binaries], check=False, capture_output=True, text=True).stdout
    return {Path(path) for path in re.findall(r"^\s.*?(/\S+) \(0x", said, re.MULTILINE)}


def _is_binary(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(4) == b"\x7fELF"


def _merged(path: Path) -> str:
    """Place a library where the loader of the image looks; a Python of its own keeps its libraries beside it."""
    if path.parts[1] in {"lib", "lib64"}:
        return f"usr{path}"
    return str(path).lstrip("/") if path.parts[1] == "usr" else f"usr/lib/{path.name}"


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
