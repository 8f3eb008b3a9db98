"""`python -m localkube up` starts a cluster and prints the path of its kubeconfig; `down` removes it."""

import hashlib
import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from localkube.binaries import ensure_built
from localkube.clusters import Choice, Level, obtain, stop
from localkube.errors import ClusterError

_CHECKOUT = Path(__file__).parents[1]
_NAME = "checkout-" + hashlib.sha256(str(_CHECKOUT).encode()).hexdigest()[:8]
_Name = Annotated[str, typer.Option(help="which cluster; every checkout has one of its own")]

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="A real Kubernetes for tests and the demo."
)


@app.command()
def up(name: _Name = _NAME, level: Annotated[Level, typer.Option(help="what works in it")] = "ready") -> None:
    """Start a cluster unless it runs, and print the path of its kubeconfig."""
    cluster = obtain(name, level, Choice.of(os.environ), owner=None, report=_report)
    typer.echo(cluster.kubeconfig)


@app.command()
def build() -> None:
    """Build the binaries unless they are in the cache, and print their folder."""
    typer.echo(ensure_built(_report))


@app.command()
def down(name: _Name = _NAME) -> None:
    """Remove the cluster that `up` started."""
    _report(f"localkube: {name} {'removed' if stop(name) else 'was not running'}")


def _report(line: str) -> None:
    typer.echo(line, err=True)


def main() -> None:
    """Run the command; if no cluster can be provided, print one message and exit with 5."""
    try:
        app()
    except ClusterError as error:
        _report(str(error))
        sys.exit(5)


if __name__ == "__main__":
    main()
