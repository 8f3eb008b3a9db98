"""Each effect of a change names the line that causes it; what the layers no longer say has its line in the base."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.command import commit, envs, make_environments, make_repository

BASE, QA, PROD = (f"environments/{name}.yaml" for name in ("base", "qa", "prod"))
LAYER = """\
teams:
  web:
    groups:
      view: guests
      operate: people
cluster:
  domain: example.org
  ingress: {namespace: edge, className: edge}
  apiServer: {addresses: [10.0.0.1/32], port: 6443}
apps:
  shop:
    team: web
    quota:
      memory: 8Gi
    flows:
      visitors: {from: ingress, to: server, port: http}
      cache: {from: server, to: store, port: 6379}
      mail: {from: server, to: {cidr: 198.51.100.7/32}, port: 587}
      site: {from: server, to: {app: site, workload: web}, port: http}
    workloads:
      server:
        image: registry.example.com/server:1.2.3
        replicas: 2
        ports: {http: 8080}
        host: shop
        env:
          GREETING: hello
        config:
          /etc/app.conf:
            file: files/app.conf
        account:
          token: reads its settings
          permissions:
            settings: {resources: configmaps, verbs: get}
      store:
        kind: stateful
        image: registry.example.com/store:7.0.1
        ports: {redis: 6379}
        storage:
          data: {path: /data, size: 1Gi}
    manifests:
      settings:  # of its own
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: settings}
        data: {mode: fast}
  site:  # alone
    workloads:
      web:
        image: registry.example.com/web:1.0.0
        ports: {http: 8080}
"""


@dataclass(frozen=True, slots=True)
class Case:
    """Edits of files, and the causes of some effects, each as the line that starts so in its file."""

    name: str
    edits: tuple[tuple[str, str, str], ...]
    expected: dict[tuple[str, str], str]


CASES = (
    Case(
        "a new flow",
        (
            (
                BASE,
                "      cache:",
                "      again: {from: store, to: {app: site, workload: web}, port: http}\n      cache:",
            ),
        ),
        {("connects", "shop/store → site/web"): f"{BASE}: again:"},
    ),
    Case(
        "a flow that goes",
        ((BASE, "      cache: {from: server, to: store, port: 6379}\n", ""),),
        {("disconnects", "shop/server → shop/store"): f"was {BASE}: cache:"},
    ),
    Case(
        "a flow of two apps that one environment removes",
        ((QA, "tier: test\n", "tier: test\napps:\n  shop:\n    flows:\n      site: null\n"),),
        {("disconnects", "shop/server → site/web"): f"{QA}: site: null"},
    ),
    Case(
        "a flow to addresses with another port",
        ((BASE, "port: 587", "port: 465"),),
        {
            ("exposes", "shop/server → 198.51.100.7/32"): f"{BASE}: mail:",
            ("disconnects", "shop/server → 198.51.100.7/32"): f"{BASE}: mail:",
        },
    ),
    Case(
        "a port that flows name",
        ((BASE, "ports: {http: 8080}\n        host", "ports: {http: 8081}\n        host"),),
        {
            ("connects", "pods in namespace edge → shop/server"): f"{BASE}: ports: {{http: 8081}}",
            ("disconnects", "pods in namespace edge → shop/server"): f"{BASE}: ports: {{http: 8081}}",
            ("restarts", "shop/server"): f"{BASE}: ports: {{http: 8081}}",
        },
    ),
    Case(
        "a namespace of the ingress",
        ((BASE, "namespace: edge", "namespace: front"),),
        {
            ("connects", "pods in namespace front → shop/server"): f"{BASE}: ingress:",
            ("disconnects", "pods in namespace edge → shop/server"): f"{BASE}: ingress:",
        },
    ),
    Case(
        "a token, with which pods reach the API server",
        (
            (
                BASE,
                "        ports: {redis: 6379}",
                "        account: {token: finds others}\n        ports: {redis: 6379}",
            ),
        ),
        {("exposes", "shop/store → 10.0.0.1/32"): f"{BASE}: account: {{token: finds"},
    ),
    Case(
        "a group of a team",
        ((BASE, "      view: guests\n", ""), (BASE, "operate: people", "operate: [people, helpers]")),
        {
            ("no longer permits", "group guests"): f"was {BASE}: view: guests",
            ("permits", "group helpers"): f"{BASE}: operate:",
        },
    ),
    Case(
        "the team of an app",
        ((PROD, "apps:\n  shop:\n", "apps:\n  site:\n    team: web\n  shop:\n"),),
        {
            ("permits", "group people"): f"{PROD}: team: web",
            ("permits", "group guests"): f"{PROD}: team: web",
        },
    ),
    Case(
        "a permission of an account",
        (
            (
                BASE,
                "settings: {resources: configmaps, verbs: get}",
                "settings: {resources: configmaps, verbs: list}",
            ),
        ),
        {
            ("permits", "account shop/server"): f"{BASE}: settings: {{resources",
            ("no longer permits", "account shop/server"): f"{BASE}: settings: {{resources",
        },
    ),
    Case(
        "a host",
        ((BASE, "host: shop", "host: till"),),
        {
            ("exposes", "shop/server"): f"{BASE}: host: till",
            ("hides", "shop/server"): f"{BASE}: host: till",
        },
    ),
    Case(
        "a host that goes",
        ((BASE, "        host: shop\n", ""),),
        {("hides", "shop/server"): f"was {BASE}: host: shop"},
    ),
    Case(
        "the domain of the cluster",
        ((BASE, "domain: example.org", "domain: example.net"),),
        {("exposes", "shop/server"): f"{BASE}: domain:", ("hides", "shop/server"): f"{BASE}: domain:"},
    ),
    Case(
        "a variable and an image",
        ((BASE, "GREETING: hello", "GREETING: goodbye"), (BASE, "store:7.0.1", "store:7.0.2")),
        {
            ("restarts", "shop/server"): f"{BASE}: GREETING:",
            ("restarts", "shop/store"): f"{BASE}: image: registry.example.com/store",
            ("releases", "shop/store"): f"{BASE}: image: registry.example.com/store",
        },
    ),
    Case(
        "a variable that goes",
        ((BASE, "        env:\n          GREETING: hello\n", ""),),
        {("restarts", "shop/server"): f"was {BASE}: env:"},
    ),
    Case(
        "a file that a layer names",
        (("files/app.conf", "mode = slow", "mode = fast"),),
        {("restarts", "shop/server"): "files/app.conf"},
    ),
    Case(
        "a load balancer, beside what the environment says of policies",
        (
            (
                PROD,
                "        replicas: 2\n",
                "        replicas: 2\n        services:\n          open: {kind: loadBalancer}\n",
            ),
            (
                PROD,
                "tier: production\n",
                "tier: production\nforeign: {x: {kind: ConfigMap, because: theirs}}\n",
            ),
        ),
        {
            ("exposes", "shop/open"): f"{PROD}: services:",
            ("resizes", "shop/quota"): f"{PROD}: services:",
        },
    ),
    Case(
        "a number of pods that goes back to the default",
        ((BASE, "        replicas: 2\n", ""),),
        {
            ("resizes", "shop/server"): f"was {BASE}: replicas: 2",
            ("deletes", "PodDisruptionBudget shop/server"): f"was {BASE}: replicas: 2",
        },
    ),
    Case(
        "a quota",
        ((BASE, "memory: 8Gi", "memory: 9Gi"),),
        {("resizes", "shop/quota"): f"{BASE}: memory: 9Gi"},
    ),
    Case(
        "a size of storage, which cannot be changed in place",
        ((BASE, "size: 1Gi", "size: 2Gi"),),
        {("replaces", "StatefulSet shop/store"): f"{BASE}: data: {{path"},
    ),
    Case(
        "a workload that goes",
        (
            (BASE, LAYER[LAYER.index("      store:") : LAYER.index("    manifests:")], ""),
            (BASE, "      cache: {from: server, to: store, port: 6379}\n", ""),
        ),
        {
            ("deletes", "StatefulSet shop/store"): f"was {BASE}: store:",
            ("deletes", "Service shop/store"): f"was {BASE}: store:",
            ("disconnects", "shop/server → shop/store"): f"was {BASE}: cache:",
        },
    ),
    Case(
        "an object of the layers that goes",
        ((BASE, LAYER[LAYER.index("    manifests:") : LAYER.index("  site:  # alone")], ""),),
        {("deletes", "ConfigMap shop/settings"): f"was {BASE}: settings:  # of its own"},
    ),
    Case(
        "an app that goes",
        (
            (BASE, LAYER[LAYER.index("  site:  # alone") :], ""),
            (BASE, "      site: {from: server, to: {app: site, workload: web}, port: http}\n", ""),
        ),
        {
            ("deletes", "app site"): f"was {BASE}: site:  # alone",
            ("disconnects", "shop/server → site/web"): f"was {BASE}: site: {{",
        },
    ),
    Case(
        "a finding that comes",
        (
            (
                PROD,
                "        replicas: 2\n",
                "        replicas: 2\n        image: registry.example.com/server:latest\n",
            ),
        ),
        {("new finding", "Deployment shop/server"): f"{PROD}: image:"},
    ),
)


@pytest.fixture(scope="module")
def committed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a root with all that a change can have an effect on, rendered and committed."""
    folder = make_repository(tmp_path_factory.mktemp("origins"))
    make_environments(folder, {"base.yaml": LAYER})
    (folder / "files").mkdir()
    (folder / "files/app.conf").write_text("mode = slow\n")
    rendered = envs("render", root=folder)
    assert rendered.code == 0, rendered.err
    commit(folder, "first")
    return folder


@pytest.fixture
def copy(committed: Path, tmp_path: Path) -> Path:
    """Give a copy of that root, to change."""
    return Path(shutil.copytree(committed, tmp_path / "copy", symlinks=True))


def test_a_file_that_goes_with_its_mention_has_its_line_in_the_base(committed: Path, copy: Path) -> None:
    """The layers of the base are read with the files that they name, whether these are still there or not."""
    gone = "        config:\n          /etc/app.conf:\n            file: files/app.conf\n"
    (copy / BASE).write_text((copy / BASE).read_text().replace(gone, ""))
    (copy / "files/app.conf").unlink()
    told = envs("diff", "--format", "json", root=copy).json["meaning"]
    (deleted,) = [each for each in told if each["effect"] == "deletes"]
    assert deleted["subjects"] == ["ConfigMap shop/server-config"]
    assert deleted["origins"] == list(lines(committed, copy, f"was {BASE}: config:"))


def test_an_app_that_goes_is_told_once(copy: Path) -> None:
    """Not each permission and connection that goes with it; what others had with it is told."""
    text = (copy / BASE).read_text()
    (copy / BASE).write_text(
        text[: text.index("  shop:")]
        + "  site:\n    team: web\n"
        + text[text.index("    workloads:\n      web:") :]
    )
    (copy / PROD).write_text(
        (copy / PROD).read_text().replace("apps:\n", "ignored:\n").partition("ignored:")[0]
    )
    with (copy / PROD).open("a") as prod:
        prod.write("cluster: {context: prod, uid: 6f2b4a9e-0c1d-4e5f-8a7b-9c0d1e2f3a4b}\n")
    result = envs("diff", "--format", "json", root=copy)
    assert result.code == 0, result.err
    told = [(each["effect"], each["subjects"]) for each in result.json["meaning"]]
    assert ("deletes", ["app shop"]) in told
    assert [each for each in told if each[0] == "no longer permits"] == []
    assert [each for each in told if each[0] == "disconnects"] == [
        ("disconnects", ["shop/server → site/web"])
    ]


def test_a_service_that_becomes_headless_is_replaced(copy: Path) -> None:
    """The API server refuses another clusterIP: pkg/apis/core/validation, ValidateServiceUpdate."""
    text = (copy / BASE).read_text()
    (copy / BASE).write_text(
        text.replace("      web:\n        image", "      web:\n        kind: stateful\n        image")
    )
    told = envs("diff", "qa", "--format", "json", root=copy).json["meaning"]
    (replaced,) = [each for each in told if each["effect"] == "replaces"]
    assert replaced["subjects"] == ["Service site/web"]
    assert replaced["text"] == "must be deleted and created anew, since spec.clusterIP cannot be changed"


def lines(committed: Path, root: Path, expected: str) -> Iterator[str]:
    """Turn words into places: the file with the number of the only line that starts with the text."""
    is_former = expected.startswith("was ")
    file, _, start = expected.removeprefix("was ").partition(": ")
    if not start:
        yield expected
        return
    text = ((committed if is_former else root) / file).read_text().splitlines()
    numbers = [number for number, line in enumerate(text, 1) if line.strip().startswith(start)]
    yield from (f"{'was ' if is_former else ''}{file}:{number}" for number in numbers)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_an_effect_names_the_line_that_causes_it(committed: Path, copy: Path, case: Case) -> None:
    for file, old, new in case.edits:
        text = (copy / file).read_text()
        assert text.count(old) == 1, old
        (copy / file).write_text(text.replace(old, new))
    result = envs("diff", "--format", "json", root=copy)
    assert result.code == 0, result.err
    told = {
        (each["effect"], subject.partition(" spec.")[0]): each["origins"]
        for each in result.json["meaning"]
        for subject in each["subjects"]
    }
    assert {key: told.get(key) for key in case.expected} == {
        key: list(lines(committed, copy, words)) for key, words in case.expected.items()
    }
