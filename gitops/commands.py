"""The commands: each takes parsed arguments, prints its report and returns an exit code."""

from __future__ import annotations

import json
import sys
import time
from argparse import Namespace
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from gitops import settings
from gitops.cluster.api import connect
from gitops.cluster.health import Health, assess
from gitops.cluster.records import Store
from gitops.errors import BAD_INPUT, DIFFERENT, FINE, UNHEALTHY, FaultsError, exit_code
from gitops.objects import Key, duplicates, key_of
from gitops.reading.reader import Reader
from gitops.report import outcome as report
from gitops.report.outcome import Outcome, Sync
from gitops.report.plain import json_line, plain_line
from gitops.run.ending import ending
from gitops.run.job import Run
from gitops.run.stop import Stop
from gitops.run.sync import sync_all
from gitops.settings import Settings
from gitops.source import folder, manifests
from kube.moments import moment
from kube.yaml.faults import Fault
from kube.yaml.objects import read_objects
from kube.yaml.origin import Origin


def sync(options: Namespace) -> int:
    """Apply what is in Git, once; print a line per change and a summary per application."""
    wanted = settings.load(options.settings)
    stop = Stop()

    def say(text: str) -> None:
        complain(options, text)

    with stop.on_sigterm(), ending(wanted, options.clock, say) as end:
        stop.wait(options.delay)
        stop.check()
        end.started = time.monotonic()
        with _run(options, wanted, stop) as run:
            end.run = run
            for outcome in _printed(run, options, values=False):
                end.outcomes.append(outcome)
    return exit_code([outcome.code for outcome in end.outcomes])


def diff(options: Namespace) -> int:
    """Show what a sync would do, value by value, without writing."""
    wanted = settings.load(options.settings)
    with _run(options, wanted, Stop(), dry=True) as run:
        outcomes = list(_printed(run, options, values=True))
        for key in _orphans(run) if options.orphans else ():
            _say(
                json_line({"event": "orphan", "time": _now(options), "object": str(key)})
                if _json(options)
                else plain_line(f"orphan    {key}")
            )
    different = any(outcome.changes or outcome.sync is not Sync.IN_SYNC for outcome in outcomes)
    codes = [outcome.code for outcome in outcomes if outcome.code != UNHEALTHY]
    return exit_code([*codes, DIFFERENT if different else FINE])


@contextmanager
def _folder(options: Namespace) -> Iterator[Path]:
    """Provide the folder for Git's object stores; a temporary one is deleted at the end."""
    if options.folder is not None:
        yield options.folder
        return
    with TemporaryDirectory(prefix="gitops-") as folder:
        yield Path(folder)


@contextmanager
def _run(options: Namespace, wanted: Settings, stop: Stop, *, dry: bool = False) -> Iterator[Run]:
    """Provide what a run works with, and say at its end what failed beside the applications."""
    connection = connect(options.kubeconfig, options.context)
    with _folder(options) as folder, connection as cluster, Reader(wanted.limits) as reader:
        store = Store(cluster, wanted.home)
        run = Run(wanted, cluster, store, folder, options.holder, options.clock, reader, dry, stop)
        yield run
        for note in (*run.notes, *store.notes):
            complain(options, note)


def _orphans(run: Run) -> list[Key]:
    from gitops.run import orphans  # noqa: PLC0415 - few runs ask for them

    return orphans.find(run)


def _json(options: Namespace) -> bool:
    return getattr(options, "format", "text") == "json"


def _printed(run: Run, options: Namespace, *, values: bool) -> Iterator[Outcome]:
    """Print each outcome as soon as it is known."""
    for outcome in sync_all(run):
        if _json(options):
            found = report.lines(outcome, values=values, at=_now(options))
        else:
            found = map(plain_line, report.text(outcome, values=values))
        _say("\n".join(found))
        yield outcome


def _now(options: Namespace) -> str:
    return moment(options.clock())


def complain(options: Namespace, text: str) -> None:
    """Write what is wrong with a run as a whole to standard error, as text or as a line of JSON."""
    if _json(options):
        sys.stderr.write(json_line({"event": "error", "time": _now(options), "message": text}) + "\n")
    else:
        sys.stderr.write("\n".join(map(plain_line, text.split("\n"))) + "\n")


def read(options: Namespace) -> int:
    """Check the files of a folder; print the ids of its objects and all faults as one JSON document."""
    limits = settings.RunLimits()
    files, faults = folder.read(options.folder, limits)
    found, broken = manifests.read(files, limits)
    faults = sorted([*faults, *broken, *duplicates(found)])
    objects = [str(manifest.key) for manifest in found]
    _say(
        json.dumps(
            {"objects": objects, "errors": [_described(fault) for fault in faults]}, ensure_ascii=False
        )
    )
    return BAD_INPUT if faults else FINE


def health(options: Namespace) -> int:
    """Assess the objects in some files; print one JSON line each, and what is wrong with a file that cannot be read."""
    codes = []
    for path in options.files:
        try:
            codes += [_assess(value) for value in _objects(path)]
        except FaultsError as error:
            sys.stderr.write(f"{error}\n")
            codes.append(error.code)
    return exit_code(codes)


def _objects(path: Path) -> list[object]:
    """Return the objects in a file, those in lists as well; raises FaultsError."""
    found, faults = read_objects(_content(path), str(path))
    if faults:
        raise FaultsError(faults)
    return [value for document in found for _, value in manifests.items(document)]


def _assess(value: object) -> int:
    finding = assess(value)  # type: ignore[arg-type]
    line = {"object": _name(value), "health": finding.health, "message": finding.message}
    _say(json.dumps(line, ensure_ascii=False))
    return UNHEALTHY if finding.health in {Health.DEGRADED, Health.MISSING} else FINE


def _described(fault: Fault) -> dict[str, str | int]:
    place = fault.origin
    message = ": ".join(filter(None, (fault.path, fault.message)))
    return {"file": place.file, "line": place.line, "column": place.column, "message": message}


def _name(body: object) -> str:
    try:
        return str(key_of(body))  # type: ignore[arg-type]
    except (KeyError, TypeError, AttributeError):
        return "?"


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise FaultsError([Fault(Origin(str(path)), "", f"cannot be read: {error.strerror}")]) from error


def _say(text: str) -> None:
    """Print and flush, so that the log of a run that is stopped is complete."""
    sys.stdout.write(f"{text.encode(errors='backslashreplace').decode()}\n")
    sys.stdout.flush()
