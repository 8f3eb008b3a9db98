"""The Pod Security Standard `baseline` of Kubernetes 1.36, over every pod.

Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/, k8s.io/pod-security-admission.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kube.version import KUBERNETES
from policies.context import Context, Level
from policies.pods import Pod, PodContainer
from policies.rule import Area, PodRule, Violation
from policies.subject import Subject, Unknown, dig, mapping, named_entries

APPARMOR_ANNOTATION = "container.apparmor.security.beta.kubernetes.io/"
PROFILES = ("RuntimeDefault", "Localhost")
DEFAULT_CAPABILITIES = frozenset(
    {
        "AUDIT_WRITE",
        "CHOWN",
        "DAC_OVERRIDE",
        "FOWNER",
        "FSETID",
        "KILL",
        "MKNOD",
        "NET_BIND_SERVICE",
        "SETFCAP",
        "SETGID",
        "SETPCAP",
        "SETUID",
        "SYS_CHROOT",
    }
)
SELINUX_TYPES = frozenset({"", "container_t", "container_init_t", "container_kvm_t", "container_engine_t"})
SAFE_SYSCTLS = frozenset(
    {
        "kernel.shm_rmid_forced",
        "net.ipv4.ip_local_port_range",
        "net.ipv4.ip_local_reserved_ports",
        "net.ipv4.ip_unprivileged_port_start",
        "net.ipv4.ping_group_range",
        "net.ipv4.tcp_fin_timeout",
        "net.ipv4.tcp_keepalive_intvl",
        "net.ipv4.tcp_keepalive_probes",
        "net.ipv4.tcp_keepalive_time",
        "net.ipv4.tcp_rmem",
        "net.ipv4.tcp_syncookies",
        "net.ipv4.tcp_wmem",
    }
)
HANDLERS = (
    ("livenessProbe",),
    ("readinessProbe",),
    ("startupProbe",),
    ("lifecycle", "postStart"),
    ("lifecycle", "preStop"),
)


def check_baseline(_subject: Subject, pod: Pod, _context: Context) -> Iterator[Violation]:
    """Find fields that open known ways out of a container."""
    yield from _host(pod)
    yield from _annotations(pod)
    yield from _sysctls(pod)
    yield from _profiles(dig(pod.spec, "securityContext"), f"{pod.path}.securityContext")
    for container in pod.containers:
        path = f"{container.path}.securityContext"
        yield from _profiles(container.security, path)
        yield from _privileges(container.security, path, in_user_namespace=in_user_namespace(pod))
        yield from _host_ports(container)
        yield from _host_handlers(container)


def in_user_namespace(pod: Pod) -> bool:
    """Tell whether root in the pod is unprivileged on the node, which relaxes some checks since 1.35 (KEP-127)."""
    return pod.spec.get("hostUsers") is False


def _host(pod: Pod) -> Iterator[Violation]:
    for key in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.spec.get(key):
            yield Violation(f"{pod.path}.{key}", f"{key} shares a namespace of the node; remove it")
    for path, volume in pod.volumes:
        if volume.get("hostPath") is not None:
            yield Violation(
                f"{path}.hostPath", "hostPath opens the file system of the node; use another kind of volume"
            )


def _annotations(pod: Pod) -> Iterator[Violation]:
    for key, value in mapping(pod.metadata.get("annotations")).items():
        if key.startswith(APPARMOR_ANNOTATION) and isinstance(value, str):
            allowed = value in {"", "runtime/default"} or value.startswith("localhost/")
            if not allowed:
                path = f"{pod.metadata_path}.annotations[{key}]"
                yield Violation(
                    path, f'the AppArmor profile "{value}" switches protection off; remove the annotation'
                )


def _sysctls(pod: Pod) -> Iterator[Violation]:
    path = f"{pod.path}.securityContext"
    for name, sysctl in named_entries("sysctls", dig(pod.spec, "securityContext", "sysctls")):
        if sysctl.get("name") not in SAFE_SYSCTLS:
            yield Violation(
                f"{path}.{name}", f'the sysctl "{sysctl.get("name")}" is not in the safe set; remove it'
            )


def _profiles(security: Any, path: str) -> Iterator[Violation]:
    """Judge the fields that both pods and containers have."""
    if not isinstance(security, dict):
        return
    for field in ("seccompProfile", "appArmorProfile"):
        profile = security.get(field)
        if isinstance(profile, dict) and not _one_of(profile.get("type"), PROFILES):
            yield Violation(f"{path}.{field}.type", f"{field} must be RuntimeDefault or Localhost")
    yield from _selinux(security.get("seLinuxOptions"), f"{path}.seLinuxOptions")
    if dig(security, "windowsOptions", "hostProcess") is True:
        yield Violation(
            f"{path}.windowsOptions.hostProcess", "hostProcess runs on the node itself; remove it"
        )


def _selinux(options: Any, path: str) -> Iterator[Violation]:
    if not isinstance(options, dict):
        return
    if not _one_of(options.get("type") or "", SELINUX_TYPES):
        yield Violation(
            f"{path}.type", f'the SELinux type "{options.get("type")}" is not one for containers; remove it'
        )
    for field in ("user", "role"):
        if options.get(field):
            yield Violation(f"{path}.{field}", f"a SELinux {field} must not be set; remove it")


def _privileges(security: Any, path: str, *, in_user_namespace: bool) -> Iterator[Violation]:
    if dig(security, "privileged") is True:
        yield Violation(f"{path}.privileged", "a privileged container is root on the node; remove it")
    for name in entries_of_text(dig(security, "capabilities", "add")):
        if name not in DEFAULT_CAPABILITIES:
            yield Violation(
                f"{path}.capabilities.add", f"the capability {name} is beyond the default set; remove it"
            )
    if not in_user_namespace:
        yield from check_proc_mount(security, path)


def check_proc_mount(security: Any, path: str) -> Iterator[Violation]:
    """Find an unmasked /proc."""
    mount = dig(security, "procMount")
    if mount is not None and not _one_of(mount, ("Default",)):
        yield Violation(f"{path}.procMount", "procMount uncovers masked parts of /proc; remove it")


def _host_ports(container: PodContainer) -> Iterator[Violation]:
    for name, port in named_entries("ports", container.spec.get("ports")):
        if port.get("hostPort"):
            yield Violation(
                f"{container.path}.{name}.hostPort", "hostPort opens a port of the node; use a Service"
            )


def _host_handlers(container: PodContainer) -> Iterator[Violation]:
    """Judge the hosts of probes and hooks, which the kubelet calls from the node (since 1.34)."""
    for keys in HANDLERS:
        handler = dig(container.spec, *keys)
        for action in ("httpGet", "tcpSocket"):
            if dig(handler, action, "host"):
                path = f"{container.path}.{'.'.join(keys)}.{action}.host"
                yield Violation(
                    path, "the node would call this host from outside the pod's network; remove it"
                )


def entries_of_text(value: Any) -> list[str]:
    """Return the texts of a list; other items are ignored."""
    return [entry for entry in value if isinstance(entry, str)] if isinstance(value, list) else []


def _one_of(value: Any, allowed: tuple[str, ...] | frozenset[str]) -> bool:
    return isinstance(value, Unknown) or value in allowed


RULES = (
    PodRule(
        id="pods-meet-baseline",
        area=Area.PODS,
        law=f"Pods keep to the Pod Security Standard `baseline` of Kubernetes {KUBERNETES}.",
        why="Each of its controls closes a known way from a container to the node.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        check=check_baseline,
    ),
)
