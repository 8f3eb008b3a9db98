"""Row of the policies: all rules on 300 Deployments, offline and by the policy pack in a preview."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Measurement, Step
from bench.registration import make_project, offline_variables
from bench.roots import ENVIRONMENT, write_large
from bench.row import Bench, Line, Row, missing

WORKLOADS = 300
CHECKED = 13_500
FENCE = ("Namespace", "ResourceQuota", "LimitRange", "NetworkPolicy")
_REPOSITORY = Path(__file__).parents[1]
_EMPTY_SETTINGS = """\
runtime:
  name: python
  options: {{toolchain: pip, virtualenv: {virtualenv}}}
"""
_EMPTY = """\
from pulumi_policy import EnforcementLevel, PolicyPack, ResourceValidationPolicy

nothing = ResourceValidationPolicy("nothing", "Judges nothing.", lambda args, report: None)
PolicyPack("empty", [nothing], EnforcementLevel.MANDATORY)
"""
# The objects of the bench come from a test environment, and its bare program declares none.
_SETTINGS = {"environment-mandatory": {"tier": "test"}}


def policies(bench: Bench) -> Iterator[Line]:
    """Judge the same Deployments both ways."""
    root, project = bench.folder / "root", bench.folder / "project"
    write_large(root, bench.count(WORKLOADS))
    project.mkdir()
    bench.module("bench.objects", root, project / "all.json")
    everything = json.loads((project / "all.json").read_text())
    chosen = [item for item in everything if item["kind"] in {"Deployment", *FENCE}]
    (project / "objects.json").write_text(json.dumps(chosen))
    for program, file, whole in (
        ("all rules over one object", "objects.json", "part"),
        ("all rules, over their whole environment too", "objects.json", "complete"),
        (f"all rules on all its {len(everything):,} objects", "all.json", "complete"),
    ):
        seconds = bench.module("bench.rules", project / file, whole, str(bench.runs)).split()
        yield Line(program, Measurement(tuple(map(float, seconds))))
    pulumi = bench.program("pulumi")
    if pulumi is None:
        yield missing("pulumi preview")
        return
    yield from _previews(bench, project, pulumi)


def schema(bench: Bench) -> Iterator[Line]:
    """Check the objects of a large environment, again and again, as if people had written them."""
    write_large(bench.folder / "root", bench.count(WORKLOADS))
    file = bench.folder / "all.json"
    bench.module("bench.objects", bench.folder / "root", file)
    count = bench.count(CHECKED)
    seconds = bench.module("bench.schema", file, str(count), str(bench.runs)).split()
    yield Line(f"processor time for {count:,} objects", Measurement(tuple(map(float, seconds))))


def _previews(bench: Bench, project: Path, pulumi: str) -> Iterator[Line]:
    variables = offline_variables(bench.folder)
    (project / "environments" / "stacks").mkdir(parents=True)
    make_project(project, _REPOSITORY / "bench" / "bare_loop.py", pulumi, variables)
    settings = project / "settings.json"
    settings.write_text(json.dumps(_SETTINGS))
    preview = [pulumi, "preview", "--stack", ENVIRONMENT, "--non-interactive"]
    pack = ["--policy-pack", str(_REPOSITORY / "policies"), "--policy-pack-config", str(settings)]
    empty = ["--policy-pack", str(_empty_pack(bench.folder / "empty"))]
    yield bench.line("pulumi preview of a bare loop", [Step(preview, project, variables)])
    yield bench.line(
        "the same with a pack of one empty policy", [Step([*preview, *empty], project, variables)]
    )
    yield bench.line("the same with our pack", [Step([*preview, *pack], project, variables)])


def _empty_pack(folder: Path) -> Path:
    """Write a pack that judges nothing: what the engine and its SDK cost whoever the author is."""
    folder.mkdir()
    (folder / "PulumiPolicy.yaml").write_text(_EMPTY_SETTINGS.format(virtualenv=sys.prefix))
    (folder / "__main__.py").write_text(_EMPTY)
    return folder


ROWS = (
    Row(
        "policies",
        "judge 300 Deployments by all policies",
        "offline 0.15 s; our pack adds to a preview at most 1.25 x what the empty one adds",
        policies,
    ),
    Row("schema", "check 13,500 objects by the API of Kubernetes", "1 s of processor time", schema),
)
