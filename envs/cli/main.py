"""The `envs` command: runs one verb and exits with its code."""

from __future__ import annotations

import gc
import io
import os
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from importlib.metadata import version
from typing import Annotated

import typer

from envs.config.reading.faults import ConfigurationError
from envs.errors import CommandError, Exit

# Each verb is a function in the file of its name, with dashes as underscores, and with the same name unless Python
# has a built-in of that name.
VERBS = {
    "list": "list_environments",
    "show": "show",
    "render": "render",
    "preview": "preview",
    "diff": "diff",
    "parity": "parity",
    "comment": "comment",
    "network": "network",
    "access": "access",
    "check": "check",
    "image": "image",
    "images": "images",
    "set-image": "set_image",
    "restart": "restart",
    "hold": "hold",
    "unhold": "unhold",
    "rollback": "rollback",
    "promote": "promote",
    "verify": "verify",
    "history": "history",
    "up": "up",
    "recover": "recover",
    "retire": "retire",
    "down": "down",
    "status": "status",
    "ready": "ready",
    "record": "record",
    "wait": "wait",
    "init": "init",
    "new": "new",
    "remove": "remove",
    "schema": "schema",
}


def application(words: Sequence[str], *, names_only: bool = False) -> typer.Typer:
    """Make the command line for some words; for a quick start only the verb that they start with is imported.

    Words without a verb need the help texts of all verbs, unless only their names matter.
    """
    app = typer.Typer(
        name="envs", no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode=None
    )
    app.callback()(_describe)
    verb = words[0] if words else ""
    if verb in VERBS:
        app.command(verb)(_function(verb))
        return app
    for name in VERBS:
        app.command(name)(_nothing if names_only else _function(name))
    return app


def _function(verb: str) -> Callable[..., None]:
    module = import_module(f"envs.cli.{verb.replace('-', '_')}")
    function: Callable[..., None] = getattr(module, VERBS[verb])
    return function


def _nothing() -> None:
    pass


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"envs {version('gitops-environments')}")
        raise typer.Exit


def _describe(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Environments as code: typed layers become reviewed Kubernetes objects."""


def completed_words(variables: Mapping[str, str]) -> list[str] | None:
    """Return the words of the line that a shell completes, after the name of the program; None if it runs it."""
    if "_ENVS_COMPLETE" not in variables:
        return None
    return variables.get("_TYPER_COMPLETE_ARGS", variables.get("COMP_WORDS", "")).split()[1:]


def main() -> None:
    """Run the command line; errors end with a message and an exit code, never with a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # characters that a terminal cannot show are escaped
            stream.reconfigure(errors="backslashreplace")
    gc.freeze()
    gc.set_threshold(
        100_000, 50, 50
    )  # a command ends soon, and collecting costs a third of a large rendering
    completed = completed_words(os.environ)
    words = sys.argv[1:] if completed is None else completed
    try:
        application(words, names_only=completed is not None or words == ["--version"])()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 the last resort: told, not thrown
        message, code = _ending(error)
        if code is Exit.OUR_FAULT and "ENVS_DEBUG" in os.environ:
            traceback.print_exc()
        typer.echo(message, err=True)
        sys.exit(code)


def _ending(error: BaseException) -> tuple[str, Exit]:
    """Return the message and the exit code for an error."""
    match error:
        case ConfigurationError():
            return f"{error.report()}; nothing was written", Exit.BAD_INPUT
        case CommandError():
            return f"envs: {error}", error.code
        case OSError():
            place = f"{error.filename}: " if error.filename else ""
            return f"envs: {place}{error.strerror or error}", Exit.OUTSIDE_FAILED
        case KeyboardInterrupt():
            return "envs: interrupted", Exit.INTERRUPTED
    message = f"envs: internal error, please report it: {type(error).__name__}: {error}"
    return f"{message}\nset ENVS_DEBUG=1 to see the traceback", Exit.OUR_FAULT


if __name__ == "__main__":
    main()
