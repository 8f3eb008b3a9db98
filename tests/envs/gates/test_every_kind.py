"""Every kind of workload that the components make passes the rules of production, with all that belongs to it."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from envs.config.load import load
from envs.config.model.workload import KINDS, Serving
from envs.gates.judgement import judge, judge_releases
from envs.gates.rendering import render_around
from policies.check import mandatory
from tests.roots import PRODUCTION_CLUSTER, make_root

TODAY = date(2026, 1, 1)
EXTRA = {
    "site": "content: environments/site, ",
    "cron": 'schedule: "*/5 * * * *", ',
    "stateful": "storage: {data: {size: 1Gi, path: /data}}, ",
}
LAYER = """\
tier: production
{cluster}apps:
  shop:
    quota: {{memory: 8Gi}}
    flows: {{self: {{from: server, to: server, port: http}}}}
    workloads:
      server:
        {{kind: {kind}, {extra}ports: {{http: 8080}}, volumes: {{work: /work}},
         secrets: {{db: {{existing: shop-db, env: {{DB_PASSWORD: password}}}}}},
         config: {{/etc/app.conf: "a: b"}},
         init: {{migrate: {{image: main, command: [./migrate]}}}}, sidecars: {{proxy: {{}}}}}}
"""
RELEASE = """\
image: registry.example.com/server:1.2.3
build: "17"
containers: {proxy: {image: registry.example.com/proxy:1.2.3, build: "3"}}
"""


def production(folder: Path, kind: str) -> Path:
    """Make a production environment with one workload."""
    extra = EXTRA.get(kind, "") + ("replicas: 2, " if issubclass(KINDS[kind], Serving) else "")
    layer = LAYER.format(kind=kind, extra=extra, cluster=PRODUCTION_CLUSTER)
    files = {"base.yaml": "teams: {web: {}}\n", "qa.yaml": layer, "releases/qa/shop/server.yaml": RELEASE}
    (folder / "environments" / "site").mkdir(parents=True)
    (folder / "environments" / "site" / "index.html").write_text("<p>site</p>")
    return make_root(folder, files)


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_workload_passes_the_rules_of_production(tmp_path: Path, kind: str) -> None:
    configuration = load(production(tmp_path, kind))
    judged = judge(configuration, render_around(configuration, ["qa"]), ["qa"], TODAY)

    findings = [*judged.findings, *judge_releases(configuration, TODAY)]

    assert mandatory(findings) == []


def test_an_image_of_production_without_a_release_is_found_where_it_is_written(tmp_path: Path) -> None:
    root = production(tmp_path, "deployment")
    layer = root / "environments" / "qa.yaml"
    layer.write_text(layer.read_text().replace("proxy: {}", 'proxy: {}, log: {image: "log:1.2.3"}'))

    (found,) = [
        finding for finding in judge_releases(load(root), TODAY) if finding.rule == "images-have-releases"
    ]

    assert (found.object, found.origin) == ("Release/qa/shop/server/log", "environments/qa.yaml:12:99")
