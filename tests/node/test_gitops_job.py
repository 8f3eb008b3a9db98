"""The GitOps job as it is rendered, in a real pod: from a merge to the cluster, drift, prune and rollback."""

from __future__ import annotations

import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from lightkube import ApiError, Client
from lightkube.models.meta_v1 import ObjectMeta, OwnerReference
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.batch_v1 import CronJob, Job
from lightkube.resources.core_v1 import ConfigMap, Event, Namespace, Pod, Secret, Service
from lightkube.types import PatchType

from components.job.job import delay
from localkube.clusters import LocalCluster
from localkube.node.backend import inside
from localkube.node.images import Image, busybox_layer
from localkube.node.shield import ADDRESS
from tests.command import commit, edit, envs, git, make_repository
from tests.node.job_image import job_image
from tests.roots import make_root
from tests.tree import TREE
from tests.waiting import wait_until

PORT = 8443
LAYER = f"""\
tier: test
cluster: {{apiServer: [{ADDRESS}/32, 10.96.0.1/32]}}
gitops:
  image: localhost/gitops:1.0.0
  repo: https://{ADDRESS}:{PORT}/environments.git
  schedule: "* * * * *"
  log: text
  credentials: {{secret: git-credentials, privateAuthority: true}}
  resources: {{cpu: 10m, memory: 128Mi}}
"""
BASE = """\
teams: {web: {}}
apps:
  shop:
    team: web
    delivery: pull
    workloads:
      server:
        image: localhost/busybox:1.0.0
        command: [sleep, infinity]
        ports: {http: 8080}
        env: {COLOUR: red}
        resources: {cpu: 10m, memory: 32Mi}
        probes: none
"""


@dataclass
class Site:
    """An environment whose app is pulled by a job that runs in pods of the node."""

    checkout: Path
    name: str
    client: Client
    kubeconfig: Path

    @property
    def home(self) -> str:
        """Namespace of the job."""
        return f"gitops-{self.name}"

    @property
    def namespace(self) -> str:
        """Namespace of the app."""
        return f"shop-{self.name}"

    def merge(self, message: str) -> str:
        """Render, commit and push to the ref that the job follows."""
        result = envs("render", root=self.checkout)
        assert result.code == 0, result.err
        found = commit(self.checkout, message)
        self.push()
        return found

    def push(self) -> None:
        """Move the ref of the environment forward."""
        git(self.checkout, "push", "--quiet", "origin", f"HEAD:refs/heads/env/{self.name}")

    def run(self) -> str:
        """Start the job once, as `kubectl create job --from=cronjob/gitops` does; returns its log."""
        cron = self.client.get(CronJob, "gitops", namespace=self.home)
        assert cron.metadata is not None
        assert cron.spec is not None
        owner = OwnerReference(
            apiVersion="batch/v1", kind="CronJob", name="gitops", uid=str(cron.metadata.uid), controller=True
        )
        name = f"now-{secrets.token_hex(3)}"
        marks = {"cronjob.kubernetes.io/instantiate": "manual"}
        metadata = ObjectMeta(name=name, namespace=self.home, annotations=marks, ownerReferences=[owner])
        self.client.create(Job(metadata=metadata, spec=cron.spec.jobTemplate.spec))
        return self.finished(name)

    def finished(self, name: str) -> str:
        """Wait for a job to end well; returns its log."""

        def ended() -> bool:
            status = self.client.get(Job, name, namespace=self.home).status
            return bool(status and (status.succeeded or status.failed))

        wait_until(ended, f"job {name} has ended")
        (pod,) = self.client.list(Pod, namespace=self.home, labels={"job-name": name})
        assert pod.metadata is not None
        assert pod.metadata.name is not None
        log = "".join(self.client.log(pod.metadata.name, namespace=self.home))
        status = self.client.get(Job, name, namespace=self.home).status
        assert status is not None
        assert status.succeeded, log
        return log

    def exists(self, kind: type[Any], name: str) -> bool:
        """Whether an object of the app is there."""
        try:
            self.client.get(kind, name, namespace=self.namespace)
        except ApiError:
            return False
        return True

    def status(self) -> dict[str, str]:
        """Read what the job says of the app; nothing before it has said something."""
        try:
            return self.client.get(ConfigMap, "status-shop", namespace=self.home).data or {}
        except ApiError:
            return {}

    def colour(self) -> str:
        """Value that the live Deployment has."""
        spec = self.client.get(Deployment, "server", namespace=self.namespace).spec
        assert spec is not None
        assert spec.template.spec is not None
        return next(str(e.value) for e in spec.template.spec.containers[0].env or [] if e.name == "COLOUR")


@pytest.fixture
def git_server(node_cluster: LocalCluster, tmp_path: Path) -> Iterator[tuple[Path, str, Path]]:
    """Serve a folder of repositories inside the node's network; gives it, the token and the authority."""
    root, folder, token = tmp_path / "repositories", tmp_path / "server", secrets.token_hex(16)
    root.mkdir()
    folder.mkdir()
    words = ["-m", "tests.node.git_server", str(root), str(folder), ADDRESS, str(PORT), token]
    command = [*inside(node_cluster.kubeconfig.parent), sys.executable, *words]
    with subprocess.Popen(command, cwd=TREE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("https://"), "the Git server did not start"
        yield root, token, folder / "certificate.pem"
        process.terminate()


@pytest.fixture
def site(
    node: Client,
    node_cluster: LocalCluster,
    git_server: tuple[Path, str, Path],
    load_image: Callable[[Image], None],
    tmp_path: Path,
) -> Iterator[Site]:
    """Give an environment that `envs up` has fenced, with the credentials of its repository."""
    load_image(job_image("localhost/gitops:1.0.0"))
    load_image(Image("localhost/busybox:1.0.0", (busybox_layer(),), {"Env": ["PATH=/bin"]}))
    root, token, authority = git_server
    name = next(name for number in range(1000) if delay(name := f"n{number}") == 0)
    files = {"base.yaml": BASE, "qa.yaml": None, "stacks/Pulumi.qa.yaml": None, f"{name}.yaml": LAYER}
    checkout = make_root(
        make_repository(tmp_path / "checkout"), files | {f"stacks/Pulumi.{name}.yaml": "config: {}\n"}
    )
    git(root, "init", "--quiet", "--bare", "environments.git")
    git(checkout, "remote", "add", "origin", str(root / "environments.git"))
    found = Site(checkout, name, node, node_cluster.kubeconfig)
    found.merge("first")
    result = envs("up", name, "--yes", "--kubeconfig", str(found.kubeconfig), root=checkout)
    assert result.code == 0, result.err + result.out
    secret = {"token": token, "ca.crt": authority.read_text(encoding="ascii")}
    node.create(Secret(metadata=ObjectMeta(name="git-credentials", namespace=found.home), stringData=secret))
    yield found
    for namespace in (found.home, found.namespace):
        node.delete(Namespace, namespace)
    shutil.rmtree(checkout)


def test_a_merge_arrives_by_schedule_and_at_once_and_a_revert_takes_it_back(
    site: Site, capsys: pytest.CaptureFixture[str]
) -> None:
    """One story, for a pod costs seconds: schedule, request, prune, drift, rollback; each with its figures."""
    head = git(site.checkout, "rev-parse", "HEAD")
    wait_until(lambda: site.exists(Deployment, "server"), "the schedule has applied the app", seconds=150)
    wait_until(lambda: site.status().get("revision") == head, "the job has said so")
    assert site.status()["sync"] == "InSync"
    site.client.patch(
        CronJob, "gitops", {"spec": {"suspend": True}}, namespace=site.home, patch_type=PatchType.MERGE
    )
    wait_until(lambda: not _running(site), "no scheduled run is left")

    edit(site.checkout / "environments/base.yaml", "COLOUR: red", "COLOUR: blue")
    edit(site.checkout / "environments/base.yaml", "        ports: {http: 8080}\n", "")
    merged = time.monotonic()
    site.merge("blue, and without a port")
    log = site.run()
    seconds = time.monotonic() - merged
    assert (site.colour(), site.exists(Service, "server")) == ("blue", False)
    assert f"deleted   Service/{site.namespace}/server" in log
    with capsys.disabled():
        sys.stdout.write(f"\nfrom merge to applied, requested: {seconds:.1f} s; the job says:\n{log}")

    by_hand = [{"op": "add", "path": "/spec/template/metadata/labels/by", "value": "hand"}]
    site.client.patch(
        Deployment,
        "server",
        by_hand,
        namespace=site.namespace,
        patch_type=PatchType.JSON,
        field_manager="kubectl-edit",
    )
    git(site.checkout, "revert", "--no-edit", "HEAD")
    site.push()
    log = site.run()
    assert (site.colour(), site.exists(Service, "server")) == ("red", True)
    spec = site.client.get(Deployment, "server", namespace=site.namespace).spec
    assert spec is not None
    assert spec.template.metadata is not None
    assert "by" not in (spec.template.metadata.labels or {})
    status = site.status()
    assert status["lastGoodRevision"] == git(site.checkout, "rev-parse", "HEAD")
    assert len(status["history"].splitlines()) >= 3
    assert [event for event in site.client.list(Event, namespace=site.home) if event.reason == "Synced"]


def _running(site: Site) -> list[str]:
    jobs = site.client.list(Job, namespace=site.home)
    return [str(job.metadata.name) for job in jobs if job.metadata and job.status and job.status.active]
