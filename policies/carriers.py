"""Finds every pod that an object would start; all rules about pods use it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from policies.embedded import embedded
from policies.pods import Pod, builtin_pod
from policies.subject import Subject

# Controllers that fetch what they install: by group, kind and the field that names the source. A chart of Helm or a
# folder of Git holds images that are in no object here.
INSTALLERS: Mapping[tuple[str, str], str] = {
    ("helm.toolkit.fluxcd.io", "HelmRelease"): "spec.chart",
    ("kustomize.toolkit.fluxcd.io", "Kustomization"): "spec.sourceRef",
    ("fluxcd.controlplane.io", "ResourceSet"): "spec.resources",
    ("fluxcd.controlplane.io", "FluxInstance"): "spec.distribution",
    ("argoproj.io", "Application"): "spec.source",
    ("argoproj.io", "ApplicationSet"): "spec.template",
    ("helm.sh", "Release"): "chart",
    ("helm.cattle.io", "HelmChart"): "spec.chart",
    ("helm.crossplane.io", "Release"): "spec.forProvider.chart",
    ("fleet.cattle.io", "GitRepo"): "spec.repo",
    ("fleet.cattle.io", "Bundle"): "spec.resources",
    ("kappctrl.k14s.io", "App"): "spec.fetch",
    ("packaging.carvel.dev", "PackageInstall"): "spec.packageRef",
    ("operators.coreos.com", "Subscription"): "spec.name",
    ("operators.coreos.com", "CatalogSource"): "spec.image",
    ("olm.operatorframework.io", "ClusterExtension"): "spec.source",
    ("pkg.crossplane.io", "Provider"): "spec.package",
    ("pkg.crossplane.io", "Function"): "spec.package",
    ("pkg.crossplane.io", "Configuration"): "spec.package",
    ("addons.cluster.x-k8s.io", "HelmChartProxy"): "spec.chartName",
    ("pulumi.com", "Stack"): "spec.projectRepo",
}


def pods(subject: Subject) -> list[Pod]:
    """Return every pod that the object is, controls, embeds or has another controller install."""
    builtin = builtin_pod(subject)
    if builtin is not None:
        return [builtin]
    if subject.builtin:
        return []
    found = list(embedded(subject))
    if installed := INSTALLERS.get((subject.group, subject.kind)):
        found.append(Pod({}, {}, installed, "", partial=True, installs=subject.kind))
    return [replace(pod, partial=True) for pod in found] if subject.partial else found
