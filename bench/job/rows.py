"""Rows of the job: a first apply, a run without a change and one after drift, beside kubectl and a naive loop."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from bench.cluster import built_kubectl, fresh_cluster
from bench.job.sets import Files, applications, network_policies
from bench.job.source import APP, HOME, NAMESPACE, write_repository, write_settings
from bench.measure import Step
from bench.row import Bench, Line, Row

TREE = Path(__file__).parents[2]
DRIFTED = 10  # objects
_LONGEST = 1800.0  # seconds that a run may take
SAMPLED = 50  # files that the naive loop gets: it starts kubectl for each
ATTEMPTS, PAUSE = 60, 3  # to settle; seconds
_DRIFT = '[{"op": "add", "path": "/spec/ingress/-", "value": {}}]'
_LOOP = 'git clone -q "$1" "$2" && find "$2/app" -name "*.yaml" -exec "$4" apply -n "$3" -f {} \\;'


@dataclass(frozen=True, slots=True)
class Subject:
    """One set, in a repository."""

    bench: Bench
    name: str
    files: Files
    drift: str = ""
    """Start of the names of the objects that people change; empty leaves that line out."""

    @property
    def repository(self) -> Path:
        """Folder of the repository."""
        return self.bench.folder / "repository"


Program = Callable[[Subject, Mapping[str, str]], Iterator[Line]]


def policies(bench: Bench) -> Iterator[Line]:
    """Apply NetworkPolicies."""
    files = network_policies(bench.count(1500))
    yield from _lines(Subject(bench, "networkpolicies", files, "networkpolicy/policy-"))


def mixed(bench: Bench) -> Iterator[Line]:
    """Apply Deployments and what belongs to them."""
    yield from _lines(Subject(bench, "applications", applications(bench.count(4000))))


def many(bench: Bench) -> Iterator[Line]:
    """Apply as many objects as a large cluster has, for the memory that the job needs."""
    yield from _lines(Subject(bench, "many", applications(bench.count(10_000))), [_job])


def _lines(subject: Subject, programs: Sequence[Program] | None = None) -> Iterator[Line]:
    write_repository(subject.repository, subject.files)
    for program in programs or (_bare, _job, _kubectl, _loop):
        name = f"{subject.name}-{program.__name__.strip('_')}"
        with fresh_cluster(name, (NAMESPACE, HOME)) as variables:
            yield from program(subject, variables)


def _bare(subject: Subject, variables: Mapping[str, str]) -> Iterator[Line]:
    """Measure a client that does nothing but apply: what the job's first run is held against."""
    bench, file = subject.bench, subject.bench.folder / "objects.json"
    file.write_text(json.dumps([body for bodies in subject.files.values() for body in bodies]), "utf-8")
    command: list[str | Path] = [sys.executable, "-m", "bench.job.bare", file, NAMESPACE]
    yield bench.once("bare client, first apply", [Step(command, TREE, variables)])


def _job(subject: Subject, variables: Mapping[str, str]) -> Iterator[Line]:
    bench, settings = subject.bench, subject.bench.folder / "settings.yaml"
    write_settings(settings, subject.repository)
    folders: list[str | Path] = ["--settings", settings, "--folder", bench.folder / "sources"]
    sync = Step(
        [sys.executable, "-m", "gitops", "sync", *folders],
        bench.folder,
        variables,
        together=True,
        longest=_LONGEST,
    )
    yield bench.once("gitops sync, first apply", [sync])
    if not _settled(sync):
        yield Line("gitops sync, nothing has changed", "the controllers have not finished")
        return
    yield bench.line("gitops sync, nothing has changed", [sync])
    if subject.drift:
        drift = partial(_drift, subject, variables)
        yield bench.line(f"gitops sync, {DRIFTED} objects have drifted", [sync], drift)


def _settled(sync: Step) -> bool:
    """Sync until the controllers have had their say: while they write, objects do change."""
    command = [str(word) for word in sync.command]
    for _ in range(ATTEMPTS):
        finished = subprocess.run(command, env=sync.variables, capture_output=True, text=True, check=False)
        if "its controller has not seen it" not in finished.stdout:
            return True
        time.sleep(PAUSE)
    return False


def _drift(subject: Subject, variables: Mapping[str, str]) -> None:
    """Change some objects by hand, spread over the set."""
    number = sum(map(len, subject.files.values()))
    names = [f"{subject.drift}{number * each // DRIFTED}" for each in range(DRIFTED)]
    for name in dict.fromkeys(names):
        command = [built_kubectl(), "patch", "-n", NAMESPACE, "--type=json", "-p", _DRIFT, name]
        subprocess.run(command, env=variables, check=True, capture_output=True)


def _kubectl(subject: Subject, variables: Mapping[str, str]) -> Iterator[Line]:
    bench = subject.bench
    command = [built_kubectl(), "apply", "--server-side", "-R", "-n", NAMESPACE, "-f"]
    apply = Step([*command, subject.repository / APP], bench.folder, variables)
    yield bench.once("kubectl apply --server-side, first apply", [apply])
    yield bench.line("kubectl apply --server-side, nothing has changed", [apply])


def _loop(subject: Subject, variables: Mapping[str, str]) -> Iterator[Line]:
    """Measure the naive job: a fresh clone, then kubectl once a file; some files, since it takes minutes."""
    bench, few = subject.bench, subject.bench.folder / "few"
    files = dict(itertools.islice(subject.files.items(), SAMPLED))
    write_repository(few, files)
    what = f"git clone, kubectl apply for each of {len(files)} files"
    for number, when in enumerate(("first", "no change")):
        clone = str(bench.folder / f"clone-{number}")
        words = ["sh", "-c", _LOOP, "loop", f"file://{few}", clone, NAMESPACE, built_kubectl()]
        yield bench.once(f"{what}, {when}", [Step(words, bench.folder, variables)])


ROWS = (
    Row(
        "job-networkpolicies",
        "apply 1,500 NetworkPolicies from Git",
        "first apply 1.4 x the bare client, nothing changed 0.3 s, drift 0.6 s",
        policies,
    ),
    Row(
        "job-applications",
        "apply 1,000 applications, 4,000 objects, from Git",
        "first apply 1.4 x the bare client, nothing changed 0.6 s, 150 MiB",
        mixed,
    ),
    Row("job-many", "apply 2,500 applications, 10,000 objects, from Git", "256 MiB", many),
)
