"""Rows of scale: environments that share a cluster, where each is judged with all others in view."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from bench.measure import Step
from bench.roots import render_and_commit
from bench.row import Bench, Line, Row, missing

APPS = 30
FEW, MANY = 5, 25
SOME, MANY_APPS = 15, 100
REVIEWED = ((3, 4), (50, 30))
"""Environments and apps of the comments; an app is 13 objects."""
_CLUSTER = "cluster: {domain: example.com, ingress: {namespace: ingress-nginx, className: nginx}}\n"
_APP = """\
  app-{number:02}:
    flows:
      visitors: {{from: ingress, to: web, port: http}}
      caller: {{from: {{app: app-{caller:02}, workload: web}}, to: web, port: http}}
    workloads:
      web:
        host: app-{number:02}
        image: registry.example.com/app-{number:02}:1.2.3
        replicas: 2
        ports: {{http: 8080}}
        resources: {{cpu: 50m, memory: 64Mi}}
        probes: {{ready: /healthz, live: /healthz}}
"""


def check(bench: Bench) -> Iterator[Line]:
    """Check few environments and many, which ought to take as much longer as they are more."""
    envs = bench.program("envs")
    if envs is None:
        yield missing("envs")
        return
    for count, apps in ((FEW, APPS), (MANY, APPS), (SOME, MANY_APPS)):
        root = bench.folder / str(count)
        write_environments(root, count, max(2, bench.count(apps)))
        name = f"envs check, {count} environments of {apps} apps"
        yield bench.line(name, [Step([envs, "check", "--root", root], root)])
    one = Step([envs, "check", "test-00", "--root", bench.folder / str(SOME)], bench.folder)
    yield bench.line(f"envs check of one of {SOME} environments", [one])


def comment(bench: Bench) -> Iterator[Line]:
    """Write the comment about a change of the base, which reaches all environments."""
    envs = bench.program("envs")
    if envs is None:
        yield missing("envs")
        return
    for count, apps in REVIEWED:
        root, each = bench.folder / str(count), max(2, bench.count(apps))
        write_environments(root, count, each)
        render_and_commit(root, envs)
        change(root)
        step = Step([envs, "comment", "--root", root, "--base", "main"], root)
        yield bench.line(f"envs comment, {count} environments of {each} apps", [step])


def change(root: Path) -> None:
    """Change the first app in all environments: it has more pods, and its caller may call it no more."""
    base = root / "environments" / "base.yaml"
    first, separator, others = base.read_text().partition("  app-01:\n")
    lines = [line for line in first.splitlines(keepends=True) if "caller:" not in line]
    base.write_text("".join(lines).replace("replicas: 2", "replicas: 3") + separator + others)


def write_environments(root: Path, count: int, apps: int) -> None:
    """Write a root with so many test environments on one cluster, each with the same apps."""
    layers = root / "environments"
    (layers / "stacks").mkdir(parents=True)
    apps_of_all = (_APP.format(number=number, caller=(number + 1) % apps) for number in range(apps))
    base = f"{_CLUSTER}apps:\n" + "".join(apps_of_all)
    (layers / "base.yaml").write_text(base)
    for number in range(count):
        name = f"test-{number:02}"
        (layers / f"{name}.yaml").write_text("tier: test\n")
        (layers / "stacks" / f"Pulumi.{name}.yaml").write_text("config: {}\n")


ROWS = (
    Row(
        "scale",
        f"check {FEW} and {MANY} environments of {APPS} apps, and {SOME} of {MANY_APPS}, each on one cluster",
        "25 environments in 8 s and at most 6 x the time of 5; 15 environments of 100 apps in 10 s",
        check,
    ),
    Row(
        "comment",
        "tell a pull request what a change of all environments means, start included",
        "3 environments of 50 objects in 2 s; 50 environments in 15 s",
        comment,
    ),
)
