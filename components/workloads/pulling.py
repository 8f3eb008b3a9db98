"""When the node fetches the image of a container: again where its tag may name another one by now."""

from __future__ import annotations

from envs.config.model.environment import Environment
from kube.image import parse_image, parse_repository

PINNED = "images-are-pinned"  # the rule that a test environment may relax, see docs/policies.md


def pull_policy(environment: Environment, said: str | None, image: str | None) -> str:
    """Choose what the layers say, else Always for an image that may move, since a node keeps what it has.

    An image with a digest never moves; others may where a test environment relaxes the rule on tags, for all of
    them or for their repository.
    Source: https://kubernetes.io/docs/concepts/containers/images/#imagepullpolicy-defaulting
    """
    if said is not None:
        return said
    return "Always" if image is not None and _may_move(environment, image) else "IfNotPresent"


def _may_move(environment: Environment, image: str) -> bool:
    if environment.tier != "test":
        return False
    parsed = parse_image(image)
    policies = environment.policies
    is_exempt = policies.levels.get(PINNED) == "advisory" or any(
        exemption.rule == PINNED
        and exemption.repository is not None
        and parse_repository(exemption.repository) == parsed.repository
        for exemption in policies.exemptions.values()
    )
    return is_exempt and parsed.digest is None
