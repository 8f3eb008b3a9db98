"""The process that reads files: bytes in, objects and faults out, within limits that the kernel keeps.

It imports what reads YAML and nothing that knows the cluster or Git, writes no file, and reads no credentials.
"""

from __future__ import annotations

import gc
import os
import resource
import sys
import time
from collections.abc import Iterator
from math import ceil

from gitops.errors import InternalError
from gitops.reading import protocol
from gitops.source.manifests import read_file
from kube.yaml.faults import Fault
from kube.yaml.origin import Origin


def main() -> None:
    """Answer for each file on the standard input; the argument is the most memory in bytes."""
    gc.disable()
    memory = int(sys.argv[1])
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, 0), (resource.RLIMIT_CORE, 0)):
        resource.setrlimit(kind, (most, most))
    try:
        while (asked := protocol.read_request(sys.stdin.buffer)) is not None:
            path, content, seconds = asked
            started = time.process_time()
            _limit_time(started + seconds)
            for line in _answers(path, content):
                sys.stdout.buffer.write(line)
            sys.stdout.buffer.write(protocol.end_line(time.process_time() - started))
            sys.stdout.buffer.flush()
    except MemoryError:
        os._exit(protocol.NO_MEMORY)


def _limit_time(until: float) -> None:
    """Let the kernel end this process (SIGXCPU) when it has had so many seconds of processor time."""
    _, most = resource.getrlimit(resource.RLIMIT_CPU)
    resource.setrlimit(resource.RLIMIT_CPU, (ceil(until), most))


def _answers(path: str, content: bytes) -> Iterator[bytes]:
    try:
        manifests, faults = read_file(path, content)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever one file does stays with it
        manifests, faults = [], [Fault(Origin(path), "", str(InternalError(error)))]
    for manifest in manifests:
        line = protocol.object_line(manifest)
        yield protocol.fault_line(line) if isinstance(line, Fault) else line
    yield from map(protocol.fault_line, faults)


if __name__ == "__main__":
    main()
