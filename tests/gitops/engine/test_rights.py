"""The rights of the job are the least: without any verb of any rule of its rendered Roles, something named fails.

The Roles are rendered from layers, the job runs with the token of its ServiceAccount, and a verb is taken away from the
API server's own authorizer.
"""

from __future__ import annotations

import copy
import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import pytest

from gitops.cluster import access
from kube.kinds import plural
from tests.api.custom_resources import install
from tests.components.rendering import render_text
from tests.gitops.chaos.proxy import Asked, Exchange, Proxy, proxied
from tests.gitops.engine.test_objects_on_cluster import _bind, _use_token
from tests.gitops.jobs import Result, annotated, config_map, deployment, pod_spec
from tests.waiting import wait_until

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from lightkube import Client

    from gitops.cluster.api import Connection
    from tests.gitops.jobs import Body, Job
    from tests.gitops.person import Person

QA = """\
tier: test
cluster: {apiServer: 10.0.0.1/32}
gitops: {image: "registry.example.com/gitops:1.0.0", repo: "https://git.example.com/e.git"}
apps:
  site:
    delivery: pull
    source:
      repo: https://git.example.com/site.git
      path: app
      kinds: [ConfigMap, apps/Deployment, autoscaling/HorizontalPodAutoscaler]
"""
RBAC = "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles/gitops"
MERGE = {"Content-Type": "application/merge-patch+json"}


def _autoscaler(high: int = 9) -> Body:
    target = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"}
    spec = {"scaleTargetRef": target, "minReplicas": 2, "maxReplicas": high}
    meta = {"name": "web"}
    return {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": meta, "spec": spec}


def _custom(api_version: str, kind: str) -> Body:
    return {"apiVersion": api_version, "kind": kind, "metadata": {"name": "former"}, "spec": {}}


def _stateful() -> Body:
    pod = deployment("former", 0)["spec"]
    return {"apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "former"},
            "spec": pod | {"serviceName": "former"}}  # fmt: skip


def _batch() -> Body:
    pod = pod_spec() | {"restartPolicy": "Never"}
    spec = {
        "activeDeadlineSeconds": 600,
        "ttlSecondsAfterFinished": 600,
        "template": {"spec": pod},
        "parallelism": 0,
    }
    return {"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "former"}, "spec": spec}


def _budget() -> Body:
    spec = {"maxUnavailable": 1, "selector": {"matchLabels": {"app": "former"}}}
    return _custom("policy/v1", "PodDisruptionBudget") | {"spec": spec}


def _ingress() -> Body:
    backend = {"service": {"name": "former", "port": {"number": 80}}}
    path = {"path": "/", "pathType": "Prefix", "backend": backend}
    rules = [{"host": "former.example.com", "http": {"paths": [path]}}]
    spec = {"rules": rules, "tls": [{"hosts": ["former.example.com"], "secretName": "former"}]}
    return _custom("networking.k8s.io/v1", "Ingress") | {"spec": spec}


# An object of each group of which the app has none any more.
FORMER: dict[str, Body] = {
    "": _custom("v1", "Service") | {"spec": {"ports": [{"port": 80}], "selector": {"app": "former"}}},
    "apps": _stateful(),
    "batch": _batch(),
    "bitnami.com": _custom("bitnami.com/v1alpha1", "SealedSecret"),
    "external-secrets.io": _custom("external-secrets.io/v1", "ExternalSecret"),
    "networking.k8s.io": _ingress(),
    "policy": _budget(),
}
FORMER_FILE = "app/former.yaml"
# An object of each group that the app has, and what a person does to it.
APPLIED: dict[str, Body] = {
    "": config_map("web", a="1"),
    "apps": deployment("web", None),
    "autoscaling": _autoscaler(),
}


@dataclass(frozen=True)
class Right:
    """A verb of a rule of a Role."""

    home: bool
    rule: int
    verb: str
    group: str
    resources: tuple[str, ...]
    beside: tuple[str, ...]  # the other verbs of the rule

    @property
    def is_of_former(self) -> bool:
        """Whether the rule is for objects of a group of which the app has none any more."""
        return not self.home and {self.verb, *self.beside} == {"list", "delete"}


@dataclass
class World:
    """The job with its token, the same job as an administrator, and the Roles that it has."""

    job: Job
    admin: Job
    person: Person
    proxy: Proxy
    roles: dict[bool, list[Body]]  # by whether it is the Role for its own records
    tries: int = 0

    def namespace(self, right: Right) -> str:
        """Return the namespace of the Role."""
        return self.job.home if right.home else self.job.namespace

    @contextmanager
    def without(self, rights: Sequence[Right]) -> Iterator[None]:
        """Take a verb of each of some rules of one Role away until the end of the block."""
        full = self.roles[rights[0].home]
        rules = copy.deepcopy(full)
        for right in rights:
            rules[right.rule]["verbs"] = list(right.beside)
        self._set(rights, [rule for rule in rules if rule["verbs"]], allowed=False)
        try:
            yield
        finally:
            self._set(rights, full, allowed=True)

    def _set(self, rights: Sequence[Right], rules: list[Body], *, allowed: bool) -> None:
        path = RBAC.format(self.namespace(rights[0]))
        answer = self.person.http.patch(path, json={"rules": rules}, headers=MERGE)
        assert answer.is_success, answer.text
        for right in rights:
            self._await(right, allowed=allowed)

    def _await(self, right: Right, *, allowed: bool) -> None:
        asked = {"namespace": self.namespace(right), "verb": right.verb, "group": right.group,
                 "resource": right.resources[0]}  # fmt: skip
        if right.resources == ("cronjobs",):
            asked["name"] = "gitops"  # the rule is for this one
        user = f"system:serviceaccount:{self.job.home}:gitops-serviceaccount"
        review = {"spec": {"user": user, "resourceAttributes": asked}}
        reviews = "/apis/authorization.k8s.io/v1/subjectaccessreviews"

        def settled() -> bool:
            found = self.person.http.post(reviews, json=review).json()
            return bool(found["status"]["allowed"]) is allowed

        wait_until(settled, f"{right} is allowed: {allowed}")

    def start(self, files: dict[str, Any]) -> None:
        """Apply exactly these files as an administrator, with all rights."""
        self.job.repository.git("rm", "-rq", "--ignore-unmatch", "app")
        self.job.repository.commit({"app/keep.yaml": config_map("keep", number=str(self.tries)), **files})
        self.tries += 1
        result = self.admin.sync()
        assert result.code in {0, 4}, result.lines

    def conflict(self, right: Right) -> None:
        """Let somebody be faster than the job when it takes over their fields, so that it has to look again."""
        body = APPLIED[right.group]
        self.person.patch(body["kind"], "web", {"metadata": {"annotations": {"by": "hand"}}})

        def meanwhile(exchange: Exchange) -> None:
            self.person.patch(body["kind"], "web", {"metadata": {"annotations": {"by": "another"}}})
            exchange.answer(*exchange.forward())

        self.proxy.spoil(lambda asked: _takes_over(asked, right.resources), meanwhile)


def _takes_over(asked: Asked, resources: tuple[str, ...]) -> bool:
    return asked.method == "PATCH" and asked.body.startswith(b"[") and any(map(asked.about, resources))


@pytest.fixture
def world(job: Job, person: Person, connection: Connection, api: Client, tmp_path: Path) -> Iterator[World]:
    """Give the rendered Roles to the ServiceAccount of a job."""
    install(api)
    objects = render_text(tmp_path / "root", QA)
    roles = {True: objects["Role/gitops-qa/gitops"]["rules"], False: objects["Role/site-qa/gitops"]["rules"]}
    accounts = f"/api/v1/namespaces/{job.home}/serviceaccounts"
    connection.http.post(accounts, json={"metadata": {"name": "gitops-serviceaccount"}}).raise_for_status()
    for is_home, rules in roles.items():
        _bind(connection, job.home if is_home else job.namespace, job.home, rules)
    answer = connection.http.post(f"{accounts}/gitops-serviceaccount/token", json={"spec": {}})
    job.kinds = (*job.kinds, "bitnami.com/*", "external-secrets.io/*", "policy/*")
    admin = replace(job, extra=dict(job.extra))
    _watch(job)
    _use_token(job, answer.json()["status"]["token"])
    with (
        access.client(tmp_path / "kubeconfig", None, plugins=False) as http,
        proxied(http, tmp_path) as proxy,
    ):
        job.kubeconfig = str(proxy.kubeconfig)
        yield World(job, admin, person, proxy, roles)


def _watch(job: Job) -> None:
    url = f"file://{job.repository.folder}"
    spaces = [
        {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}
        for name in (job.namespace, job.home)
    ]
    job.repository.commit({"fence/namespaces.yaml": spaces})
    source = {"repository": url, "path": "fence", "revision": "main"}
    job.extra = {"watched": {"source": source, "namespaces": [job.namespace, job.home]}}


def _rights(home: bool, rules: list[Body]) -> Iterator[Right]:
    for number, rule in enumerate(rules):
        (group,), verbs = rule["apiGroups"], rule["verbs"]
        for verb in verbs:
            rest = tuple(each for each in verbs if each != verb)
            yield Right(home, number, verb, group, tuple(rule["resources"]), rest)


def _trials(rights: Sequence[Right]) -> list[list[Right]]:
    """Take rights away one by one, except for the lists of former objects: all kinds not seen are named at once."""
    lists = [right for right in rights if right.is_of_former and right.verb == "list"]
    return [*([right] for right in rights if right not in lists), *([lists] if lists else [])]


def _prepare(world: World, rights: Sequence[Right]) -> None:
    """Give the job a reason to use rights."""
    right = rights[0]
    home = replace(world.person, namespace=world.job.home)
    if right.home and right.resources == ("leases",) and right.verb == "create":
        home.delete("Lease", "gitops")
    if right.home:
        world.job.repository.commit({"app/keep.yaml": config_map("keep", again=str(world.tries))})
        world.tries += 1
    if right.home and right.resources == ("configmaps",):
        _of_inventories(world, home, right.verb)
    elif right.is_of_former:
        bodies = [FORMER[each.group] for each in rights]
        world.start({FORMER_FILE: [annotated(body, prune="enabled") for body in bodies]})
        world.job.repository.commit({FORMER_FILE: None})
    elif not right.home and right.resources == ("events",):
        _of_events(world)
    elif not right.home and "create" in {right.verb, *right.beside}:
        _of_applied(world, right)


def _of_inventories(world: World, home: Person, verb: str) -> None:
    if verb == "create":
        home.delete("ConfigMap", "inventory-app")
    elif verb == "delete":
        world.admin.applications = {"app": world.job.application(), "gone": world.job.application("gone")}
        world.job.repository.commit({"gone/one.yaml": config_map("gone")})
        assert world.admin.sync().code == 0
        world.job.extra["mayRetire"] = ["gone"]
    elif verb == "get":
        note = {"metadata": {"annotations": {"by": "another run"}}}

        def meanwhile(exchange: Exchange) -> None:
            home.patch("ConfigMap", "inventory-app", note)
            exchange.answer(*exchange.forward())

        world.proxy.spoil(
            lambda asked: asked.writes and asked.about("configmaps", "inventory-app"), meanwhile
        )


def _of_events(world: World) -> None:
    """Let an object become Degraded: a quota leaves no room for its pods."""
    quota = {"metadata": {"name": "full"}, "spec": {"hard": {"pods": "0"}}}
    path = f"/api/v1/namespaces/{world.job.namespace}/resourcequotas"
    world.person.http.post(path, json=quota).raise_for_status()
    world.start({"app/stuck.yaml": deployment("stuck", 1)})

    def is_refused() -> bool:
        conditions = world.person.live("Deployment", "stuck").get("status", {}).get("conditions", [])
        return any((each["type"], each["status"]) == ("ReplicaFailure", "True") for each in conditions)

    wait_until(is_refused, "the quota refuses pods")


def _of_applied(world: World, right: Right) -> None:
    body = APPLIED[right.group]
    world.start({} if right.verb == "create" else {"app/web.yaml": body})
    if right.verb == "create":
        world.job.repository.commit({"app/web.yaml": body})
    elif right.verb == "delete":
        world.job.repository.commit({"app/web.yaml": None})
    elif right.verb == "patch":
        world.person.patch(body["kind"], "web", {"metadata": {"annotations": {"by": "hand"}}})
    elif right.verb == "get":
        world.conflict(right)


def _names(result: Result, right: Right) -> bool:
    """Tell whether a report names the resource and the verb, or a kind that could not be seen."""
    text = json.dumps(result.lines, ensure_ascii=False) + result.errors
    refused = (f'cannot {right.verb} resource \\"{each}\\"' for each in right.resources)
    plain = (f'cannot {right.verb} resource "{each}"' for each in right.resources)
    kinds = [*_unseen(result), *re.findall(r"the job may no longer read (\S+) there", text)]
    unseen = {plural(each.partition(" in ")[0].rpartition("/")[2]) for each in kinds}
    return any(each in text for each in (*refused, *plain)) or bool(unseen & set(right.resources))


def _unseen(result: Result) -> list[str]:
    return [each for line in result.lines for each in line.get("unseen", ())]


@pytest.mark.parametrize("home", [True, False], ids=["its own records", "a namespace of an app"])
def test_each_verb_of_each_rule_is_needed(world: World, *, home: bool) -> None:
    """With all of them nothing is refused; without one, the report names what could not be done."""
    world.start({"app/web.yaml": list(APPLIED.values())})
    full = world.job.sync()
    assert (full.code in {0, 4}, _unseen(full)) == (True, ["Secret (never read)"]), full.lines
    needless = []
    for rights in _trials([*_rights(home, world.roles[home])]):
        _prepare(world, rights)
        with world.without(rights):
            result = world.job.sync()
        needless += [(right, result.lines, result.errors) for right in rights if not _names(result, right)]
        world.job.extra.pop("mayRetire", None)
        world.admin.applications = None
        world.proxy.rules.clear()
    assert not needless, "\n".join(map(str, needless))
