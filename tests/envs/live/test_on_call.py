"""An on-call exercise on a real API server: each fault is found from `envs status`, Events and metrics alone.

The job runs as its own ServiceAccount with the rendered Roles and settings, against a real Git server, Pushgateway
and webhook of this machine. What kubelets do is done by kwok, and by the test where a container must not start.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from lightkube import Client

from gitops.cluster.api import connect
from localkube.clusters import LocalCluster
from tests.command import commit, edit, envs, git, make_repository
from tests.gitops import servers
from tests.gitops.person import Person
from tests.gitops.report.receiver import Receiver, receiving
from tests.roots import make_root
from tests.waiting import wait_until

MERGE = {"Content-Type": "application/merge-patch+json"}
LAYER = """\
tier: test
cluster: {{apiServer: 127.0.0.1/32}}
gitops:
  image: registry.example.com/gitops:1.0.0
  repo: {repository}
  credentials: {{secret: git, privateAuthority: true}}
  retry: {{attempts: 1}}
  pushgateway: {{url: "{gateway}", addresses: 127.0.0.1/32}}
"""
BASE = """\
teams: {web: {}}
apps:
  shop:
    team: web
    delivery: pull
    workloads:
      server:
        image: registry.example.com/server:1.2.3
        env: {COLOUR: red}
        probes: none
        ports: {http: 8080}
        patch: {Deployment: {spec: {minReadySeconds: 5, progressDeadlineSeconds: 6}}}
"""


@dataclass
class Site:
    """An environment with a pulled app, its job, and what an on-call person looks at."""

    checkout: Path
    name: str
    kubeconfig: Path  # of an administrator
    folder: Path  # of the job: credentials and its kubeconfig
    http: Any
    gateway: Receiver

    @property
    def home(self) -> Person:
        """Somebody in the namespace of the job."""
        return Person(self.http, f"gitops-{self.name}")

    @property
    def shop(self) -> Person:
        """Somebody in the namespace of the app."""
        return Person(self.http, f"shop-{self.name}")

    def run(self) -> int:
        """Run the job once as a new pod; returns its exit code."""
        settings = self.home.live("ConfigMap", "settings")["data"]["settings.yaml"]
        file = self.folder / "settings.yaml"
        file.write_text(settings.replace("/var/run/gitops/credentials", str(self.folder)), encoding="utf-8")
        from gitops.__main__ import main  # noqa: PLC0415 - the command line, as the pod calls it

        flags = ["--settings", str(file), "--kubeconfig", str(self.folder / "kubeconfig"), "--format", "json"]
        return main(["sync", *flags])

    def status(self) -> str:
        """Return what `envs status` says."""
        return envs("status", self.name, "--kubeconfig", str(self.kubeconfig), root=self.checkout).out

    def events(self) -> dict[str, str]:
        """Return what `kubectl describe cronjob gitops` shows: the message by reason."""
        return self._described(self.home, "CronJob", "gitops")

    def _described(self, person: Person, kind: str, name: str) -> dict[str, str]:
        uid = person.live(kind, name)["metadata"]["uid"]
        path = f"/api/v1/namespaces/{person.namespace}/events"
        items = self.http.get(path, params={"fieldSelector": f"involvedObject.uid={uid}"}).json()["items"]
        mine = [each for each in items if each["source"] == {"component": "gitops"}]
        found: dict[str, str] = {}
        for each in mine:
            found[each["reason"]] = "\n".join(filter(None, (found.get(each["reason"]), each["message"])))
        return found

    def metric(self, sample: str) -> float:
        """Return a metric of the last run."""
        found = re.search(rf"^{re.escape(sample)} (\S+)$", self.gateway.texts[-1], re.MULTILINE)
        assert found is not None, self.gateway.texts[-1]
        return float(found[1])

    def merge(self, old: str, new: str) -> None:
        """Change a layer, render, and let the environment have it."""
        edit(self.checkout / "environments/base.yaml", old, new)
        self.push()

    def push(self) -> None:
        """Render and push to the ref that the job follows."""
        result = envs("render", root=self.checkout)
        assert result.code == 0, result.err
        commit(self.checkout, "change")
        git(self.checkout, "push", "--quiet", "--force", "origin", f"HEAD:refs/heads/env/{self.name}")


@pytest.fixture
def site(ready: Client, cluster: LocalCluster, tmp_path: Path) -> Iterator[Site]:
    """Give an environment that is up, in sync and healthy."""
    del ready
    for folder in ("repositories", "server", "git"):
        (tmp_path / folder).mkdir()
    root = tmp_path / "repositories"
    with (
        contextmanager(servers.https)(root, tmp_path / "server", "x-token-auth", "valid") as server,
        receiving() as gateway,
        connect(Path(cluster.kubeconfig)) as connection,
    ):
        name = f"oc{secrets.token_hex(3)}"
        layer = LAYER.format(repository=f"{server.url}/environments.git", gateway=gateway.url)
        files: dict[str, str | bytes | None] = {
            "base.yaml": BASE,
            "qa.yaml": None,
            "stacks/Pulumi.qa.yaml": None,
        }
        files |= {f"{name}.yaml": layer, f"stacks/Pulumi.{name}.yaml": "config: {}\n"}
        checkout = make_root(make_repository(tmp_path / "checkout"), files)
        git(root, "init", "--quiet", "--bare", "environments.git")
        git(checkout, "remote", "add", "origin", str(root / "environments.git"))
        found = Site(checkout, name, Path(cluster.kubeconfig), tmp_path, connection.http, gateway)
        found.push()
        (tmp_path / "git/token").write_text("valid", encoding="ascii")
        (tmp_path / "git/ca.crt").write_bytes(server.authority.read_bytes())
        result = envs("up", name, "--yes", "--kubeconfig", str(cluster.kubeconfig), root=checkout)
        assert result.code == 0, result.out + result.err
        _use_account(found)
        wait_until(lambda: found.run() == 0 and _is_healthy(found), "the shop is healthy")
        yield found
        for namespace in (found.home.namespace, found.shop.namespace):
            connection.http.delete(f"/api/v1/namespaces/{namespace}")


def _is_healthy(site: Site) -> bool:
    return bool(site.home.live("ConfigMap", "status-shop")["data"]["health"] == "Healthy")


def _use_account(site: Site) -> None:
    """Write a kubeconfig with a token of the job's ServiceAccount."""
    path = f"/api/v1/namespaces/{site.home.namespace}/serviceaccounts/gitops-serviceaccount/token"
    token = site.http.post(path, json={"spec": {}}).raise_for_status().json()["status"]["token"]
    config = yaml.safe_load(site.kubeconfig.read_text(encoding="utf-8"))
    for user in config["users"]:
        user["user"] = {"token": token}
    (site.folder / "kubeconfig").write_text(yaml.safe_dump(config), encoding="utf-8")


def test_scaled_by_hand(site: Site) -> None:
    """Who, when, and that it was repaired."""
    replace(site.shop, manager="kubectl-edit").patch("Deployment", "server", {"spec": {"replicas": 5}})
    site.run()
    _show("scaled by hand", site)
    assert re.search(
        r"shop: Deployment/\S+/server spec.replicas: 5 -> 1 \(kubectl-edit, \S+Z\)", site.events()["Repaired"]
    )
    assert "spec.replicas: 5 -> 1 (kubectl-edit, " in site.status()
    assert site.metric('gitops_application_objects{application="shop",action="repaired"}') == 1


def test_a_foreign_network_policy(site: Site) -> None:
    """It opens what Git closes; who has made it and when."""
    body = {"apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": {"name": "open"}}
    replace(site.shop, manager="kubectl-create").create(body | {"spec": {"podSelector": {}, "ingress": [{}]}})
    site.run()
    _show("foreign NetworkPolicy", site)
    text = f"NetworkPolicy/{site.shop.namespace}/open was made by kubectl-create, "
    assert text in site.events()["Foreign"]
    assert text in site.status()
    assert site.metric(f'gitops_foreign_objects{{namespace="{site.shop.namespace}"}}') == 1


def test_an_image_that_cannot_be_pulled(site: Site) -> None:
    """The Deployment is Degraded, on the CronJob and beside the object; the status names the image."""
    image = "registry.example.com/server:1.2.4"
    site.merge("server:1.2.3", "server:1.2.4")
    site.run()

    def degraded() -> bool:
        _break_pods(site, image)
        return site.run() == 4

    wait_until(degraded, "the rollout has timed out")
    _show("bad image", site)
    assert (
        f"Deployment/{site.shop.namespace}/server is Degraded: ProgressDeadlineExceeded"
        in site.events()["Degraded"]
    )
    beside = site._described(site.shop, "Deployment", "server")  # noqa: SLF001 this file's own
    assert beside["Degraded"].startswith("ProgressDeadlineExceeded: ")
    status = site.status()
    assert f"is Degraded: server: ImagePullBackOff: Back-off pulling image {image}" in status
    assert site.metric('gitops_application_health_objects{application="shop",health="Degraded"}') == 1


def _break_pods(site: Site, image: str) -> None:
    """Say of the pods with an image what a kubelet says that cannot pull it."""
    path = f"/api/v1/namespaces/{site.shop.namespace}/pods"
    for pod in site.http.get(path).json()["items"]:
        if pod["spec"]["containers"][0]["image"] != image:
            continue
        waiting = {"reason": "ImagePullBackOff", "message": f"Back-off pulling image {image}"}
        container = {"name": "server", "image": image, "imageID": "", "ready": False, "restartCount": 0}
        conditions = [each | ({"status": "False"} if "Ready" in each["type"] else {})
                      for each in pod["status"].get("conditions", [])]  # fmt: skip
        status = {"phase": "Pending", "conditions": conditions,
                  "containerStatuses": [container | {"state": {"waiting": waiting}}]}  # fmt: skip
        site.http.patch(f"{path}/{pod['metadata']['name']}/status", json={"status": status}, headers=MERGE)


def test_git_is_away(site: Site) -> None:
    """Since when; what runs is still repaired."""
    repository = site.folder / "repositories/environments.git"
    away = repository.rename(repository.with_name("away.git"))
    site.shop.patch("Deployment", "server", {"spec": {"replicas": 3}})
    assert site.run() == 5
    _show("Git away", site)
    assert "the source has failed since " in site.events()["SourceFailed"]
    assert re.search(r"the source has failed since \S+Z; commit \w{12} goes on being compared", site.status())
    assert site.metric('gitops_application_source_failing{application="shop"}') == 1
    assert site.shop.live("Deployment", "server")["spec"]["replicas"] == 1
    away.rename(repository)


def test_an_expired_token(site: Site) -> None:
    """Git's own words, without the token."""
    (site.folder / "git/token").write_text("expired-and-never-shown", encoding="ascii")
    assert site.run() == 5
    _show("expired token", site)
    assert "Authentication failed" in site.events()["SourceFailed"]
    assert "Authentication failed" in site.status()
    assert site.metric('gitops_application_source_failing{application="shop"}') == 1
    assert "expired-and-never-shown" not in site.status() + str(site.events())


def test_a_full_quota(site: Site) -> None:
    """The quota that refuses the pods, and who has lowered it."""
    path = f"/api/v1/namespaces/{site.shop.namespace}/resourcequotas/quota"
    lowered = {"spec": {"hard": {"pods": "1"}}}
    answer = site.http.patch(path, json=lowered, headers=MERGE, params={"fieldManager": "kubectl-edit"})
    answer.raise_for_status()
    site.merge("COLOUR: red", "COLOUR: blue")
    site.run()
    wait_until(lambda: site.run() == 4, "the Deployment cannot make a pod")
    _show("full quota", site)
    assert "FailedCreate: " in site.events()["Degraded"]
    assert "exceeded quota: quota" in site.events()["Degraded"]
    assert "exceeded quota: quota" in site.status()
    assert "spec.hard.pods: " in site.events()["Drifted"]
    assert site.metric('gitops_application_health_objects{application="shop",health="Degraded"}') == 1
    assert site.metric(f'gitops_drifted_objects{{namespace="{site.shop.namespace}"}}') == 1


def test_a_webhook_that_is_down(site: Site) -> None:
    """Its name, and the object that it keeps from being written."""
    rule = {"apiGroups": ["apps"], "apiVersions": ["v1"], "resources": ["deployments"], "operations": ["*"]}
    hook = {
        "name": "checks.example.com",
        "clientConfig": {"url": "https://127.0.0.1:9/"},
        "rules": [rule],
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": site.shop.namespace}},
        "sideEffects": "None",
        "admissionReviewVersions": ["v1"],
    }
    path = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations"
    site.http.post(path, json={"metadata": {"name": site.name}, "webhooks": [hook]}).raise_for_status()
    site.merge("COLOUR: red", "COLOUR: blue")
    wait_until(lambda: site.run() == 5, "the API server asks the webhook")
    _show("webhook down", site)
    site.http.delete(f"{path}/{site.name}").raise_for_status()
    text = 'failed calling webhook "checks.example.com"'
    assert text in site.events()["SyncFailed"]
    assert f"Deployment/{site.shop.namespace}/server" in site.events()["SyncFailed"]
    assert text in site.status()
    assert site.metric('gitops_application_code{application="shop"}') == 5
    assert site.metric('gitops_api_errors{status="500"}') >= 1


def test_a_suspended_job(site: Site) -> None:
    """No run says anything, so the time of the last one does; the status says what to look at, and what was changed."""
    site.home.patch("CronJob", "gitops", {"spec": {"suspend": True}})
    long_ago = "2026-01-01T03:00:00.000000Z"
    site.home.patch("Lease", "gitops", [{"op": "replace", "path": "/spec/renewTime", "value": long_ago}])
    _show("job suspended", site)
    status = site.status()
    assert re.search(r"shop +pull +Unknown +Unknown", status)
    assert "the job has not run since 2026-01-01T03:00:00Z, and it should run every 5 minutes" in status
    assert (
        f"CronJob/{site.home.namespace}/gitops differs: spec.suspend: true -> false (kubectl-edit, " in status
    )
    assert site.metric("gitops_last_run_timestamp_seconds") > 0
    assert site.metric("gitops_interval_seconds") == 300


def _show(fault: str, site: Site) -> None:
    """Print what a person reads, for `pytest -s`."""
    lines = [f"== {fault}", site.status(), *(f"{reason}: {text}" for reason, text in site.events().items())]
    print("\n".join(lines))  # noqa: T201
