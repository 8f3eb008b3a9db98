"""What the commands that talk to a cluster share: the connection, the objects, the question and the printing."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from components.manifest import Manifest, Part
from delivery.exits import CommandError, Exit
from delivery.options import write
from environments.model import Environment
from gitops.cluster import connect
from gitops.direct import Environment as Direct
from gitops.errors import GitOpsError
from gitops.report import Outcome, text

KubeConfig = Annotated[
    Path | None,
    typer.Option("--kubeconfig", metavar="FILE", help="Default: $KUBECONFIG, else ~/.kube/config."),
]
Context = Annotated[
    str | None,
    typer.Option("--context", metavar="NAME", help="Context to use instead of the one that the layers name."),
]
Yes = Annotated[bool, typer.Option("--yes", help="Do not ask.")]


@contextmanager
def cluster_of(model: Environment, kubeconfig: Path | None, context: str | None) -> Iterator[Direct]:
    """Connect to the cluster of an environment by the context and the uid that its layers name.

    Another `context` may be a cluster of one's own; where the layers name a uid, it must still be that cluster.

    Raises CommandError for a kubeconfig without that context, and for whatever goes wrong in the body.
    """
    uid = str(model.cluster.uid) if model.cluster.uid is not None else None
    try:
        with connect(kubeconfig, context or model.cluster.context, plugins=True) as cluster:
            yield Direct(model.name, cluster, uid)
    except GitOpsError as error:
        raise CommandError(f"{model.name}: {error}", Exit(error.code)) from error


def pushed(model: Environment, manifests: Sequence[Manifest]) -> list[Manifest]:
    """Leave out the workloads of pulled apps: the GitOps job writes those."""
    pulled = model.pulled()
    return [each for each in manifests if each.part is Part.FENCE or each.app not in pulled]


def agree(question: str, *, yes: bool) -> None:
    """Ask before anything is written; raises CommandError where the answer is no or nobody can give one."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise CommandError("nobody is here to agree, nothing was written; say --yes", Exit.REFUSED)
    if not typer.confirm(question):
        raise CommandError("nothing was written", Exit.REFUSED)


def show(outcome: Outcome, *, values: bool = False) -> None:
    """Print what would be done or was done."""
    write("\n".join(text(outcome, values=values)))
