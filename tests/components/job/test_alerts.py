"""Alerts: each rests on metrics that the job sends, has an entry in the runbook, and can be asked for in layers."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from components.job.alerts import rules
from envs.config.reading.faults import ConfigurationError
from gitops.cluster.health import Health
from gitops.report.account import Account
from gitops.report.metrics import Measured, page
from gitops.report.outcome import Outcome, Sync
from gitops.settings import parse
from tests.components.job.test_job import APPS, JOB
from tests.components.rendering import render_text
from tests.tree import TREE

GATEWAY = "  pushgateway: {url: http://pushgateway.monitoring:9091, pods: {namespace: monitoring}}\n"
METRIC = re.compile(r"\bgitops_[a-z_]+")


def exported() -> set[str]:
    """Return the names of all metrics of a run."""
    settings = parse("{environment: qa, applications: {}}", "settings.yaml")
    now = datetime(2026, 11, 21, tzinfo=UTC)
    counted = {"healths": {"Healthy": 1}, "account": Account(("shop-qa",))}
    outcome = Outcome("app", Sync.IN_SYNC, Health.HEALTHY, objects=1, **counted)  # type: ignore[arg-type]
    text = page(settings, Measured(now, 1.0, [outcome], successes={"app": "2026-11-21T00:00:00Z"}))
    return {line.split("{")[0].split(" ")[0] for line in text.splitlines() if not line.startswith("#")}


def runbook() -> str:
    return (TREE / "docs/runbook.md").read_text(encoding="utf-8")


RULES = {rule["alert"]: rule for group in rules()["groups"] for rule in group["rules"]}


@pytest.mark.parametrize("name", sorted(RULES))
def test_an_alert_rests_on_metrics_that_are_sent_and_has_an_entry_in_the_runbook(name: str) -> None:
    used = set(METRIC.findall(RULES[name]["expr"]))
    assert used
    assert used <= exported()
    assert f"\n## {name}\n" in runbook()
    assert {"summary", "description"} <= RULES[name]["annotations"].keys()
    assert RULES[name]["labels"]["severity"] in {"warning", "critical"}


def test_the_runbook_has_each_metric_and_no_other() -> None:
    table = "\n".join(line for line in runbook().splitlines() if line.startswith("| `gitops_"))
    assert set(METRIC.findall(table)) == exported()
    assert set(re.findall(r"^## (\w+)$", runbook(), re.MULTILINE)) == set(RULES)


def test_each_query_of_the_dashboard_names_a_metric_that_is_sent_and_all_are_shown() -> None:
    dashboard = json.loads((TREE / "components/job/dashboard.json").read_text(encoding="utf-8"))
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    queries = [target["expr"] for panel in panels for target in panel["targets"]]
    queries += [each["definition"] for each in dashboard["templating"]["list"] if each["type"] == "query"]
    for query in queries:
        assert METRIC.findall(query), query
    used = {name for query in queries for name in METRIC.findall(query)}
    assert used <= exported()
    assert exported() - used == {"gitops_last_run_success"}  # the exit codes say more
    chosen = {f"${each['name']}" for each in dashboard["templating"]["list"]}
    assert {name for query in queries for name in re.findall(r"\$\w+", query)} <= chosen


def test_layers_ask_for_the_rules_of_one_environment(tmp_path: Path) -> None:
    """Each metric is that of the environment, so that two environments do not report each other."""
    asked = "  alerts: {labels: {release: prometheus}, runbook: https://wiki.example.com/gitops}\n"
    rule = render_text(tmp_path, JOB + GATEWAY + asked + APPS)["PrometheusRule/gitops-qa/gitops"]
    assert rule["metadata"]["labels"]["release"] == "prometheus"
    (group,) = rule["spec"]["groups"]
    assert [each["alert"] for each in group["rules"]] == list(RULES)
    for each in group["rules"]:
        metrics = METRIC.findall(each["expr"])
        assert len(metrics) == each["expr"].count('{environment="qa"')
        assert (
            each["annotations"]["runbook_url"] == f"https://wiki.example.com/gitops#{each['alert'].lower()}"
        )


def test_alerts_without_metrics_are_a_fault(tmp_path: Path) -> None:
    with pytest.raises(
        ConfigurationError, match="has alerts and no metrics; set pushgateway, or remove alerts"
    ):
        render_text(tmp_path, JOB + "  alerts: {}\n" + APPS)
