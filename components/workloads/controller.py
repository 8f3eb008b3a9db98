"""The controller of a workload: Deployment, StatefulSet, DaemonSet, Job or CronJob."""

from __future__ import annotations

import hashlib
from typing import Any

from lightkube.models import apps_v1 as apps
from lightkube.models import batch_v1 as batch
from lightkube.models.core_v1 import (
    PersistentVolumeClaim,
    PodTemplateSpec,
)
from lightkube.models.meta_v1 import LabelSelector, ObjectMeta

from components.objects.manifest import Scope
from components.workloads.claim import claim_spec
from components.workloads.files import Files
from components.workloads.pod import pod_template
from envs.config.model.volume import Storage
from envs.config.model.workload import (
    CronJob,
    Daemon,
    Deployment,
    Finite,
    Job,
    Serving,
    Site,
    Stateful,
    Workload,
)
from kube.quantity import int_or_string
from kube.yaml.write import to_yaml

Controller = apps.Deployment | apps.StatefulSet | apps.DaemonSet | batch.Job | batch.CronJob


def controller(scope: Scope, name: str, workload: Workload, files: Files) -> Controller:
    """Make the controller for the kind of the workload."""
    template = pod_template(scope, name, workload, files)
    match workload:
        case Deployment() | Site():
            return _deployment(scope, name, workload, template)
        case Stateful():
            return _stateful_set(scope, name, workload, template)
        case Daemon():
            return _daemon_set(scope, name, template)
        case CronJob():
            return _cron_job(scope, name, workload, template)
        case Job():
            return _job(scope, name, workload, template)
    raise TypeError(f"no controller for {type(workload).__name__}")


def _replicas(workload: Serving) -> int | None:
    """Return the number of replicas; None under an autoscaler, whose number each apply would reset."""
    return None if workload.autoscale else workload.copies


def _deployment(
    scope: Scope, name: str, workload: Deployment | Site, template: PodTemplateSpec
) -> apps.Deployment:
    rollout = workload.rollout
    step = apps.RollingUpdateDeployment(
        maxSurge=int_or_string(rollout.surge), maxUnavailable=int_or_string(rollout.unavailable)
    )
    strategy = (
        apps.DeploymentStrategy(type="RollingUpdate", rollingUpdate=step)
        if rollout.strategy == "rolling"
        else apps.DeploymentStrategy(type="Recreate")
    )
    return apps.Deployment(
        apiVersion="apps/v1",
        kind="Deployment",
        metadata=scope.workload_metadata(name),
        spec=apps.DeploymentSpec(
            replicas=_replicas(workload),
            revisionHistoryLimit=5,
            selector=LabelSelector(matchLabels=scope.selector(name)),
            strategy=strategy,
            template=template,
        ),
    )


def _stateful_set(scope: Scope, name: str, workload: Stateful, template: PodTemplateSpec) -> apps.StatefulSet:
    return apps.StatefulSet(
        apiVersion="apps/v1",
        kind="StatefulSet",
        metadata=scope.workload_metadata(name),
        spec=apps.StatefulSetSpec(
            replicas=_replicas(workload),
            serviceName=name,
            selector=LabelSelector(matchLabels=scope.selector(name)),
            template=template,
            volumeClaimTemplates=[_claim(key, storage) for key, storage in workload.storage.items()] or None,
        ),
    )


def _daemon_set(scope: Scope, name: str, template: PodTemplateSpec) -> apps.DaemonSet:
    return apps.DaemonSet(
        apiVersion="apps/v1",
        kind="DaemonSet",
        metadata=scope.workload_metadata(name),
        spec=apps.DaemonSetSpec(selector=LabelSelector(matchLabels=scope.selector(name)), template=template),
    )


def _cron_job(scope: Scope, name: str, workload: CronJob, template: PodTemplateSpec) -> batch.CronJob:
    return batch.CronJob(
        apiVersion="batch/v1",
        kind="CronJob",
        metadata=scope.workload_metadata(name),
        spec=batch.CronJobSpec(
            schedule=workload.schedule,
            timeZone=workload.time_zone,
            concurrencyPolicy=workload.concurrency,
            startingDeadlineSeconds=workload.late,
            successfulJobsHistoryLimit=3,
            failedJobsHistoryLimit=3,
            suspend=workload.suspend,
            jobTemplate=batch.JobTemplateSpec(
                metadata=ObjectMeta(labels={**scope.labels, **scope.selector(name)}),
                spec=_job_spec(workload, template, keep=workload.keep),
            ),
        ),
    )


def _job(scope: Scope, name: str, workload: Job, template: PodTemplateSpec) -> batch.Job:
    # Not deleted when it has finished, or the next sync with Git would run it again.
    return batch.Job(
        apiVersion="batch/v1",
        kind="Job",
        metadata=scope.workload_metadata(name),
        spec=_job_spec(workload, template, keep=None),
    )


def versioned(item: dict[str, Any]) -> dict[str, Any]:
    """Add a hash of its content to the name of a Job: its pod template is immutable, so a new version is a new Job.

    Source: https://kubernetes.io/docs/concepts/workloads/controllers/job/
    """
    if item["kind"] != "Job":
        return item
    digest = hashlib.sha256(to_yaml(item["spec"]).encode()).hexdigest()[:10]
    metadata = item["metadata"]
    return {**item, "metadata": {**metadata, "name": f"{metadata['name']}-{digest}"}}


def _job_spec(workload: Finite, template: PodTemplateSpec, keep: int | None) -> batch.JobSpec:
    return batch.JobSpec(
        activeDeadlineSeconds=workload.deadline,
        backoffLimit=workload.retries,
        completions=workload.completions,
        parallelism=workload.parallelism,
        ttlSecondsAfterFinished=keep,
        template=template,
    )


def _claim(name: str, storage: Storage) -> PersistentVolumeClaim:
    return PersistentVolumeClaim(metadata=ObjectMeta(name=name), spec=claim_spec(storage))
