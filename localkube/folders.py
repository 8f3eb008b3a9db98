"""The folders of running clusters, each locked while its supervisor runs.

A folder that is not locked belongs to no supervisor and may be removed.
"""

import fcntl
import os
import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from localkube.errors import ClusterError

_NAME = re.compile(r"[a-z0-9]([-a-z0-9]{0,38}[a-z0-9])?")
_LOCK = "lock"


def runtime_folder() -> Path:
    """Return this user's folder of running clusters; raise ClusterError if it is somebody else's."""
    folder = Path(tempfile.gettempdir()) / f"localkube-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if folder.is_symlink() or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise ClusterError(f"{folder}: must be a folder that only you can open; remove it or set TMPDIR")
    return folder


def cluster_folder(name: str) -> Path:
    """Return the folder of the cluster of that name, which need not exist."""
    if not _NAME.fullmatch(name):
        raise ClusterError(f"cluster name {name!r}: use at most 40 of a-z, 0-9 and dashes between them")
    return runtime_folder() / name


def registry_lock() -> Path:
    """Return the lock that is held while clusters' folders are made, searched or removed."""
    return runtime_folder() / ".lock"


def discard(folder: Path) -> None:
    """Remove a cluster's folder while the registry is locked; its name is free at once.

    A process that is being killed may still write into it: what that leaves goes with the next call.
    """
    grave = folder.with_name(f".removed-{secrets.token_hex(4)}")
    shutil.rmtree(folder.rename(grave), ignore_errors=True)


@contextmanager
def exclusively(path: Path) -> Iterator[None]:
    """Hold the lock at this path; wait for whoever holds it."""
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def claim(folder: Path) -> IO[str] | None:
    """Lock a cluster's folder and return the lock, or nothing while its supervisor lives."""
    lock = (folder / _LOCK).open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock


def is_alive(folder: Path) -> bool:
    """Tell whether a supervisor holds the lock of this cluster's folder."""
    if not (folder / _LOCK).exists():
        return False
    lock = claim(folder)
    if lock is None:
        return True
    lock.close()
    return False
