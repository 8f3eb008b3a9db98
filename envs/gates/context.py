"""An environment in, what the policies must know of it out."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from envs.config.model.environment import Environment
from envs.config.model.policies import Exemption as DeclaredExemption
from kube.image import parse_repository
from kube.yaml.origin import origin_of
from policies.context import Context, Exemption, Level, Tier
from policies.tags import Shape


def context(environment: Environment, names: Iterable[str], today: date) -> Context:
    """Say what rules need to know beside the objects; `names` are those of all environments."""
    policies = environment.policies
    return Context(
        environment=environment.name,
        tier=Tier(environment.tier),
        today=today,
        exemptions=tuple(map(exemption, policies.exemptions.values())),
        shapes=shapes(environment),
        environments=frozenset(names),
        registries=policies.registries,
        require_digests=policies.require_digests,
        levels={rule: Level(level) for rule, level in policies.levels.items()},
        pod_networks=environment.cluster.pod_networks,
    )


def shapes(environment: Environment) -> dict[str, Shape]:
    """Read the shapes of versions that an environment declares, by repository in full."""
    return {parse_repository(key): Shape(versions.tags) for key, versions in environment.images.items()}


def exemption(model: DeclaredExemption) -> Exemption:
    """Read one exemption of a layer."""
    origin = origin_of(model.until)
    return Exemption(
        rule=model.rule,
        reason=model.because,
        expires=date.fromisoformat(model.until),
        object=model.object,
        repository=parse_repository(model.repository) if model.repository else None,
        origin=str(origin) if origin else None,
    )
