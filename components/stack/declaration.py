"""Declares an environment to the policy pack, by the inputs of a component that is registered first."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from envs.config.model.environment import Environment


def declaration(environment: Environment, names: Iterable[str]) -> dict[str, Any]:
    """Describe an environment to the pack; `names` are those of all environments, which are moving tags."""
    policies = environment.policies
    return {
        "environment": environment.name,
        "tier": environment.tier,
        "environments": sorted(names),
        "images": {repository: versions.tags for repository, versions in environment.images.items()},
        "registries": list(policies.registries),
        "requireDigests": policies.require_digests,
        "levels": dict(policies.levels),
        "podNetworks": list(environment.cluster.pod_networks or ()),
        "exemptions": [
            {
                "rule": exemption.rule,
                "because": exemption.because,
                "expires": exemption.until,
                **({"object": exemption.object} if exemption.object else {}),
                **({"repository": exemption.repository} if exemption.repository else {}),
            }
            for exemption in policies.exemptions.values()
        ],
    }
