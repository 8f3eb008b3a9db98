"""Asks the cluster of an environment who it is, in bounded time: a preview must not wait for one that is away."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from envs.config.load import Configuration
from envs.config.model.environment import Environment
from envs.config.reading.faults import ConfigurationError
from envs.config.validation.validate import place
from gitops.cluster.api import connect
from gitops.errors import ClusterError
from gitops.settings import Retry
from kube.yaml.faults import Fault, printable

_REQUEST = 3.0  # seconds that a cluster has to answer one request
_WHOLE = 10.0  # seconds for all: names are resolved and credential plugins run without a limit of their own
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class Unasked:
    """Why the uid of a cluster is not known."""

    reason: str
    answered: bool
    """Whether a cluster has answered, and refused to tell."""


def check_cluster(configuration: Configuration, environment: Environment) -> Unasked | None:
    """Compare the uid of the layers with that of the cluster, if it answers.

    Raises ConfigurationError for another cluster. Returns why it could not be asked, None if all is well.
    """
    wanted = environment.cluster.uid
    if wanted is None:
        return None
    found = _within(_WHOLE, lambda: _ask(environment.cluster.context))
    if isinstance(found, Unasked):
        return found
    if found == str(wanted):
        return None
    context = environment.cluster.context or "of the kubeconfig that is the current one"
    message = (
        f"the cluster of the context {context} has the uid {found}; nothing was registered. "
        "Use the kubeconfig of the right cluster, or write this uid if the cluster is the right one"
    )
    path = ("cluster", "uid")
    origin = place(configuration.trees[environment.name], path)
    raise ConfigurationError([Fault(origin, "cluster.uid", message)])


def _ask(context: str | None) -> str | Unasked:
    """Read the uid of the namespace kube-system."""
    try:
        connection = connect(_kubeconfig(context), context, plugins=True)
        connection.http.timeout = _REQUEST
        with replace(connection, retry=Retry(attempts=1)) as cluster:
            return cluster.uid()
    except ClusterError as error:
        return Unasked(_reason(error), answered=error.status != 0)
    except Exception as error:  # noqa: BLE001 a kubeconfig that only Pulumi can read is no reason to fail
        return Unasked(_reason(error), answered=False)


def _reason(error: Exception) -> str:
    return printable(" ".join(str(error).split()), _LONGEST_REASON)


def _kubeconfig(context: str | None) -> Path | None:
    """Choose the file that has the context, where KUBECONFIG names several; None for the default."""
    files = [Path(name) for name in os.environ.get("KUBECONFIG", "").split(os.pathsep) if name]
    if len(files) < 2 or context is None:  # noqa: PLR2004 one file needs no choice
        return files[0] if files else None
    for file in files:
        with suppress(OSError, UnicodeDecodeError):
            if context in file.read_text("utf-8"):
                return file
    return files[0]


def _within(seconds: float, ask: Callable[[], str | Unasked]) -> str | Unasked:
    """Run a question in a thread that is left behind if it takes too long."""
    answers: SimpleQueue[str | Unasked] = SimpleQueue()
    Thread(target=lambda: answers.put(ask()), daemon=True).start()
    try:
        return answers.get(timeout=seconds)
    except Empty:
        return Unasked(f"no answer within {seconds:.0f} s", answered=False)
