"""The pod template of a workload."""

from __future__ import annotations

from collections.abc import Iterator

from lightkube.models import core_v1 as core
from lightkube.models.meta_v1 import LabelSelector, ObjectMeta

from components.objects.manifest import Scope
from components.workloads.container import main_container, other_container
from components.workloads.files import Files
from envs.config.model.container import Volume
from envs.config.model.pod_volumes import SCRATCH, SCRATCH_PATH, needs_scratch, secret_volume
from envs.config.model.workload import Finite, Serving, Stateful, Workload
from kube.labels import PREFIX

_ZONE = "topology.kubernetes.io/zone"
_NODE = "kubernetes.io/hostname"


def pod_template(scope: Scope, name: str, workload: Workload, files: Files) -> core.PodTemplateSpec:
    """Make the pod template of a workload; it passes Pod Security `restricted`, and has a token only for a reason."""
    labels = {**workload.labels, **scope.labels, **scope.selector(name)}
    annotations = dict(workload.annotations)
    if workload.account.token is not None:
        annotations[f"{PREFIX}/needs-token"] = workload.account.token
    if files.digest:
        annotations[f"{PREFIX}/content-hash"] = files.digest
    if workload.last_restart is not None:
        annotations[f"{PREFIX}/restarted-at"] = workload.last_restart
    return core.PodTemplateSpec(
        metadata=ObjectMeta(labels=labels, annotations=annotations or None),
        spec=_pod(scope, name, workload, files),
    )


def _pod(scope: Scope, name: str, workload: Workload, files: Files) -> core.PodSpec:
    mounts = [*files.mounts, *_mounts(workload)]
    before = [
        other_container(scope, key, container, workload.image_of(key, container))
        for key, container in workload.init.items()
    ]
    beside = [
        other_container(scope, key, container, workload.image_of(key, container), sidecar=True)
        for key, container in workload.sidecars.items()
    ]
    return core.PodSpec(
        serviceAccountName=name,
        automountServiceAccountToken=workload.account.token is not None,
        enableServiceLinks=False,
        restartPolicy="Never" if isinstance(workload, Finite) else None,
        terminationGracePeriodSeconds=workload.grace,
        securityContext=_pod_security(workload),
        nodeSelector=dict(workload.placement.nodes) or None,
        tolerations=_tolerations(workload),
        topologySpreadConstraints=_spread(scope, name, workload),
        # Sidecars first, since init containers may need them: a proxy to a database, for example.
        initContainers=[*beside, *before] or None,
        containers=[main_container(scope, name, workload, mounts)],
        volumes=[*files.volumes, *_volumes(workload)] or None,
    )


def _pod_security(workload: Workload) -> core.PodSecurityContext:
    security = workload.security
    # One of the sysctls that Pod Security counts as safe.
    low_ports = [core.Sysctl(name="net.ipv4.ip_unprivileged_port_start", value="0")]
    beside = [container.security for container in (*workload.init.values(), *workload.sidecars.values())]
    # Users and groups are set per container: set here, they would replace those of the other images.
    return core.PodSecurityContext(
        runAsNonRoot=True,
        fsGroup=security.group,
        seccompProfile=core.SeccompProfile(type="RuntimeDefault"),
        sysctls=low_ports if any(one.bind_low_ports for one in (security, *beside)) else None,
    )


def _tolerations(workload: Workload) -> list[core.Toleration] | None:
    return [
        core.Toleration(key=key, operator="Equal", value=taint.value, effect=taint.effect)
        for key, taint in workload.placement.tolerations.items()
    ] or None


def _spread(scope: Scope, name: str, workload: Workload) -> list[core.TopologySpreadConstraint] | None:
    if not isinstance(workload, Serving) or workload.placement.spread is None:
        return None
    if workload.autoscale is None and workload.fewest < 2:  # noqa: PLR2004 one copy cannot be spread
        return None
    keys = [_ZONE, _NODE] if workload.placement.spread == "zone" else [_NODE]
    return [
        core.TopologySpreadConstraint(
            maxSkew=1,
            topologyKey=key,
            whenUnsatisfiable="ScheduleAnyway",
            labelSelector=LabelSelector(matchLabels=scope.selector(name)),
        )
        for key in keys
    ]


def _mounts(workload: Workload) -> Iterator[core.VolumeMount]:
    if needs_scratch(workload):
        yield core.VolumeMount(name=SCRATCH, mountPath=SCRATCH_PATH)
    for name, volume in workload.volumes.items():
        yield core.VolumeMount(name=name, mountPath=volume.path, readOnly=volume.read_only or None)
    for name, secret in workload.secrets.items():
        if secret.path is not None:
            yield core.VolumeMount(name=secret_volume(name), mountPath=secret.path, readOnly=True)
    if isinstance(workload, Stateful):
        for name, storage in workload.storage.items():
            yield core.VolumeMount(name=name, mountPath=storage.path)


def _volumes(workload: Workload) -> Iterator[core.Volume]:
    if needs_scratch(workload):
        yield core.Volume(name=SCRATCH, emptyDir=core.EmptyDirVolumeSource(sizeLimit="64Mi"))
    for name, volume in workload.volumes.items():
        yield _volume(name, volume)
    for name, secret in workload.secrets.items():
        if secret.path is not None:
            source = core.SecretVolumeSource(secretName=secret.existing or name)
            yield core.Volume(name=secret_volume(name), secret=source)


def _volume(name: str, volume: Volume) -> core.Volume:
    if volume.claim is not None:
        claim = core.PersistentVolumeClaimVolumeSource(
            claimName=volume.claim, readOnly=volume.read_only or None
        )
        return core.Volume(name=name, persistentVolumeClaim=claim)
    if volume.config_map is not None:
        return core.Volume(name=name, configMap=core.ConfigMapVolumeSource(name=volume.config_map))
    if volume.secret is not None:
        return core.Volume(name=name, secret=core.SecretVolumeSource(secretName=volume.secret))
    medium = "Memory" if volume.memory else None
    return core.Volume(name=name, emptyDir=core.EmptyDirVolumeSource(medium=medium, sizeLimit=volume.size))
