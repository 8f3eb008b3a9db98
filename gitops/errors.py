"""Errors of a run, as exceptions with their exit code.

GitOpsError
├── SettingsError   2  the settings file
├── ManifestError   2  files of a source
├── RefusedError    3  a guard, a project's rule, the wrong cluster
├── SourceError     5  Git
├── ClusterError    5  the API server
│   └── HaltedError    this run may not go on; nothing was sent
│       ├── StoppedError    5  it was told to stop
│       └── LeaseLostError  3  another run may be writing
└── InternalError  70  a fault of the job itself
"""

from __future__ import annotations

import traceback
from collections.abc import Sequence
from pathlib import PurePath

from gitops.secrecy import scrub
from kube.yaml.faults import LONGEST_LINE, Fault, printable

FINE, DIFFERENT, BAD_INPUT, REFUSED, UNHEALTHY, OUTSIDE, OUR_FAULT = 0, 1, 2, 3, 4, 5, 70
MOST_SHOWN = 100  # faults of one application in a report
_FIRST = (OUR_FAULT, BAD_INPUT, REFUSED, OUTSIDE, UNHEALTHY, DIFFERENT)


def exit_code(codes: Sequence[int]) -> int:
    """Choose the code of a run with several results: the first of 70, 2, 3, 5, 4, 1 that occurs, else 0."""
    return next((code for code in _FIRST if code in codes), FINE)


def listed(faults: Sequence[Fault]) -> str:
    """Write faults line by line; of very many the first."""
    more = len(faults) - MOST_SHOWN
    lines = [str(fault) for fault in faults[:MOST_SHOWN]]
    return "\n".join([*lines, *([f"and {more} more faults"] if more > 0 else [])])


class GitOpsError(Exception):
    """A failure that is reported without a traceback, and without what looks like a secret."""

    code = OUR_FAULT

    def __init__(self, message: str = "") -> None:
        super().__init__(scrub(message))


class FaultsError(GitOpsError):
    """All faults of some files; of very many, its text has the first."""

    code = BAD_INPUT

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__(listed(faults))
        self.faults = tuple(faults)


class SettingsError(FaultsError):
    """The settings file is invalid."""


class ManifestError(FaultsError):
    """Files of a source are not valid objects."""


class RefusedError(GitOpsError):
    """The job refuses to go on: a guard, a rule of the project, the wrong cluster."""

    code = REFUSED


class SourceError(GitOpsError):
    """Git failed."""

    code = OUTSIDE


class ClusterError(GitOpsError):
    """A request to the API server failed; `status` is the HTTP status, 0 when it was not reached.

    `request` is its verb and path, and `retried` says that an earlier attempt may have had an effect.
    """

    code = OUTSIDE
    retried = False

    def __init__(
        self,
        message: str,
        status: int = 0,
        reason: str = "",
        causes: Sequence[str] = (),
        request: str = "",
    ) -> None:
        super().__init__(": ".join(filter(None, (request, message))))
        self.message = scrub(message)
        self.status = status
        self.reason = reason
        self.causes = tuple(map(scrub, causes))
        self.request = request


class HaltedError(ClusterError):
    """A request was not sent, because this run may not go on; what it has done so far is reported."""


class StoppedError(HaltedError):
    """The run was told to stop."""


class LeaseLostError(HaltedError):
    """Another run may be writing."""

    code = REFUSED


class InternalError(GitOpsError):
    """Something that nobody expected; it is contained where it happened, and reported with its place."""

    def __init__(self, error: BaseException) -> None:
        frames = traceback.extract_tb(error.__traceback__)
        place = (
            f" in {frames[-1].name} ({PurePath(frames[-1].filename).name}:{frames[-1].lineno})"
            if frames
            else ""
        )
        text = printable(str(error), LONGEST_LINE)
        super().__init__(f"internal error, please report it: {type(error).__name__}{place}: {text}")
