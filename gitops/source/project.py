"""Checks an application and its objects against the rules of its project."""

from __future__ import annotations

from collections.abc import Iterable

from gitops.globs import any_matches
from gitops.objects import DesiredObject, Key
from gitops.settings import RESERVED_PREFIX, Application, Project
from kube.yaml.faults import Fault


def refused_application(application: Application, project: Project) -> str | None:
    """Yield why the project does not allow an application, before anything is fetched."""
    name, repository = application.project, application.source.repository
    if not any_matches(project.repositories, repository):
        rule = f"the repository {repository}: repositories are {_list(project.repositories)}"
        return f"project {name} does not allow {rule}"
    if not any_matches(project.namespaces, application.namespace):
        rule = f"the namespace {application.namespace}: namespaces are {_list(project.namespaces)}"
        return f"project {name} does not allow {rule}"
    return None


def refused_objects(
    manifests: Iterable[DesiredObject], name: str, project: Project, home: str = ""
) -> list[Fault]:
    """Name each object outside the project and the rule that keeps it out; `home` holds the job's own records.

    A cluster-scoped object has no namespace; a Namespace counts as the namespace that it creates.
    """
    faults = []
    for manifest in manifests:
        key = manifest.key
        namespace = key.name if key.qualified_kind == "Namespace" else key.namespace
        if key.qualified_kind == "Secret" or not any_matches(project.kinds, key.qualified_kind):
            rule = f"does not allow the kind {key.qualified_kind}: kinds are {_list(project.kinds)}"
        elif namespace and (namespace == home or namespace.startswith(RESERVED_PREFIX)):
            rule = f"cannot allow the namespace {namespace}: it belongs to the job or to Kubernetes"
        elif namespace and not any_matches(project.namespaces, namespace):
            rule = f"does not allow the namespace {namespace}: namespaces are {_list(project.namespaces)}"
        else:
            continue
        faults.append(Fault(manifest.origin, "", f"{key}: project {name} {rule}"))
    return faults


def permits(key: Key, project: Project) -> bool:
    """Tell whether a project allows an object, by its kind and the namespace that it is in or is."""
    namespace = key.name if key.qualified_kind == "Namespace" else key.namespace
    return any_matches(project.kinds, key.qualified_kind) and (
        not namespace or any_matches(project.namespaces, namespace)
    )


def _list(patterns: tuple[str, ...]) -> str:
    return ", ".join(patterns) or "none"
