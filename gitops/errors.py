"""Errors of a run, as exceptions with their exit code.

GitOpsError
├── SettingsError   2  the settings file
├── ManifestError   2  files of a source
├── RefusedError    3  a guard, a project's rule, the wrong cluster
├── SourceError     5  Git
└── ClusterError    5  the API server
    └── HaltedError    this run may not go on; nothing was sent
        ├── StoppedError    5  it was told to stop
        └── LeaseLostError  3  another run may be writing
"""

from __future__ import annotations

from collections.abc import Sequence

from gitops.secrecy import scrub
from kube.yaml.faults import Fault

FINE, DIFFERENT, BAD_INPUT, REFUSED, UNHEALTHY, OUTSIDE, OUR_FAULT = 0, 1, 2, 3, 4, 5, 70
_FIRST = (OUR_FAULT, BAD_INPUT, REFUSED, OUTSIDE, UNHEALTHY, DIFFERENT)


def exit_code(codes: Sequence[int]) -> int:
    """Choose the code of a run with several results: the first of 70, 2, 3, 5, 4, 1 that occurs, else 0."""
    return next((code for code in _FIRST if code in codes), FINE)


class GitOpsError(Exception):
    """A failure that is reported without a traceback, and without what looks like a secret."""

    code = OUR_FAULT

    def __init__(self, message: str = "") -> None:
        super().__init__(scrub(message))


class FaultsError(GitOpsError):
    """All faults of some files."""

    code = BAD_INPUT

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(str(fault) for fault in faults))
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
    """A request to the API server failed; `status` is the HTTP status, 0 when it was not reached."""

    code = OUTSIDE

    def __init__(self, message: str, status: int = 0, reason: str = "", causes: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.status = status
        self.reason = reason
        self.causes = tuple(map(scrub, causes))


class HaltedError(ClusterError):
    """A request was not sent, because this run may not go on; what it has done so far is reported."""


class StoppedError(HaltedError):
    """The run was told to stop."""


class LeaseLostError(HaltedError):
    """Another run may be writing."""

    code = REFUSED
