"""The `envs` command: words in, one verb run, its exit code out."""

from __future__ import annotations

import os
import sys
import traceback

import typer

from delivery import list as listing
from delivery import new, preview, remove, render, schema, show
from delivery.exits import CommandError, Exit
from environments.faults import ConfigurationError

app = typer.Typer(
    name="envs",
    help="Environments as code: typed layers become reviewed Kubernetes objects.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command("list")(listing.list_environments)
app.command("show")(show.show)
app.command("render")(render.render)
app.command("preview")(preview.preview)
app.command("new")(new.new)
app.command("remove")(remove.remove)
app.command("schema")(schema.schema)


def main() -> None:
    """Run the command line; faults end with a report and an exit code, never with a traceback."""
    try:
        app()
    except ConfigurationError as error:
        typer.echo(f"{error.report()}; nothing was written", err=True)
        sys.exit(Exit.BAD_INPUT)
    except CommandError as error:
        typer.echo(f"envs: {error}", err=True)
        sys.exit(error.code)
    except BrokenPipeError:  # the reader, `head` perhaps, has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except Exception as error:  # noqa: BLE001 the last resort: our own fault, told as one
        if "ENVS_DEBUG" in os.environ:
            traceback.print_exc()
        typer.echo(f"envs: a fault of our own, please report it: {type(error).__name__}: {error}", err=True)
        typer.echo("ENVS_DEBUG=1 shows where it happened", err=True)
        sys.exit(Exit.OUR_FAULT)


if __name__ == "__main__":
    main()
