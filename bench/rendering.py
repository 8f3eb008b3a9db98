"""Rows of rendering: the shop with its differences, 4,000 objects, files and YAML alone, a preview of 13,500."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from bench.cluster import built_kubectl
from bench.measure import Measurement, Step
from bench.roots import CHANGED, SHOP_ENVIRONMENTS, render_and_commit, write_large, write_shop
from bench.row import Bench, Line, Row, missing

WORKLOADS = 1000
PREVIEWED = 3375
WAYS = {
    "ours": "kube/yaml/write.py",
    "libyaml": "PyYAML with libyaml",
    "python": "PyYAML without libyaml",
}

FILES = {
    "ours": "these files as new ones, envs/checkout/rendered.py alone",
    "bare": "these files as new ones, a bare loop",
}


def shop(bench: Bench) -> Iterator[Line]:
    """Render and compare three environments, one release of which has changed."""
    envs = bench.program("envs")
    if envs is None:
        yield missing("envs")
        return
    root, tree = bench.folder / "shop", bench.folder / "shop-tree"
    write_shop(root, envs)
    yield bench.line("envs preview", [Step([envs, "preview", "--root", root, "--base", "main"], root)])
    kubectl = built_kubectl()
    bench.module("bench.kustomize", root, tree)
    before, after = tree / "before", tree / "after"
    builds = [_kustomize(kubectl, tree, name, after) for name in SHOP_ENVIRONMENTS]
    for folder in (before, after):
        folder.mkdir()
    first = bench.line("kubectl kustomize", builds)
    if isinstance(first.result, str):
        yield first
        return
    for file in after.iterdir():
        (before / file.name).write_text(file.read_text().replace(CHANGED.new, CHANGED.old))
    compare = Step(["git", "diff", "--no-index", before, after], tree, fine=frozenset({0, 1}))
    yield bench.line("kubectl kustomize, 3 times, and git diff", [*builds, compare])


def large(bench: Bench) -> Iterator[Line]:
    """Render one environment of 1,000 workloads."""
    root, out, tree = bench.folder / "large", bench.folder / "out", bench.folder / "large-tree"
    write_large(root, bench.count(WORKLOADS))
    envs = bench.program("envs")
    if envs is None:
        yield missing("envs")
    else:
        render = Step([envs, "render", "--root", root, "--out", out], root)
        yield bench.line("envs render, each object a new file", [render], partial(_remove, out))
        yield bench.line("envs render, nothing has changed", [render])
        for way, program in FILES.items():
            seconds = bench.module("bench.writing", out, bench.folder / "new", way, str(bench.runs)).split()
            yield Line(program, Measurement(tuple(map(float, seconds))))
    kubectl = built_kubectl()
    bench.module("bench.kustomize", root, tree)
    yield bench.line("kubectl kustomize, to one file", [_kustomize(kubectl, tree, "bench", tree)])


def huge(bench: Bench) -> Iterator[Line]:
    """Preview one environment of 3,375 workloads, each of which changes."""
    root = bench.folder / "huge"
    write_large(root, bench.count(PREVIEWED))
    envs = bench.program("envs")
    if envs is None:
        yield missing("envs")
        return
    render_and_commit(root, envs)
    preview = Step([envs, "preview", "--root", root, "--base", "main"], root)
    yield bench.line("envs preview, nothing changes", [preview])
    base = root / "environments" / "base.yaml"
    base.write_text(base.read_text().replace("replicas: 2", "replicas: 3"))
    yield bench.line("envs preview, each workload changes", [preview])


def emitting(bench: Bench) -> Iterator[Line]:
    """Write the objects of 1,000 workloads as YAML, in memory."""
    root = bench.folder / "emitting"
    write_large(root, bench.count(WORKLOADS))
    for way, program in WAYS.items():
        seconds = bench.module("bench.emitting", root, way, str(bench.runs)).split()
        yield Line(program, Measurement(tuple(map(float, seconds))))


def _kustomize(kubectl: str, tree: Path, name: str, out: Path) -> Step:
    return Step([kubectl, "kustomize", tree / "overlays" / name, "--output", out / f"{name}.yaml"], tree)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)


ROWS = (
    Row("shop", "render and compare qa, e2e and prod of the shop, start included", "1.0 s", shop),
    Row(
        "large",
        "render 1,000 workloads, 4,005 objects",
        "1.2 s unchanged; new files in 1.5 x the bare loop",
        large,
    ),
    Row("preview", "preview 3,375 workloads, 13,505 objects", "6 s, 200 MiB", huge),
    Row("yaml", "write these objects as YAML, nothing else", "", emitting),
)
