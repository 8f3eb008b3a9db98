"""Every option of the job is said in layers: what is rendered is read by the job, and no field is out of reach."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from textwrap import indent
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from gitops.settings import Adoptable, Application, ApplicationSource, Ignored, Settings, parse
from policies.context import Declaration, Exemption, Versions, to_wire
from tests.components.fence.reachability import Pod, allowed
from tests.components.job.test_job import APPS, JOB, pod_labels
from tests.components.rendering import Objects, main, of_kind, render_text

SIGNER = "dev@example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0oZ1vV7a0p3N5y8m2c6r9t4w1x0q7e5u3i8o2p6a1s"
REVOKED = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGf1v8Zx7r0h2k5q9w3e6t1y4u7i0o3p6a9s2d5f8g1h"
OPENPGP = """\
-----BEGIN PGP PUBLIC KEY BLOCK-----

mDMEZxOq7xYJKwYBBAHaRw8BAQdAoc0pF6xkd0p2Zb1o8m7wq3r5t9y2u4i6o8p0
=AbCd
-----END PGP PUBLIC KEY BLOCK-----"""
TREE = "0123456789abcdef0123456789abcdef01234567"
EVERYTHING = f"""\
tier: test
cluster:
  apiServer: 10.0.0.1/32
  uid: 6a1e3b52-5f7b-4b0e-9d0a-0d3f1f6f3c11
  podNetworks: [10.244.0.0/16]
  version: "1.34"
  apis: resource.k8s.io/v1beta1
images:
  docker.io/library/postgres: {{tags: minor, because: its minor versions never move}}
policies:
  registries: registry.example.com
  requireDigests: true
  levels: {{images-are-pinned: advisory}}
  longestExemption: 90d
  kinds: {{example.com/Widget: for the test, example.com/Thing: the app one is made of them}}
  exemptions:
    old:
      rule: images-carry-digests
      object: Deployment/shop-qa/server
      repository: registry.example.com/server
      because: its publisher has no digests
      until: "2026-03-01"
foreign:
  mesh: {{kind: ConfigMap, name: istio-ca-root-cert, because: the mesh makes one in each namespace}}
gitops:
  image: registry.example.com/gitops:1.0.0
  repo: https://git.example.com/platform/environments.git
  revision: main
  credentials: {{secret: git, kind: basic, privateAuthority: true}}
  allowedSigners:
  - {SIGNER}
  - "@revoked {REVOKED}"
  - |
{indent(OPENPGP, "    ")}
  log: json
  deadline: 100
  limits: {{files: 100, bytes: 1Mi, objects: 50, seconds: 60, download: 8Mi, memory: 128Mi, processor: 5}}
  pushgateway:
    url: http://pushgateway.monitoring:9091
    pods: {{namespace: monitoring, labels: {{app: pushgateway}}}}
  notify: {{secret: webhook, form: slack, addresses: 203.0.113.9/32}}
  interval: 600
  ignore:
    replicas: {{kind: apps/Deployment, name: web, pointers: /spec/replicas}}
  coOwners: cert-manager-cainjector
  adopt: listed
  adoptable: {{config: {{kind: ConfigMap, name: web-*}}}}
  mayRetire: gone
apps:
  shop:
    delivery: pull
    gitops: {{prune: false, suspend: true, mayDelete: {TREE}, retry: {{attempts: 3, seconds: 0.25}}}}
  one:
    delivery: pull
    source:
      repo: ssh://git@git.example.com/one.git
      path: deploy
      kinds: [example.com/Thing]
      credentials: {{secret: one, kind: ssh}}
      recurse: false
      include: "*.yaml"
      exclude: ci.yaml
  two:
    delivery: pull
    namespace: {{name: two, create: false, labels: {{a: b}}}}
    source: {{repo: "https://git.example.com/two.git", credentials: {{secret: two}}}}
"""
# What the layers decide by their other words, or what only a hand-written file needs.
COMPUTED: set[tuple[type, str]] = {
    (Settings, "namespace"),  # of the job's records: gitops-<environment>
    (Declaration, "environments"),  # others; a new environment shall change no settings of another
}


def settings_of(objects: Objects) -> Settings:
    """Read the rendered settings as the job does."""
    return parse(objects["ConfigMap/gitops-qa/settings"]["data"]["settings.yaml"], "settings.yaml")


def said(value: Any) -> Iterator[tuple[type, str]]:
    """Fields of all models within a value that something set."""
    if isinstance(value, BaseModel):
        for name in value.model_fields_set:
            yield type(value), name
            yield from said(getattr(value, name))
    elif dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            if getattr(value, field.name) not in (field.default, (), {}):
                yield type(value), field.name
                yield from said(getattr(value, field.name))
    elif isinstance(value, dict | tuple):
        for item in value.values() if isinstance(value, dict) else value:
            yield from said(item)


def fields_of(model: Any) -> set[str]:
    """Names of the fields of a model."""
    if dataclasses.is_dataclass(model):
        return {field.name for field in dataclasses.fields(model)}
    return set(model.model_fields)


def test_every_field_of_the_job_s_settings_can_be_said_in_layers(tmp_path: Path) -> None:
    """A new field that no layer reaches fails here."""
    found: dict[type, set[str]] = defaultdict(set)
    for model, name in said(settings_of(render_text(tmp_path, EVERYTHING))):
        found[model].add(name)

    missing = {(model, name) for model, names in found.items() for name in fields_of(model) - names}

    assert missing == COMPUTED
    models = {Settings, Application, ApplicationSource, Adoptable, Ignored, Declaration, Versions, Exemption}
    assert models <= set(found)


def test_what_an_app_says_counts_more_than_what_the_environment_says(tmp_path: Path) -> None:
    text = JOB + (
        "  prune: false\n"
        "  coOwners: [a, b]\n"
        "  retry: {attempts: 2}\n"
        "  adopt: all\n"
        "  ignore: {all: {kind: Service, pointers: /spec/clusterIP}}\n"
    )
    app = (
        "    gitops:\n"
        "      prune: true\n"
        "      coOwners: []\n"
        "      retry: {seconds: 2}\n"
        "      adopt: none\n"
        "      ignore: {own: {kind: ConfigMap, name: a, pointers: [/data/x, /data/y]}}\n"
    )
    apps = APPS.replace("  sample:\n", f"  sample:\n{app}")
    options = {
        name: application.options
        for name, application in settings_of(render_text(tmp_path, text + apps)).applications.items()
    }

    assert (options["shop"].prune, options["sample"].prune) == (False, True)
    assert (options["shop"].co_owners, options["sample"].co_owners) == (("a", "b"), ())
    assert (options["shop"].retry.attempts, options["sample"].retry.seconds) == (2, 2.0)
    assert (options["shop"].adopt, options["sample"].adopt) == ("all", "none")
    assert [each.kind for each in options["shop"].ignore] == ["Service"]
    assert [each.kind for each in options["sample"].ignore] == ["Service", "ConfigMap"]


def test_a_git_command_always_ends_before_the_pod_does(tmp_path: Path) -> None:
    assert settings_of(render_text(tmp_path, JOB + APPS)).limits.seconds == 120
    short = JOB + "  deadline: 20\n" + APPS
    assert settings_of(render_text(tmp_path, short)).limits.seconds == 10


@pytest.mark.parametrize(
    ("schedule", "seconds"),
    [
        ("*/5 * * * *", 300),
        ("0 * * * *", 3600),
        ("@hourly", 3600),
        ("5/20 * * * *", 1200),
        ("0,10 8-17 * * *", 14 * 3600 + 50 * 60),
        ("0 0 * * *", 86_400),
    ],
)
def test_the_interval_of_the_alerts_follows_the_schedule(tmp_path: Path, schedule: str, seconds: int) -> None:
    gateway = "  pushgateway: {url: 'http://p:9091', addresses: 203.0.113.7/32}\n"
    text = JOB + gateway + f"  schedule: '{schedule}'\n" + APPS
    assert settings_of(render_text(tmp_path, text)).interval == seconds


def test_the_job_reaches_its_pushgateway_and_no_other_port_of_it(tmp_path: Path) -> None:
    objects = render_text(tmp_path, EVERYTHING)
    policies, job = of_kind(objects, "NetworkPolicy"), Pod("gitops-qa", pod_labels(objects))
    assert allowed(policies, job, Pod("monitoring", {"app": "pushgateway"}), 9091)
    assert not allowed(policies, job, Pod("monitoring", {"app": "pushgateway"}), 80)
    assert not allowed(policies, job, Pod("monitoring", {"app": "other"}), 9091)


def test_the_job_reaches_its_webhook_whose_address_is_in_a_secret_that_may_be_missing(tmp_path: Path) -> None:
    """A webhook that nobody has set up must not keep the pod from starting."""
    objects = render_text(tmp_path, EVERYTHING)
    policies, job = of_kind(objects, "NetworkPolicy"), Pod("gitops-qa", pod_labels(objects))
    assert allowed(policies, job, Pod("", {}, "203.0.113.9"), 443)
    spec = objects["CronJob/gitops-qa/gitops"]["spec"]["jobTemplate"]["spec"]["template"]["spec"]
    optional = {
        volume["secret"]["secretName"]: volume["secret"].get("optional", False)
        for volume in spec["volumes"]
        if "secret" in volume
    }
    assert optional == {"git": False, "one": False, "two": False, "webhook": True}
    notify = settings_of(objects).notify
    assert notify is not None
    assert str(notify.address) == "/var/run/gitops/credentials/webhook/url"


def test_signers_are_a_file_beside_the_settings_and_a_change_of_them_changes_the_template(
    tmp_path: Path,
) -> None:
    objects = render_text(tmp_path / "1", EVERYTHING)
    other = render_text(tmp_path / "2", EVERYTHING.replace("dev@example.com", "ops@example.com"))
    url = "https://git.example.com/platform/environments.git"

    found, data = settings_of(objects).repositories[url], objects["ConfigMap/gitops-qa/settings"]["data"]

    for path, name, content in (
        (found.allowed_signers, "allowed-signers-0", SIGNER),
        (found.revoked_signers, "revoked-signers-0", REVOKED),
        (found.allowed_keys, "allowed-keys-0", OPENPGP),
    ):
        assert path == Path("/etc/gitops") / name
        assert data[name] == f"{content}\n"
    assert objects["CronJob/gitops-qa/gitops"] != other["CronJob/gitops-qa/gitops"]


def test_logs_are_lines_for_programs_or_for_people(tmp_path: Path) -> None:
    args = main(render_text(tmp_path / "1", JOB + APPS)["CronJob/gitops-qa/gitops"])["args"]
    assert args[3:5] == ["--format", "json"]
    text = EVERYTHING.replace("  log: json\n", "  log: text\n")
    args = main(render_text(tmp_path / "2", text)["CronJob/gitops-qa/gitops"])["args"]
    assert "--format" not in args


def test_the_rendered_policies_are_what_the_job_writes_back(tmp_path: Path) -> None:
    objects = render_text(tmp_path, EVERYTHING)
    text = yaml.safe_load(objects["ConfigMap/gitops-qa/settings"]["data"]["settings.yaml"])
    assert to_wire(settings_of(objects).policies) == text["policies"]
