"""Rules over containers: resources, probes and a read-only root file system."""

from __future__ import annotations

from collections.abc import Iterator

from policies.context import Context, Level
from policies.pods import Pod, PodContainer
from policies.rule import Area, PodRule, Violation
from policies.subject import Subject, Unknown, dig, entries


def check_resources(_subject: Subject, pod: Pod, _context: Context) -> Iterator[Violation]:
    """Find containers without requests or a memory limit."""
    if pod.partial or _pod_level(pod):
        return
    for container in pod.containers:
        if container.listed == "ephemeralContainers":  # Kubernetes allows them no resources
            continue
        missing = list(_missing(container))
        if missing:
            message = f"{' and '.join(missing)} not set; say what the container needs"
            yield Violation(f"{container.path}.resources", message)


def _pod_level(pod: Pod) -> bool:
    """Tell whether the pod bounds its containers together (KEP-2837)."""
    return dig(pod.spec, "resources", "limits", "memory") is not None


def _missing(container: PodContainer) -> Iterator[str]:
    resources = container.spec.get("resources")
    if isinstance(resources, Unknown):
        return
    for name in ("cpu", "memory"):
        # Kubernetes takes the limit as the request where only the limit is set.
        if dig(resources, "requests", name) is None and dig(resources, "limits", name) is None:
            yield f"requests.{name}"
    # No CPU limit is required: it throttles containers even on an idle node.
    if dig(resources, "limits", "memory") is None:
        yield "limits.memory"


def check_readiness(_subject: Subject, pod: Pod, _context: Context) -> Iterator[Violation]:
    """Find servers without a readinessProbe, which get traffic before they can answer."""
    for container in _servers(pod):
        if container.spec.get("readinessProbe") is None:
            message = "the container opens ports but has no readinessProbe; add one"
            yield Violation(f"{container.path}.readinessProbe", message)


def check_liveness(_subject: Subject, pod: Pod, _context: Context) -> Iterator[Violation]:
    """Find servers without a livenessProbe, which nothing restarts when they hang."""
    for container in _servers(pod):
        if container.spec.get("livenessProbe") is None:
            message = "nothing restarts the container when it hangs; add a livenessProbe"
            yield Violation(f"{container.path}.livenessProbe", message)


def _servers(pod: Pod) -> Iterator[PodContainer]:
    """Yield long-running containers with ports; readiness has no meaning for others."""
    if pod.partial or not pod.long_running:
        return
    for container in pod.containers:
        if container.listed == "containers" and entries(container.spec.get("ports")):
            yield container


def check_read_only(_subject: Subject, pod: Pod, _context: Context) -> Iterator[Violation]:
    """Find containers whose program can be replaced while it runs."""
    if pod.partial or dig(pod.spec, "os", "name") == "windows":
        return
    for container in pod.containers:
        value = dig(container.security, "readOnlyRootFilesystem")
        if value is not True and not isinstance(value, Unknown):
            path = f"{container.path}.securityContext.readOnlyRootFilesystem"
            yield Violation(
                path, "set readOnlyRootFilesystem: true, and mount an emptyDir where it must write"
            )


RULES = (
    PodRule(
        id="containers-declare-resources",
        area=Area.PODS,
        law="Containers request cpu and memory, and memory has a limit.",
        why="Without requests a quota refuses the pod; without a limit one leak takes the whole node.",
        test=Level.MANDATORY,
        production=Level.MANDATORY,
        relaxable=True,
        check=check_resources,
    ),
    PodRule(
        id="servers-tell-when-ready",
        area=Area.PODS,
        law="Long-running containers that open ports have a readinessProbe.",
        why="A rollout without one sends traffic to what cannot answer yet.",
        test=Level.ADVISORY,
        production=Level.MANDATORY,
        check=check_readiness,
    ),
    PodRule(
        id="servers-tell-when-alive",
        area=Area.PODS,
        law="Long-running containers that open ports have a livenessProbe.",
        why="It restarts what hangs; some programs end themselves instead, so this one only advises.",
        test=Level.ADVISORY,
        production=Level.ADVISORY,
        check=check_liveness,
    ),
    PodRule(
        id="root-file-systems-are-read-only",
        area=Area.PODS,
        law="Containers cannot write to their root file system.",
        why="An intruder cannot replace the program or leave tools behind.",
        test=Level.ADVISORY,
        production=Level.MANDATORY,
        check=check_read_only,
    ),
)
