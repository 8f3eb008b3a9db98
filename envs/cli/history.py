"""`envs history`: who put which image where and when."""

from __future__ import annotations

import csv
import datetime as dt
import io
from enum import StrEnum
from typing import Annotated

import typer

from envs.cli.options import HERE, Root, print_json, write
from envs.errors import CommandError, Exit
from envs.releases.history import Entry, at, read_history
from kube.image import ImageError, parse_image

OneEnvironment = Annotated[str | None, typer.Argument(metavar="ENV", help="An environment; default: all.")]
OneApp = Annotated[str | None, typer.Argument(metavar="APP", help="An app; default: all.")]
Moment = Annotated[
    str | None,
    typer.Option("--at", metavar="TIME", help="What was released at a time, such as 2026-11-20T10:00:00Z."),
]


class Shape(StrEnum):
    """Output formats."""

    TEXT = "text"
    JSON = "json"
    CSV = "csv"


AsShape = Annotated[Shape, typer.Option("--format", help="text for people, json and csv for programs.")]


def history(
    environment: OneEnvironment = None,
    app: OneApp = None,
    moment: Moment = None,
    root: Root = HERE,
    shape: AsShape = Shape.TEXT,
) -> None:
    """Show which image was released where, when, by whom, from which environment, and whether it still is."""
    entries = read_history(root)
    if moment is not None:
        entries = at(entries, _moment(moment))
    wanted = [
        entry
        for entry in entries
        if environment in {None, entry.target.environment} and app in {None, entry.target.app}
    ]
    rows = [_row(entry) for entry in (wanted if moment is not None else reversed(wanted))]
    if shape is Shape.JSON:
        print_json(rows)
    elif shape is Shape.CSV:
        write(_csv(rows))
    else:
        write(_table(wanted if moment is not None else wanted[::-1]))


def _moment(text: str) -> dt.datetime:
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError as error:
        message = f"--at {text} is not a point in time; write it like 2026-11-20T10:00:00Z"
        raise CommandError(message, Exit.BAD_INPUT) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)


def _row(entry: Entry) -> dict[str, str | bool | int | None]:
    return {
        "environment": entry.target.environment,
        "app": entry.target.app,
        "workload": entry.target.workload,
        "image": entry.image,
        "build": entry.build,
        "source": entry.source,
        "from": entry.promoted_from,
        "at": _written(entry.commit.at),
        "until": _written(entry.until) if entry.until else None,
        "by": entry.commit.author,
        "approvedBy": ", ".join(entry.commit.approved_by) or None,
        "commit": entry.commit.id,
        "current": entry.current,
        "leadSeconds": int(entry.lead.total_seconds()) if entry.lead is not None else None,
    }


def _csv(rows: list[dict[str, str | bool | int | None]]) -> str:
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({key: _cell(value) for key, value in row.items()} for row in rows)
    return text.getvalue().rstrip("\n")


def _cell(value: str | bool | int | None) -> str | int:
    """Write a value so that no spreadsheet takes it for a formula: https://owasp.org/www-community/attacks/CSV_Injection."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t"}:
        return f"'{value}"
    return "" if value is None else value


def _table(entries: list[Entry]) -> str:
    if not entries:
        return "no release is known to Git here"
    lines = [
        (
            _written(entry.commit.at),
            entry.target.environment,
            str(entry.target),
            _version(entry.image),
            "current" if entry.current else "",
            f"from {entry.promoted_from}" if entry.promoted_from else "",
            entry.commit.author,
            _lead(entry.lead),
        )
        for entry in entries
    ]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True) if width).rstrip()
        for line in lines
    )


def _version(image: str) -> str:
    try:
        parsed = parse_image(image)
    except ImageError:
        return image
    return parsed.tag or (parsed.digest or image)[:19]


def _lead(lead: dt.timedelta | None) -> str:
    if not lead:
        return ""
    minutes = int(lead.total_seconds()) // 60
    days, hours = minutes // 1440, minutes % 1440 // 60
    return f"after {days} d {hours} h" if days else f"after {hours} h {minutes % 60} min"


def _written(moment: dt.datetime) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
