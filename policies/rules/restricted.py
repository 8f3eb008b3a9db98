"""The Pod Security Standard `restricted` of Kubernetes 1.36, over every pod: its controls beyond `baseline`.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/, k8s.io/pod-security-admission.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kube.version import KUBERNETES
from policies.context import Context, Level
from policies.pods import Pod, PodContainer
from policies.rule import Area, PodRule, Violation
from policies.rules.baseline import (
    DEFAULT_CAPABILITIES,
    PROFILES,
    check_proc_mount,
    entries_of_text,
    in_user_namespace,
)
from policies.subject import Subject, Unknown, dig

VOLUMES = frozenset(
    {
        "configMap",
        "csi",
        "downwardAPI",
        "emptyDir",
        "ephemeral",
        "image",
        "persistentVolumeClaim",
        "projected",
        "secret",
    }
)


def check_restricted(_subject: Subject, pod: Pod, _context: Context) -> Iterator[Violation]:
    """Find the controls of `restricted` that the pod does not meet."""
    if pod.partial:
        return
    yield from _volumes(pod)
    windows = dig(pod.spec, "os", "name") == "windows"
    users = in_user_namespace(pod)
    if not users:
        yield from _users(pod)
    for container in pod.containers:
        if not windows:
            yield from _escalation(container)
            yield from _capabilities(container)
            yield from _seccomp(pod, container)
        if users:
            yield from check_proc_mount(container.security, f"{container.path}.securityContext")


def _volumes(pod: Pod) -> Iterator[Violation]:
    for path, volume in pod.volumes:
        sources = {key for key, value in volume.items() if key != "name" and value is not None}
        # A volume without a source becomes an emptyDir; hostPath is a matter of baseline.
        if sources and not sources & VOLUMES and "hostPath" not in sources:
            kind = min(sources)
            yield Violation(
                f"{path}.{kind}",
                f"volumes of kind {kind} are not allowed; use one of {', '.join(sorted(VOLUMES))}",
            )


def _users(pod: Pod) -> Iterator[Violation]:
    yield from _explicit_root(dig(pod.spec, "securityContext"), f"{pod.path}.securityContext")
    pod_level = dig(pod.spec, "securityContext", "runAsNonRoot")
    for container in pod.containers:
        path = f"{container.path}.securityContext"
        yield from _explicit_root(container.security, path)
        if dig(container.security, "runAsNonRoot") is None and pod_level is None:
            yield Violation(f"{path}.runAsNonRoot", "runAsNonRoot is not set; set it to true on the pod")


def _explicit_root(security: Any, path: str) -> Iterator[Violation]:
    if dig(security, "runAsNonRoot") is False:
        yield Violation(f"{path}.runAsNonRoot", "runAsNonRoot must be true")
    user = dig(security, "runAsUser")
    if user == 0 and not isinstance(user, bool):
        yield Violation(f"{path}.runAsUser", "user 0 is root; choose another number")


def _escalation(container: PodContainer) -> Iterator[Violation]:
    value = dig(container.security, "allowPrivilegeEscalation")
    if value is not False and not isinstance(value, Unknown):
        path = f"{container.path}.securityContext.allowPrivilegeEscalation"
        yield Violation(path, "set allowPrivilegeEscalation: false")


def _capabilities(container: PodContainer) -> Iterator[Violation]:
    path = f"{container.path}.securityContext.capabilities"
    drop = dig(container.security, "capabilities", "drop")
    if "ALL" not in entries_of_text(drop) and not isinstance(drop, Unknown):
        yield Violation(f"{path}.drop", "set capabilities.drop: [ALL]")
    for name in entries_of_text(dig(container.security, "capabilities", "add")):
        if name != "NET_BIND_SERVICE" and name in DEFAULT_CAPABILITIES:  # others are a matter of baseline
            yield Violation(
                f"{path}.add", f"the capability {name} may not be added; only NET_BIND_SERVICE may"
            )


def _seccomp(pod: Pod, container: PodContainer) -> Iterator[Violation]:
    own = dig(container.security, "seccompProfile")
    shared = dig(pod.spec, "securityContext", "seccompProfile", "type")
    if own is None and shared not in PROFILES and not isinstance(shared, Unknown):
        path = f"{container.path}.securityContext.seccompProfile"
        yield Violation(path, "set seccompProfile: {type: RuntimeDefault} on the pod")


RULES = (
    PodRule(
        id="pods-meet-restricted",
        area=Area.PODS,
        law=f"Pods keep to the Pod Security Standard `restricted` of Kubernetes {KUBERNETES}.",
        why="The namespaces of all environments enforce it; a template that fails it starts no pod.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        relaxable=True,
        check=check_restricted,
    ),
)
