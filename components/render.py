"""An environment in, all its manifests out: the one list that is reviewed, judged, pushed and pulled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from components.access import access, accounts
from components.admission import admission
from components.errors import ComponentError
from components.escape import verbatim
from components.files import Contents
from components.gitops import gitops
from components.gitops_access import gitops_access
from components.gitops_settings import Kinds
from components.kinds import group_kind
from components.manifest import Manifest, Part, Scope, ordered, plain
from components.namespace import namespace
from components.network import network
from components.workload import workload
from environments.faults import ConfigurationError, Fault
from environments.load import Configuration
from environments.model import Environment
from environments.validate import place


def render(environment: Environment, contents: Contents) -> tuple[Manifest, ...]:
    """Make all objects of an environment; same input, same output.

    Raises ComponentError for what makes no sound object, such as a template that does not render.
    """
    manifests: list[Manifest] = []
    for name, app in environment.apps.items():
        scope = Scope(environment, name, app)
        manifests += _fence(scope)
        manifests += _workloads(scope, contents)
    manifests += _job(environment, _kinds(environment, manifests))
    manifests += (
        Manifest(item, Part.FENCE, "", ("policies",), "components/admission.py")
        for item in admission(environment)
    )
    _check_unique(manifests)
    return tuple(manifests)


def render_environment(configuration: Configuration, name: str) -> tuple[Manifest, ...]:
    """Make all objects of the environment `name`; raises ConfigurationError that points into the layers."""
    environment = configuration.environment(name)
    try:
        return render(environment, configuration.contents)
    except ComponentError as error:
        origin = place(configuration.trees[name], error.path)
        raise ConfigurationError([Fault(origin, ".".join(error.path), error.message)]) from error


def _fence(scope: Scope) -> Iterator[Manifest]:
    path = ("apps", scope.name)
    team = scope.environment.teams.get(scope.app.team) if scope.app.team else None
    for maker, objects in (
        ("components/namespace.py", namespace(scope)),
        ("components/access.py", access(scope, team)),
        ("components/access.py", accounts(scope)),
        ("components/network.py", network(scope)),
    ):
        for item in objects:
            yield Manifest(plain(item), Part.FENCE, scope.name, path, maker)


def _workloads(scope: Scope, contents: Contents) -> Iterator[Manifest]:
    for name, model in scope.app.workloads.items():
        path = ("apps", scope.name, "workloads", name)
        for maker, item in workload(scope, name, model, contents):
            yield Manifest(item, Part.WORKLOAD, scope.name, path, maker)
    for key, item in verbatim(scope):
        path = ("apps", scope.name, "manifests", key)
        yield Manifest(ordered(item), Part.WORKLOAD, scope.name, path, "components/escape.py")


def _job(environment: Environment, kinds: Kinds) -> Iterator[Manifest]:
    for maker, objects in (
        ("components/gitops.py", gitops(environment, kinds)),
        ("components/gitops_access.py", gitops_access(environment, kinds)),
    ):
        for item in objects:
            yield Manifest(plain(item), Part.FENCE, "", ("gitops",), maker)


def _kinds(environment: Environment, manifests: list[Manifest]) -> Kinds:
    """Kinds that the job delivers to each pulled app."""
    kinds: dict[str, set[str]] = defaultdict(set)
    for manifest in manifests:
        if manifest.part is Part.WORKLOAD:
            kinds[manifest.app].add(group_kind(manifest.object["apiVersion"], manifest.kind))
    return {
        name: sorted(app.source.kinds if app.source else kinds[name])
        for name, app in environment.pulled().items()
    }


def _check_unique(manifests: list[Manifest]) -> None:
    seen: dict[str, Manifest] = {}
    for manifest in manifests:
        if manifest.id in seen:
            owner = ".".join(seen[manifest.id].source)
            raise ComponentError(
                manifest.source, f"{manifest.id} is made by {owner} already; rename one of them"
            )
        seen[manifest.id] = manifest
