"""An environment and its cluster in, what is there and not as the layers say out; needs rights to read only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from components.job.watched import watched_kinds, watched_scopes
from components.objects.manifest import Manifest
from components.stack.delivery import pushed
from envs.config.model.environment import Environment
from gitops.direct import LiveEnvironment
from gitops.engine.account import Scope
from gitops.engine.observe import Listed, observe
from gitops.report.account import Account
from gitops.settings import Expected


def foreign_of(
    environment: LiveEnvironment,
    model: Environment,
    manifests: Sequence[Manifest],
    listed: Listed | None = None,
) -> Account:
    """Find foreign objects in the namespaces of an environment; raises GitOpsError.

    `listed` are objects that were read before.
    """
    pulled = {name: app.source.kinds for name, app in model.pulled().items() if app.source is not None}
    namespaces = tuple(scope.namespace for scope in watched_scopes(model))
    scope = Scope(namespaces, watched_kinds(manifests, pulled))
    expected = tuple(
        Expected(kind=each.kind, name=each.name, because=each.because) for each in model.foreign.values()
    )
    return environment.account(scope, [each.object for each in manifests], expected, listed)


def compare(environment: LiveEnvironment, model: Environment, manifests: Sequence[Manifest]) -> Account:
    """Compare what is pushed with the cluster, as the job does, and find foreign objects; raises GitOpsError."""
    environment.check()
    seen = observe(environment.cluster, [each.object for each in pushed(model, manifests)])
    found = foreign_of(environment, model, manifests, seen.listed)
    unseen = tuple(dict.fromkeys([*seen.unseen, *found.unseen]))
    return replace(found, drift=seen.drifted, unseen=unseen)
