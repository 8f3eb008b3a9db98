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


def check_readiness(subject: Subject, pod: Pod, context: Context) -> Iterator[Violation]:
    """Find servers without a readinessProbe, which get traffic before they can answer."""
    for path, reason in _unprobed(subject, pod, context, "readinessProbe"):
        yield Violation(path, f"{reason} but has no readinessProbe; add one")


def check_liveness(subject: Subject, pod: Pod, context: Context) -> Iterator[Violation]:
    """Find servers without a livenessProbe, which nothing restarts when they hang."""
    for path, reason in _unprobed(subject, pod, context, "livenessProbe"):
        yield Violation(path, f"{reason}, and nothing restarts it when it hangs; add a livenessProbe")


def _unprobed(subject: Subject, pod: Pod, context: Context, probe: str) -> Iterator[tuple[str, str]]:
    """Yield the place of a missing probe and what makes it one; only what runs on serves anybody."""
    if pod.partial or not pod.long_running:
        return
    running = [container for container in pod.containers if container.listed == "containers"]
    for container in running:
        if entries(container.spec.get("ports")) and container.spec.get(probe) is None:
            yield f"{container.path}.{probe}", "the container opens ports"
    if any(container.spec.get(probe) is not None for container in running):
        return
    # A container need not declare the ports on which it gets traffic.
    silent = [container for container in running if not entries(container.spec.get("ports"))]
    service = _service(subject, pod, context, running)
    if silent and service:
        yield f"{silent[0].path}.{probe}", f"the container gets the traffic of {service}"


def _service(subject: Subject, pod: Pod, context: Context, running: list[PodContainer]) -> str | None:
    """Name a Service that selects the pod and targets a port which no container declares."""
    ports = [port for container in running for port in entries(container.spec.get("ports"))]
    declared = {str(port.get(field)) for port in ports for field in ("containerPort", "name")}
    for key, value in pod.labels.items():
        for service in context.services.get((subject.namespace, key, value), ()):
            chosen = all(pod.labels.get(label) == wanted for label, wanted in service.selector.items())
            if chosen and service.targets - declared:
                return service.id
    return None


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
        law="Long-running containers that open ports, or get the traffic of a Service, have a readinessProbe.",
        why="A rollout without one sends traffic to what cannot answer yet.",
        test=Level.ADVISORY,
        production=Level.MANDATORY,
        check=check_readiness,
    ),
    PodRule(
        id="servers-tell-when-alive",
        area=Area.PODS,
        law="Long-running containers that open ports, or get the traffic of a Service, have a livenessProbe.",
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
