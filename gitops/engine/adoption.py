"""Decides whether an object that exists may become the application's, and names who made it if not."""

from __future__ import annotations

from dataclasses import dataclass

from gitops.cluster.inventory import Record
from gitops.engine import managed_fields
from gitops.globs import matches
from gitops.objects import Body, Key, annotations_of, labels_of, owner
from gitops.settings import Options
from kube.labels import PREFIX

ADVICE = "`adopt: listed` and its kind and name below `adoptable`"
ENVIRONMENT_LABEL = f"{PREFIX}/environment"  # of all objects that components make
_MADE_BY = "app.kubernetes.io/managed-by"  # kubernetes.io/docs, Recommended Labels
_HELM_RELEASE = "meta.helm.sh/release-name"  # helm.sh/docs, Adopting existing resources
_HELM_MANAGERS = ("helm",)
_KAPP_LABEL, _KAPP_MARK = "kapp.k14s.io/app", "kapp.k14s.io/identity"  # carvel.dev/kapp, State namespace
# Field managers of the resource kubernetes_manifest, and of all other resources by their User-Agent.
_TERRAFORM_MANAGERS = ("Terraform", "HashiCorp", "OpenTofu")
# Kubernetes makes it in each namespace, so that nobody loses it.
_NOBODYS = {("", "ServiceAccount", "default")}


@dataclass(frozen=True)
class Rules:
    """Whose objects are ours, and which others may become ours."""

    environment: str
    options: Options
    advice: str = ADVICE  # how somebody has an object taken over


def refusal(key: Key, live: Body, record: Record | None, rules: Rules) -> str:
    """Say why a live object is not taken, or nothing: it is ours, or the settings allow it.

    Ours is what bears a mark of this environment, and what the inventory holds unless another tool has made it anew.
    """
    if _marked(live, rules.environment) or (key.group, key.kind, key.name) in _NOBODYS:
        return ""
    tool = made_by(live)
    if record is not None and record.uid and (record.uid == live["metadata"]["uid"] or not tool):
        return ""
    if controller := _controller(live):
        return f"belongs to {controller}, its owner reference says; rename it in Git"
    if _allowed(key, rules.options):
        return ""
    made = f"was made by {tool}" if tool else "was not made by this job"
    return f"exists and {made}; delete it, rename it in Git, or have it taken over: {rules.advice}"


def _marked(live: Body, environment: str) -> bool:
    """Tell whether an object was applied, or at least rendered, for this environment."""
    rendered = labels_of(live).get(ENVIRONMENT_LABEL) == environment and not _controller(live)
    return rendered or owner(live).partition(".")[0] == environment


def _allowed(key: Key, options: Options) -> bool:
    if options.adopt == "listed":
        return any(
            (matches(each.kind, key.kind) or matches(each.kind, key.qualified_kind))
            and matches(each.name, key.name)
            for each in options.adoptable
        )
    return options.adopt == "all"


def made_by(live: Body) -> str:
    """Name the tool or the controller that has made an object; empty when there is no sign of one."""
    labels, annotations = labels_of(live), annotations_of(live)
    managers = {str(entry.get("manager", "")) for entry in managed_fields.entries(live)}
    label = labels.get(_MADE_BY, "").lower()
    if _HELM_RELEASE in annotations or label == "helm" or managers & set(_HELM_MANAGERS):
        return f"Helm (release {annotations.get(_HELM_RELEASE, 'unknown')})"
    if _KAPP_LABEL in labels or _KAPP_MARK in annotations or "kapp" in managers:
        return "kapp"
    if label in {"terraform", "opentofu"} or managers & set(_TERRAFORM_MANAGERS):
        return "Terraform"
    return _controller(live)


def _controller(live: Body) -> str:
    """Name the object that controls this one."""
    for reference in live["metadata"].get("ownerReferences") or ():
        if reference.get("controller"):
            return f"{reference.get('kind')}/{reference.get('name')}"
    return ""
