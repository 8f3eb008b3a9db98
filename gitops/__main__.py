"""`python -m gitops sync|diff|read|health`: the command line of the job."""

from __future__ import annotations

import argparse
import gc
import os
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from gitops.errors import OUR_FAULT, FaultsError, GitOpsError, InternalError


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; failures are reported without a traceback."""
    options = _parser().parse_args(arguments)
    try:
        return int(options.command(options))
    except FaultsError as error:
        number = len(error.faults)
        _complain(options, f"{error}\n{number} fault{'s' * (number != 1)}; nothing was written")
        return error.code
    except GitOpsError as error:
        _complain(options, str(error))
        return error.code
    except KeyboardInterrupt:
        return 130
    except Exception as error:  # noqa: BLE001 - the last resort: report an internal error
        _complain(options, str(InternalError(error)))
        return OUR_FAULT


def _complain(options: argparse.Namespace, text: str) -> None:
    from gitops.commands import complain  # noqa: PLC0415 - see below

    complain(options, text)


def _parser() -> argparse.ArgumentParser:
    from gitops import commands  # noqa: PLC0415 - after the collector is switched off: it is most of what is imported
    from gitops.cluster.lease import this_process  # noqa: PLC0415

    parser = argparse.ArgumentParser(prog="python -m gitops", description="Keep a cluster equal to Git.")
    verbs = parser.add_subparsers(required=True, metavar="sync|diff|read|health")
    for name, command, text in (
        ("sync", commands.sync, "apply what is in Git, once"),
        ("diff", commands.diff, "show what a sync would do; exit code 1 if there are changes"),
    ):
        verb = verbs.add_parser(name, help=text, description=text)
        verb.set_defaults(command=command, clock=lambda: datetime.now(UTC), holder=this_process())
        verb.add_argument("--settings", type=Path, required=True, metavar="FILE")
        verb.add_argument("--format", choices=("text", "json"), default="text")
        verb.add_argument(
            "--kubeconfig", type=Path, help="default: the pod's ServiceAccount, else $KUBECONFIG"
        )
        verb.add_argument("--context", help="of the kubeconfig")
        verb.add_argument(
            "--folder", type=Path, help="keep fetched commits here; default: a temporary folder"
        )
        if name == "sync":
            wait = "wait before the start, so that the jobs of a cluster do not all start at once"
            verb.add_argument("--delay", type=float, default=0.0, metavar="SECONDS", help=wait)
        if name == "diff":
            verb.add_argument("--orphans", action="store_true", help="also list objects that nothing applies")
    read = verbs.add_parser("read", help="check the files of a folder without a cluster")
    read.add_argument("folder", type=Path)
    read.set_defaults(command=commands.read)
    health = verbs.add_parser("health", help="assess objects in files, one JSON line each")
    health.add_argument("files", type=Path, nargs="+", metavar="FILE")
    health.set_defaults(command=commands.health)
    return parser


if __name__ == "__main__":
    os.environ["PYDANTIC_DISABLE_PLUGINS"] = (
        "__all__"  # looking for plugins, of which there are none, costs 20 ms
    )
    gc.disable()  # a run is short and keeps nearly everything that it imports and reads: collecting costs a tenth of it
    code = main()
    gc.freeze()  # nor is anything collected at the end, when Python would look through it all
    sys.exit(code)
