"""Eleven environments by region, tier and GPU, as layers: what a public repository of promotions says in 66 files.

The names, values and versions are those of github.com/kostis-codefresh/gitops-environment-promotion; its passwords
are references here. In: a folder. Out: a root.
"""

from __future__ import annotations

from pathlib import Path

from tests.roots import make_root

IMAGE = "docker.io/kostiscodefresh/simple-env-app"
UPSTREAM_LINES = 911
"""Lines of its base, variants and environments, by `wc`."""

BASE = f"""\
images: {{{IMAGE}: {{tags: minor, because: its versions have two numbers}}}}
apps:
  simple:
    workloads:
      web:
        replicas: 2
        ports: {{http: {{number: 8080, service: 80}}}}
        resources: {{cpu: 50m, memory: 128Mi}}
        env:
          ENV: {{field: "metadata.labels['environments.internal/environment']"}}
          GPU_ENABLED: 1
          UI_THEME: dark
          CACHE_SIZE: 1024kb
          PAGE_LIMIT: 25
          SORTING: ascending
          N_BUCKETS: 42
        secrets: {{database: {{existing: database, env: {{DB_USER: user, DB_PASSWORD: password}}}}}}
"""


def _web(*lines: str) -> str:
    return "apps:\n  simple:\n    workloads:\n      web:\n" + "".join(f"        {line}\n" for line in lines)


def _production(extends: str, source: str, uid: int) -> str:
    cluster = f"{{context: {extends}, uid: 6f2b4a9e-0c1d-4e5f-8a7b-9c0d1e2f3a{uid:02}}}"
    return f"tier: production\nextends: [prod, {extends}]\ncluster: {cluster}\npromotes: {{from: {source}}}\n"


LAYERS = {
    "base": BASE,
    "non-prod": _web("replicas: 3", "env: {ENV_TYPE: non-prod, PAYPAL_URL: staging2.paypal.com}"),
    "prod": _web("env: {ENV_TYPE: production, PAYPAL_URL: production.paypal.com}", "probes: {live: /health}"),
    "asia": _web("env: {REGION: asia}"),
    "eu": _web("env: {REGION: eu}"),
    "us": _web("env: {REGION: us}"),
    "non-gpu": _web("env: {GPU_ENABLED: 0}"),
    "integration": "extends: non-prod\n" + _web("env: {PAGE_LIMIT: 50}"),
    "load": "extends: non-prod\n" + _web("replicas: 4"),
    "qa": "tier: test\nextends: non-prod\n" + _web("env: {UI_THEME: light, CACHE_SIZE: 2048kb}"),
    "integration-gpu": "tier: test\nextends: integration\n" + _web("env: {UI_THEME: light}"),
    "integration-non-gpu": "tier: test\nextends: [integration, non-gpu]\n"
    + _web("env: {SORTING: descending, N_BUCKETS: 48}"),
    "load-gpu": "tier: test\nextends: load\npromotes: {from: integration-gpu}\n",
    "load-non-gpu": "tier: test\nextends: [load, non-gpu]\npromotes: {from: integration-non-gpu}\n",
    "staging-asia": "tier: test\nextends: [non-prod, asia]\n",
    "staging-eu": "tier: test\nextends: [non-prod, eu]\n",
    "staging-us": "tier: test\nextends: [non-prod, us]\n" + _web("env: {UI_THEME: light, N_BUCKETS: 24}"),
    "prod-asia": _production("asia", "staging-asia", 1) + _web("replicas: 6"),
    "prod-eu": _production("eu", "staging-eu", 2) + _web("replicas: 8"),
    "prod-us": _production("us", "staging-us", 3) + _web("replicas: 10"),
}
VERSIONS = {
    "qa": "1.0",
    "integration-gpu": "1.0",
    "integration-non-gpu": "2.0",
    "load-gpu": "2.0",
    "load-non-gpu": "2.0",
    "staging-asia": "2.0",
    "staging-eu": "2.0",
    "staging-us": "2.0",
    "prod-asia": "3.0",
    "prod-eu": "3.0",
    "prod-us": "2.0",
}


def files() -> dict[str, str | None]:
    """Write all layers, releases and stack files, by their paths below environments/."""
    found: dict[str, str | None] = {f"{name}.yaml": text for name, text in LAYERS.items()}
    for name, version in VERSIONS.items():
        found[f"stacks/Pulumi.{name}.yaml"] = "config: {}\n"
        build = (
            f"build: of-{version}\n" if name.startswith("prod") else ""
        )  # production asks where it comes from
        found[f"releases/{name}/simple/web.yaml"] = f"image: {IMAGE}:{version}\n{build}"
    return found


def write_matrix(folder: Path) -> Path:
    """Write the root."""
    return make_root(folder, files())
