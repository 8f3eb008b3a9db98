"""The `envs` command: runs one verb and exits with its code."""

from __future__ import annotations

import gc
import io
import os
import sys
import traceback
from collections.abc import Sequence
from importlib import import_module

import typer

from envs.config.reading.faults import ConfigurationError
from envs.errors import CommandError, Exit

# Each verb is a function in the file of its name, with the same name unless Python has a built-in of that name.
VERBS = {
    "list": "list_environments",
    "show": "show",
    "render": "render",
    "preview": "preview",
    "check": "check",
    "image": "image",
    "up": "up",
    "down": "down",
    "status": "status",
    "new": "new",
    "remove": "remove",
    "schema": "schema",
}


def application(words: Sequence[str]) -> typer.Typer:
    """Make the command line; a verb that it starts with is all that is imported, for a quick start."""
    app = typer.Typer(
        name="envs",
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
    )
    app.callback()(_describe)
    for verb in words[:1] if words and words[0] in VERBS else VERBS:
        app.command(verb)(getattr(import_module(f"envs.cli.{verb}"), VERBS[verb]))
    return app


def _describe() -> None:
    """Environments as code: typed layers become reviewed Kubernetes objects."""


def main() -> None:
    """Run the command line; errors end with a message and an exit code, never with a traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # characters that a terminal cannot show are escaped
            stream.reconfigure(errors="backslashreplace")
    gc.freeze()
    gc.set_threshold(
        100_000, 50, 50
    )  # a command ends soon, and collecting costs a third of a large rendering
    try:
        application(sys.argv[1:])()
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
