"""The job as a process of its own, which can be killed, stopped and waited for."""

from __future__ import annotations

import json
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from tests.gitops.jobs import Result
from tests.tree import TREE

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from tests.gitops.jobs import Job

PATIENCE = 240  # seconds; only keeps a broken test from hanging


@dataclass
class Running:
    """A run under way."""

    process: subprocess.Popen[str]

    def finish(self) -> Result:
        """Wait for its end."""
        output, errors = self.process.communicate(timeout=PATIENCE)
        return Result(self.process.returncode, [json.loads(line) for line in output.splitlines()], errors)


@contextmanager
def running(job: Job, kubeconfig: Path | str = "", prefix: Sequence[str] = ()) -> Iterator[Running]:
    """Start `sync` through a kubeconfig; the process does not outlive the block."""
    before, job.kubeconfig = job.kubeconfig, str(kubeconfig or job.kubeconfig)
    command = [*prefix, *job.command("sync")]
    job.kubeconfig = before
    process = subprocess.Popen(command, cwd=TREE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        yield Running(process)
    finally:
        process.kill()
        process.communicate()


def children(pid: int) -> list[int]:
    """Return the process ids of the children of a process."""
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
