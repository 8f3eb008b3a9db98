"""The pod template of a workload."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lightkube.models import core_v1 as core
from lightkube.models.meta_v1 import LabelSelector, ObjectMeta

from components.objects.manifest import Scope
from components.workloads.claim import claim_name
from components.workloads.container import main_container, other_container
from components.workloads.files import Files
from envs.config.model.pod_volumes import SCRATCH, SCRATCH_PATH, needs_scratch, secret_volume
from envs.config.model.volume import Storage, Volume
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
    affinity: Any = workload.placement.affinity  # as the layers write it
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
        affinity=affinity,
        priorityClassName=workload.priority,
        topologySpreadConstraints=_spread(scope, name, workload),
        # Sidecars first, since init containers may need them: a proxy to a database, for example.
        initContainers=[*beside, *before] or None,
        containers=[main_container(scope, name, workload, mounts)],
        volumes=[*files.volumes, *_volumes(name, workload)] or None,
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
        core.Toleration(
            key=key,
            operator=taint.operator,
            value=taint.value,
            effect=None if taint.effect == "any" else taint.effect,
            tolerationSeconds=taint.seconds,
        )
        for key, taint in workload.placement.tolerations.items()
    ] or None


def _spread(scope: Scope, name: str, workload: Workload) -> list[core.TopologySpreadConstraint] | None:
    spread = workload.placement.spread
    if not isinstance(workload, Serving) or spread is None:
        return None
    if workload.autoscale is None and workload.fewest < 2:  # noqa: PLR2004 one copy cannot be spread
        return None
    keys = [_ZONE, _NODE] if spread.over == "zone" else [_NODE]
    return [
        core.TopologySpreadConstraint(
            maxSkew=spread.skew if number == 0 else 1,
            topologyKey=key,
            whenUnsatisfiable="DoNotSchedule" if spread.required and number == 0 else "ScheduleAnyway",
            labelSelector=LabelSelector(matchLabels=scope.selector(name)),
        )
        for number, key in enumerate(keys)
    ]


def _mounts(workload: Workload) -> Iterator[core.VolumeMount]:
    if needs_scratch(workload):
        yield core.VolumeMount(name=SCRATCH, mountPath=SCRATCH_PATH)
    for name, volume in workload.volumes.items():
        yield core.VolumeMount(name=name, mountPath=volume.path, readOnly=volume.read_only or None)
    for name, secret in workload.secrets.items():
        if secret.path is not None:
            yield core.VolumeMount(name=secret_volume(name), mountPath=secret.path, readOnly=True)
    for name, storage in _persistent(workload).items():
        yield core.VolumeMount(name=name, mountPath=storage.path)


def _persistent(workload: Workload) -> dict[str, Storage]:
    replicas = workload.storage if isinstance(workload, Stateful) else {}
    return {**workload.claims, **replicas}


def _volumes(workload_name: str, workload: Workload) -> Iterator[core.Volume]:
    if needs_scratch(workload):
        yield core.Volume(name=SCRATCH, emptyDir=core.EmptyDirVolumeSource(sizeLimit="64Mi"))
    for name, volume in workload.volumes.items():
        yield _volume(workload_name, name, volume)
    for name in workload.claims:
        claim = core.PersistentVolumeClaimVolumeSource(claimName=claim_name(workload_name, name))
        yield core.Volume(name=name, persistentVolumeClaim=claim)
    for name, secret in workload.secrets.items():
        if secret.path is not None:
            source = core.SecretVolumeSource(
                secretName=secret.existing or name, defaultMode=_mode(secret.mode)
            )
            yield core.Volume(name=secret_volume(name), secret=source)


def _volume(workload_name: str, name: str, volume: Volume) -> core.Volume:
    mode = _mode(volume.mode)
    if volume.claim is not None:
        claim = core.PersistentVolumeClaimVolumeSource(
            claimName=volume.claim, readOnly=volume.read_only or None
        )
        return core.Volume(name=name, persistentVolumeClaim=claim)
    if volume.config_map is not None:
        source = core.ConfigMapVolumeSource(name=volume.config_map, defaultMode=mode)
        return core.Volume(name=name, configMap=source)
    if volume.secret is not None:
        secret = core.SecretVolumeSource(secretName=volume.secret, defaultMode=mode)
        return core.Volume(name=name, secret=secret)
    if volume.fields:
        items = [_field(workload_name, path, field) for path, field in volume.fields.items()]
        return core.Volume(name=name, downwardAPI=core.DownwardAPIVolumeSource(items=items))
    medium = "Memory" if volume.memory else None
    return core.Volume(name=name, emptyDir=core.EmptyDirVolumeSource(medium=medium, sizeLimit=volume.size))


def _field(container: str, path: str, field: str) -> core.DownwardAPIVolumeFile:
    if field.startswith(("limits.", "requests.")):
        resource = core.ResourceFieldSelector(containerName=container, resource=field)
        return core.DownwardAPIVolumeFile(path=path, resourceFieldRef=resource)
    return core.DownwardAPIVolumeFile(path=path, fieldRef=core.ObjectFieldSelector(fieldPath=field))


def _mode(octal: str | None) -> int | None:
    return None if octal is None else int(octal, 8)
