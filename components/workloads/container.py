"""Containers of a pod: the main one of a workload, init containers and sidecars; all pass `restricted`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from lightkube.models import core_v1 as core

from components.objects.manifest import Scope
from components.workloads.address import address
from components.workloads.pulling import pull_policy
from envs.config.model.container import (
    Container,
    Port,
    PreStop,
    Probe,
    Probes,
    Security,
    first_tcp_port,
)
from envs.config.model.resources import Resources, complete
from envs.config.model.variable import EnvironmentSource, Variable
from envs.config.model.workload import Finite, Workload

_USUAL = Probe()
_START_PERIOD = 2
_START_SECONDS = 300


def main_container(
    scope: Scope, name: str, workload: Workload, mounts: Sequence[core.VolumeMount]
) -> core.Container:
    """Make the main container, which has the name of the workload."""
    probes = _probes(workload)
    return core.Container(
        name=name,
        image=workload.running_image,
        imagePullPolicy=pull_policy(scope.environment, workload.pull_policy, workload.running_image),
        command=list(workload.command) or None,
        args=list(workload.args) or None,
        # Secrets first: $(NAME) in a text sees only the variables before it (kubernetes.io/docs, EnvVar).
        env=[*_secret_variables(workload), *_variables(scope, workload.env)] or None,
        envFrom=_sources(workload.env_from),
        ports=_ports(workload.ports),
        resources=_resources(complete(workload.resources, scope.app.limits, workload.usual)),
        securityContext=_security(workload.security),
        volumeMounts=list(mounts) or None,
        readinessProbe=probes.get("ready"),
        livenessProbe=probes.get("live"),
        startupProbe=probes.get("start"),
        lifecycle=_lifecycle(workload.pre_stop, workload.ports),
    )


def other_container(
    scope: Scope, name: str, container: Container, image: str | None, *, sidecar: bool = False
) -> core.Container:
    """Make an init container or a sidecar.

    A sidecar is an init container with restartPolicy Always: it starts first, ends last and lets a Job end (KEP-753).
    It has only the probes that it asks for: without one, it has started as soon as it runs.
    """
    mounts = [core.VolumeMount(name=volume, mountPath=path) for volume, path in container.mounts.items()]
    asked = container.probes
    said = _said(asked.ready, asked.live, asked.start)
    probes = {key: _probe(probe, container.ports) for key, probe in said}
    return core.Container(
        name=name,
        image=image,
        imagePullPolicy=pull_policy(scope.environment, container.pull_policy, image),
        command=list(container.command) or None,
        args=list(container.args) or None,
        env=_variables(scope, container.env) or None,
        envFrom=_sources(container.env_from),
        ports=_ports(container.ports),
        resources=_resources(complete(container.resources, scope.app.limits)),
        securityContext=_security(container.security),
        volumeMounts=mounts or None,
        readinessProbe=probes.get("ready"),
        livenessProbe=probes.get("live"),
        startupProbe=probes.get("start"),
        lifecycle=_lifecycle(container.pre_stop, container.ports),
        restartPolicy="Always" if sidecar else None,
    )


def _variables(scope: Scope, variables: Mapping[str, Variable]) -> list[core.EnvVar]:
    return [_variable(scope, name, variable) for name, variable in variables.items()]


def _variable(scope: Scope, name: str, variable: Variable) -> core.EnvVar:
    if variable.text is not None:
        return core.EnvVar(name=name, value=variable.text)
    if variable.address is not None:
        return core.EnvVar(name=name, value=address(scope, variable.address))
    if variable.resource is not None:
        resource = core.ResourceFieldSelector(resource=variable.resource)
        return core.EnvVar(name=name, valueFrom=core.EnvVarSource(resourceFieldRef=resource))
    if variable.field is not None:
        field = core.ObjectFieldSelector(fieldPath=variable.field)
        return core.EnvVar(name=name, valueFrom=core.EnvVarSource(fieldRef=field))
    return _secret_variable(name, str(variable.secret), variable.key or name)


def _secret_variable(name: str, secret: str, key: str) -> core.EnvVar:
    selector = core.SecretKeySelector(name=secret, key=key)
    return core.EnvVar(name=name, valueFrom=core.EnvVarSource(secretKeyRef=selector))


def _secret_variables(workload: Workload) -> Iterator[core.EnvVar]:
    for name, secret in workload.secrets.items():
        for variable, key in secret.env.items():
            yield _secret_variable(variable, secret.existing or name, key)


def _ports(ports: Mapping[str, Port]) -> list[core.ContainerPort] | None:
    return [
        core.ContainerPort(name=name, containerPort=port.number, protocol=port.protocol)
        for name, port in ports.items()
    ] or None


def _sources(sources: Mapping[str, EnvironmentSource]) -> list[core.EnvFromSource] | None:
    return [
        core.EnvFromSource(
            prefix=source.prefix,
            configMapRef=core.ConfigMapEnvSource(name=source.config_map) if source.config_map else None,
            secretRef=core.SecretEnvSource(name=source.secret) if source.secret else None,
        )
        for source in sources.values()
    ] or None


def _lifecycle(stop: PreStop | None, ports: Mapping[str, Port]) -> core.Lifecycle | None:
    if stop is None:
        return None
    handler = core.LifecycleHandler()
    if stop.sleep is not None:
        handler.sleep = core.SleepAction(seconds=stop.sleep)
    elif stop.command is not None:
        handler.exec = core.ExecAction(command=list(stop.command))
    else:
        handler.httpGet = core.HTTPGetAction(path=stop.path, port=_port(stop.port, ports))
    return core.Lifecycle(preStop=handler)


def _resources(resources: Resources) -> core.ResourceRequirements:
    """Write complete resources; of a device, Kubernetes takes the limit as the request."""
    disk = {"ephemeral-storage": resources.ephemeral_storage} if resources.ephemeral_storage else {}
    cpu = {"cpu": resources.cpu_limit} if resources.cpu_limit else {}
    devices = {name: str(number) for name, number in resources.devices.items()}
    return core.ResourceRequirements(
        requests={"cpu": resources.cpu, "memory": resources.memory, **disk},
        limits={**cpu, "memory": resources.memory_limit, **disk, **devices},
    )


def _security(security: Security) -> core.SecurityContext:
    # Source: https://kubernetes.io/docs/concepts/security/pod-security-standards/#restricted
    return core.SecurityContext(
        allowPrivilegeEscalation=False,
        capabilities=core.Capabilities(drop=["ALL"]),
        readOnlyRootFilesystem=not security.writable_root,
        runAsNonRoot=True,
        runAsUser=security.user,
        runAsGroup=security.group,
        seccompProfile=core.SeccompProfile(type="RuntimeDefault"),
    )


def _probes(workload: Workload) -> dict[str, core.Probe]:
    if workload.probes is None:
        return {}
    ports = workload.ports
    serves = first_tcp_port(ports) is not None and not isinstance(workload, Finite)
    return {name: _probe(probe, ports) for name, probe in _asked(workload.probes, serves=serves)}


def _said(ready: Probe | None, live: Probe | None, start: Probe | None) -> Iterator[tuple[str, Probe]]:
    for name, probe in (("ready", ready), ("live", live), ("start", start)):
        if probe is not None:
            yield name, probe


def _asked(probes: Probes, *, serves: bool) -> Iterator[tuple[str, Probe]]:
    """Complete the probes of the layers with the defaults."""
    said = probes.model_fields_set
    ready = _USUAL if serves and "ready" not in said else probes.ready
    live = _USUAL if serves and "live" not in said else probes.live
    start = probes.start
    if live is not None and "start" not in said:
        # Without it, the liveness probe would restart a slow container over and over.
        start = live.model_copy(update={"period": _START_PERIOD, "failures": _START_SECONDS // _START_PERIOD})
    yield from _said(ready, live, start)


def _port(said: int | str | None, ports: Mapping[str, Port]) -> int | str:
    return said if said is not None else first_tcp_port(ports) or ""


def _probe(probe: Probe, ports: Mapping[str, Port]) -> core.Probe:
    port = _port(probe.port, ports)
    made = core.Probe(
        periodSeconds=probe.period,
        timeoutSeconds=probe.timeout,
        failureThreshold=probe.failures,
        initialDelaySeconds=probe.delay or None,
    )
    if probe.command is not None:
        made.exec = core.ExecAction(command=list(probe.command))
    elif probe.path is not None:
        made.httpGet = core.HTTPGetAction(path=probe.path, port=port)
    elif probe.grpc:  # the API takes no name here, unlike everywhere else
        made.grpc = core.GRPCAction(port=port if isinstance(port, int) else ports[port].number)
    else:
        made.tcpSocket = core.TCPSocketAction(port=port)
    return made
