"""What is in a cluster and not as the layers say: `envs status`, `envs up` and `envs diff --live`."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from lightkube.models.coordination_v1 import LeaseSpec
from lightkube.models.meta_v1 import LabelSelector, ObjectMeta
from lightkube.models.networking_v1 import NetworkPolicySpec
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.coordination_v1 import Lease
from lightkube.resources.core_v1 import ConfigMap, Namespace
from lightkube.resources.networking_v1 import NetworkPolicy
from lightkube.types import PatchType

from tests.command import commit, envs, git
from tests.envs.cli.test_up import Site, site

__all__ = ["site"]
JOB = "gitops: {image: 'registry.example.com/gitops:1.0.0', repo: 'https://git.example.com/e.git'}\n"
PULLED = f"tier: test\ncluster: {{apiServer: 10.0.0.10/32}}\napps: {{shop: {{delivery: pull}}}}\n{JOB}"


def _left(site: Site) -> str:
    """Leave a NetworkPolicy in the namespace of the app; returns its name in reports."""
    spec = NetworkPolicySpec(podSelector=LabelSelector(), policyTypes=["Ingress"])
    metadata = ObjectMeta(name="open", namespace=site.namespace)
    site.client.create(NetworkPolicy(metadata=metadata, spec=spec), field_manager="kubectl-create")
    return f"NetworkPolicy/{site.namespace}/open"


def _status(site: Site) -> tuple[int, dict[str, Any]]:
    result = site.run("status", "--format", "json")
    (found,) = result.json
    return result.code, found


def test_a_foreign_object_is_shown_until_somebody_expects_it(site: Site) -> None:
    """By status and by up, which leaves it alone; Secrets are not read, and that is said."""
    assert site.run("up", "--yes").code == 0
    assert _status(site)[1]["foreign"] == []
    name = _left(site)
    _, found = _status(site)
    (foreign,) = found["foreign"]
    assert foreign["object"] == name
    assert foreign["reason"].startswith("was made by kubectl-create, 2")
    assert found["unseen"] == ["Secret (never read)"]
    assert f"  foreign   {name} was made by kubectl-create" in site.run("status").out
    assert f"foreign   {name} was made by kubectl-create" in site.run("up", "--yes").out
    assert site.client.get(NetworkPolicy, "open", namespace=site.namespace)
    rule = "kind: networking.k8s.io/NetworkPolicy, name: op*, because: the test makes it"
    site.file.write_text(f"tier: test\nforeign: {{test: {{{rule}}}}}\n")
    assert _status(site)[1]["foreign"] == []


def test_diff_live_shows_drift_with_who_and_when_and_foreign_objects(site: Site) -> None:
    """As the job reports it, in text and JSON; nothing is changed."""
    assert site.run("up", "--yes").code == 0
    clean = site.run("diff", "--live")
    assert (clean.code, clean.out.splitlines()[-1]) == (
        0,
        f"{site.name}  0 pushed objects differ, 0 objects are foreign",
    )
    change = [{"op": "replace", "path": "/spec/replicas", "value": 3}]
    site.client.patch(
        Deployment,
        "server",
        change,
        namespace=site.namespace,
        patch_type=PatchType.JSON,
        field_manager="kubectl-edit",
    )
    name = _left(site)
    result = site.run("diff", "--live")
    assert result.code == 1
    lines = result.out.splitlines()
    assert f"drift     Deployment/{site.namespace}/server" in lines
    assert any(line.startswith("    spec.replicas: 3 -> 1 (kubectl-edit, 2") for line in lines), lines
    assert any(line.startswith(f"foreign   {name} was made by kubectl-create") for line in lines)
    found = site.run("diff", "--live", "--format", "json").json
    (drift,) = found["drift"]
    assert (drift["object"], drift["fields"][0]["manager"]) == (
        f"Deployment/{site.namespace}/server",
        "kubectl-edit",
    )
    assert site.client.get(Deployment, "server", namespace=site.namespace).spec.replicas == 3


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--live",), "name one"),
        (("qa", "--live", "--base", "main"), "omit --base"),
        (("qa", "--live", "--format", "markdown"), "choose one of them"),
    ],
)
def test_a_question_that_makes_no_sense_is_refused(
    checkout: Path, words: tuple[str, ...], message: str
) -> None:
    result = envs("diff", *words, root=checkout)
    assert (result.code, message in result.err) == (2, True)


@pytest.fixture
def job_home(site: Site) -> Iterator[str]:
    """Give the namespace of the job."""
    name = f"gitops-{site.name}"
    site.client.create(Namespace(metadata=ObjectMeta(name=name)))
    yield name
    site.client.delete(Namespace, name)


def test_a_job_that_has_stopped_is_unknown(site: Site, job_home: str) -> None:
    """Whatever it has said last; with the time of its last run, and what it has repaired last."""
    site.file.write_text(PULLED)
    row = {
        "finished": "2026-11-21T02:00:00Z",
        "repairs": ["Deployment/x spec.replicas: 10 -> 2 (kubectl-edit)"],
    }
    data = {"sync": "InSync", "health": "Healthy", "revision": "f" * 40, "history": json.dumps(row)}
    labels = {"environments.internal/gitops": "status"}
    metadata = ObjectMeta(name="status-shop", namespace=job_home, labels=labels)
    site.client.create(ConfigMap(metadata=metadata, data=data))
    now = datetime.now(UTC)
    lease = Lease(metadata=ObjectMeta(name="gitops", namespace=job_home), spec=LeaseSpec(renewTime=now))
    site.client.create(lease)
    _, found = _status(site)
    assert (found["job"]["late"], found["job"]["lastRun"]) == (False, f"{now:%Y-%m-%dT%H:%M:%SZ}")
    shop = next(app for app in found["apps"] if app["name"] == "shop")
    assert shop["repairs"] == [f"repaired {row['finished']}: {row['repairs'][0]}"]
    assert shop["sync"] == "OutOfSync"  # its fence is not there
    lease.spec = LeaseSpec(renewTime=now - timedelta(minutes=16))
    site.client.patch(Lease, "gitops", lease, namespace=job_home)
    code, found = _status(site)
    shop = next(app for app in found["apps"] if app["name"] == "shop")
    assert (code, found["job"]["late"], shop["sync"], shop["health"]) == (4, True, "Unknown", "Unknown")
    assert shop["messages"][0].startswith("the job has not run since ")
    assert f"--namespace {job_home}" in shop["messages"][0]


def test_the_commit_of_pushed_apps_is_that_of_the_record(site: Site) -> None:
    """A clone without notes knows none."""
    git(site.root, "init", "--quiet")
    assert envs("render", root=site.root).code == 0
    revision = commit(site.root)
    assert site.run("up", "--yes").code == 0
    assert site.status()[1]["revision"] == ""
    recorded = envs("record", site.name, "--commit", revision, "--actor", "test", root=site.root)
    assert recorded.code == 0, recorded.err
    assert site.status()[1]["revision"] == revision
    assert f"at {revision[:12]}" in site.run("status").out


def test_watch_shows_what_changes_until_it_is_ended(site: Site) -> None:
    """A real process; Control-C is SIGINT."""
    # A background job would pass on to ignore it.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    assert site.run("up", "--yes").code == 0
    words = ["status", site.name, "--watch", "--format", "json", "--kubeconfig", str(site.kubeconfig)]
    command = [sys.executable, "-m", "envs.cli.main", *words, "--root", str(site.root)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ}) as process:
        try:
            assert "foreign" in _document(process)
            name = _left(site)
            while not any(each["object"] == name for each in _document(process)["foreign"]):
                pass
            process.send_signal(signal.SIGINT)
            assert process.wait(30) == 130
        finally:
            process.kill()
            signal.signal(signal.SIGINT, before)


def _document(process: subprocess.Popen[str]) -> dict[str, Any]:
    """Read the next JSON document that a process prints."""
    assert process.stdout is not None
    text = ""
    for line in process.stdout:
        text += line
        if line == "]\n":
            (found,) = json.loads(text)
            assert isinstance(found, dict)
            return found
    raise AssertionError(text)
