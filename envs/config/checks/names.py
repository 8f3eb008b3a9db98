"""Finds names that Kubernetes refuses: too long, reserved, or invalid for a Service."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from envs.config.model.app import App
from envs.config.model.environment import Environment
from envs.config.model.flow import INGRESS
from envs.config.model.workload import Finite, Stateful, Workload, has_service
from kube.labels import PREFIX

Found = Iterator[tuple[tuple[Any, ...], str]]

LONGEST_NAME = 63  # RFC 1123 label: Services, namespaces, pods' host names
LONGEST_JOB = 52  # a dash and ten characters follow: the time of a CronJob's run, the hash of a Job's version
LONGEST_STATEFUL = 52  # the label controller-revision-hash is the name and a hash: kubernetes issue 64023
_POD_SECURITY = "pod-security.kubernetes.io/"
RESERVED_PREFIX = "kube-"  # kubernetes.io/docs, Namespaces


def namespace_problems(namespace: str, path: tuple[Any, ...]) -> Found:
    """Say what is wrong with the name of an app's namespace."""
    if len(namespace) > LONGEST_NAME:
        size = f"has {len(namespace)} characters, at most {LONGEST_NAME} are allowed"
        yield path, f"the namespace {namespace} {size}; shorten the name of the app or of the environment"
    if namespace.startswith(RESERVED_PREFIX):
        yield (
            path,
            f"the namespace {namespace} starts with {RESERVED_PREFIX}, which Kubernetes reserves; rename the app",
        )


def namespace_label_problems(app: App, path: tuple[Any, ...]) -> Found:
    """Find labels and annotations of a namespace that are set for each one."""
    if not app.namespace.create:
        return
    model = app.namespace
    for field, keys in (("labels", model.labels), ("annotations", model.annotations)):
        for key in keys:
            here = (*path, "namespace", field, key)
            if key.startswith(f"{PREFIX}/") or key == "app.kubernetes.io/part-of":
                yield here, f"{key} is set for each namespace; choose another key"
            elif key.startswith(_POD_SECURITY):
                yield here, f"{key} follows from `podSecurity` of the app; write the level there"


def peer_problems(environment: Environment) -> Found:
    """Find peers that are apps of the environment, whose flows must name their workloads."""
    apps = {environment.namespace(name): name for name in environment.apps}
    for name, peer in environment.cluster.peers.items():
        if peer.namespace in apps:
            app = apps[peer.namespace]
            message = f"{peer.namespace} is the namespace of {app}; write `app: {app}` in the flow instead"
            yield ("cluster", "peers", name, "namespace"), message


def workload_name_problems(name: str, workload: Workload, path: tuple[Any, ...]) -> Found:
    """Say what is wrong with the name of a workload."""
    longest, reason = _longest(workload)
    if len(name) > longest:
        allowed = f"`kind: {workload.kind}` allows at most {longest}{reason}"
        yield path, f"the name has {len(name)} characters; {allowed}; shorten it"
    if name == INGRESS:
        yield path, "the word `ingress` stands for traffic from outside; choose another name"
    if has_service(workload) and not name[0].isalpha():  # RFC 1035: kubernetes.io/docs, Service
        reason = "has ports" if workload.ports else "is stateful"
        yield path, f"a Service must start with a letter, and {name} {reason}; rename it"


def _longest(workload: Workload) -> tuple[int, str]:
    if isinstance(workload, Finite):
        return LONGEST_JOB, ", since its pods get a longer name"
    if isinstance(workload, Stateful):
        return LONGEST_STATEFUL, ", since a label of its pods is longer"
    return LONGEST_NAME, ""
