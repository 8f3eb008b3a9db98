"""Alerts on the metrics of the GitOps job, as a PrometheusRule of the Prometheus Operator."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.resources import files
from typing import Any

import yaml

from components.objects.manifest import Scope, plain
from envs.config.model.gitops import GitOps

RULES = "alerts.yaml"
_ALL = 'environment=~".+"'  # in each expression of the rules


def rules() -> dict[str, Any]:
    """Read the rules for all environments."""
    found: dict[str, Any] = yaml.safe_load(
        files("components.job").joinpath(RULES).read_text(encoding="utf-8")
    )
    return found


def alerts(scope: Scope, job: GitOps) -> Iterator[dict[str, Any]]:
    """Make the rules for the environment; source: prometheus-operator.dev/docs/api-reference/api, PrometheusRule."""
    if job.alerts is None:
        return
    groups = [
        group | {"rules": [_rule(rule, scope.environment.name, job) for rule in group["rules"]]}
        for group in rules()["groups"]
    ]
    yield {
        "apiVersion": "monitoring.coreos.com/v1",
        "kind": "PrometheusRule",
        "metadata": plain(scope.metadata("gitops", labels=job.alerts.labels)),
        "spec": {"groups": groups},
    }


def _rule(rule: dict[str, Any], environment: str, job: GitOps) -> dict[str, Any]:
    annotations = dict(rule["annotations"])
    if job.alerts is not None and job.alerts.runbook is not None:
        annotations["runbook_url"] = f"{job.alerts.runbook}#{rule['alert'].lower()}"
    expression = rule["expr"].replace(_ALL, f'environment="{environment}"')
    return rule | {"expr": expression, "annotations": annotations}
