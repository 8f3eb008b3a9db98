"""The GitOps job of an environment: a CronJob that may change what it applies, and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from lightkube.models import batch_v1 as batch
from lightkube.models import core_v1 as core
from lightkube.models.meta_v1 import LabelSelector, ObjectMeta
from lightkube.models.networking_v1 import NetworkPolicyEgressRule, NetworkPolicyPort, NetworkPolicySpec

from components.fence.namespace import namespace
from components.fence.network import blocks, network, peer, policy
from components.job.alerts import alerts
from components.job.repositories import (
    CREDENTIALS,
    FOLDER,
    credentials_of,
    git_ports,
    port_of,
    signer_files,
)
from components.job.settings import SETTINGS, Kinds, settings
from components.job.watched import watched
from components.objects.manifest import Scope
from envs.config.model.app import App
from envs.config.model.environment import Environment
from envs.config.model.gitops import GitOps
from envs.config.model.resources import complete
from envs.config.model.sync import Notify, Pushgateway
from kube.labels import PREFIX
from kube.yaml.write import to_yaml

NAME = "gitops"
ACCOUNT = "gitops-serviceaccount"
SPREAD = 60  # seconds over which jobs start, so that those of several environments do not ask Git at once
_USER = 65532


def gitops(
    environment: Environment, kinds: Kinds, others: Sequence[str], policies: Mapping[str, Any]
) -> Iterator[Any]:
    """Make the job and its namespace.

    `kinds` says what each pulled app consists of, `others` which kinds there are beside the built-in ones, and
    `policies` what its rules know.
    """
    job = environment.gitops
    if job is None or not environment.pulled():
        return
    scope = job_scope(environment)
    yield from namespace(scope)
    yield from network(scope)
    yield policy(scope, "allow-git", _egress(_git_peers(environment, job), git_ports(environment, job)))
    if environment.cluster.api_server is not None:
        api = environment.cluster.api_server
        yield policy(scope, "allow-api-server", _egress(blocks(api.addresses, []), [api.port]))
    if job.pushgateway is not None:
        gateway = job.pushgateway
        port = gateway.port or port_of(gateway.url)
        yield policy(scope, "allow-pushgateway", _to(environment, gateway, port))
    if job.notify is not None:
        yield policy(scope, "allow-webhook", _to(environment, job.notify, job.notify.port))
    yield core.ServiceAccount(
        apiVersion="v1",
        kind="ServiceAccount",
        metadata=scope.metadata(ACCOUNT),
        automountServiceAccountToken=False,
    )
    described = settings(environment, job, kinds, policies, watched(environment, job, others))
    files = {SETTINGS: to_yaml(described), **_signers(environment)}
    yield core.ConfigMap(apiVersion="v1", kind="ConfigMap", metadata=scope.metadata("settings"), data=files)
    yield _cron_job(scope, job, "".join(files.values()))
    yield from alerts(scope, job)


def job_scope(environment: Environment) -> Scope:
    """Treat the job as an app, so that its namespace is fenced like all others."""
    return Scope(environment, NAME, App())


def delay(environment: str) -> int:
    """Seconds that the job of an environment waits before it starts; constant, and spread over a minute."""
    return int.from_bytes(hashlib.sha256(environment.encode()).digest()[:4], "big") % SPREAD


def _signers(environment: Environment) -> dict[str, str]:
    """Write the files of signers, which are public keys and need no Secret."""
    return {file.name: file.content for files in signer_files(environment).values() for file in files}


def _to(environment: Environment, place: Pushgateway | Notify, port: int) -> NetworkPolicySpec:
    if place.pods is not None:
        peers = [peer(place.pods)]
    else:
        peers = blocks(place.addresses, environment.cluster.metadata or ())
    return _egress(peers, [port])


def _git_peers(environment: Environment, job: GitOps) -> list[Any]:
    if job.git.pods is not None:
        return [peer(job.git.pods)]
    return blocks(job.git.addresses, environment.cluster.metadata or ())


def _egress(peers: Sequence[Any], numbers: Sequence[int]) -> NetworkPolicySpec:
    ports = [NetworkPolicyPort(port=number, protocol="TCP") for number in numbers]
    rule = NetworkPolicyEgressRule(to=list(peers), ports=ports)
    return NetworkPolicySpec(podSelector=LabelSelector(), policyTypes=["Egress"], egress=[rule])


def _cron_job(scope: Scope, job: GitOps, settings_text: str) -> batch.CronJob:
    return batch.CronJob(
        apiVersion="batch/v1",
        kind="CronJob",
        metadata=scope.workload_metadata(NAME),
        spec=batch.CronJobSpec(
            schedule=job.schedule,
            timeZone="Etc/UTC",
            suspend=job.suspend,
            concurrencyPolicy="Forbid",
            startingDeadlineSeconds=120,
            successfulJobsHistoryLimit=3,
            failedJobsHistoryLimit=5,
            jobTemplate=batch.JobTemplateSpec(
                metadata=ObjectMeta(labels={**scope.labels, **scope.selector(NAME)}),
                spec=batch.JobSpec(
                    activeDeadlineSeconds=job.deadline + SPREAD,
                    backoffLimit=0,  # the next run is the retry
                    ttlSecondsAfterFinished=86_400,
                    template=_pod_template(scope, job, settings_text),
                ),
            ),
        ),
    )


def _pod_template(scope: Scope, job: GitOps, settings_text: str) -> core.PodTemplateSpec:
    digest = hashlib.sha256(settings_text.encode()).hexdigest()[:16]
    return core.PodTemplateSpec(
        metadata=ObjectMeta(
            labels={**scope.labels, **scope.selector(NAME)},
            annotations={
                f"{PREFIX}/content-hash": digest,
                f"{PREFIX}/needs-token": "it applies what Git holds",
            },
        ),
        spec=core.PodSpec(
            serviceAccountName=ACCOUNT,
            automountServiceAccountToken=True,  # the one pod of the environment that talks to the API server
            enableServiceLinks=False,
            restartPolicy="Never",
            securityContext=core.PodSecurityContext(
                runAsNonRoot=True,
                runAsUser=_USER,
                runAsGroup=_USER,
                fsGroup=_USER,
                seccompProfile=core.SeccompProfile(type="RuntimeDefault"),
            ),
            containers=[_container(scope, job)],
            volumes=[
                core.Volume(name="settings", configMap=core.ConfigMapVolumeSource(name="settings")),
                core.Volume(name="work", emptyDir=core.EmptyDirVolumeSource(sizeLimit="1Gi")),
                *(
                    _credentials_volume(number, secret, optional=optional)
                    for number, (secret, optional) in enumerate(_secrets(scope.environment).items())
                ),
            ],
        ),
    )


def _container(scope: Scope, job: GitOps) -> core.Container:
    resources = complete(job.resources, None)
    wait = str(delay(scope.environment.name))
    return core.Container(
        name=NAME,
        image=job.image,
        imagePullPolicy="IfNotPresent",
        command=["python", "-m", "gitops"],
        args=["sync", "--settings", f"{FOLDER}/{SETTINGS}", *_log(job), "--delay", wait],
        resources=core.ResourceRequirements(
            requests={"cpu": resources.cpu, "memory": resources.memory},
            limits={"memory": resources.memory_limit},
        ),
        securityContext=core.SecurityContext(
            allowPrivilegeEscalation=False,
            capabilities=core.Capabilities(drop=["ALL"]),
            readOnlyRootFilesystem=True,
            runAsNonRoot=True,
        ),
        volumeMounts=[
            core.VolumeMount(name="settings", mountPath=FOLDER, readOnly=True),
            core.VolumeMount(name="work", mountPath="/tmp"),  # noqa: S108 the pod's own empty folder
            *(
                core.VolumeMount(
                    name=f"credentials-{number}", mountPath=f"{CREDENTIALS}/{secret}", readOnly=True
                )
                for number, secret in enumerate(_secrets(scope.environment))
            ),
        ],
    )


def _log(job: GitOps) -> list[str]:
    return [] if job.log == "text" else ["--format", job.log]


def _secrets(environment: Environment) -> dict[str, bool]:
    """Name the Secrets of the job, and whether it runs without: a webhook that is not set up stops nothing."""
    job = environment.gitops
    notify = {job.notify.secret: True} if job is not None and job.notify is not None else {}
    credentials = {each.secret: False for each in credentials_of(environment).values()}
    return dict(sorted({**notify, **credentials}.items()))


def _credentials_volume(number: int, secret: str, *, optional: bool) -> core.Volume:
    # Numbered, since a Secret may have a dot in its name and a volume may not.
    # 0440 and the pod's group: ssh refuses a key that others can read.
    source = core.SecretVolumeSource(secretName=secret, defaultMode=0o440, optional=optional or None)
    return core.Volume(name=f"credentials-{number}", secret=source)
